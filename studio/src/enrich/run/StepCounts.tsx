// What became of the questions of each provider, in order: a bar of outcomes, the numbers, the cost.
import { Paper, Stack, Text, Title } from "@mantine/core";
import { count, money, percent } from "../../kit/format";
import type { Run, RunStep } from "../model";
import classes from "./run.module.css";

const OUTCOMES = [
  { name: "found", label: "found" },
  { name: "empty", label: "nothing there" },
  { name: "skipped", label: "skipped" },
  { name: "failed", label: "failed" },
  { name: "left", label: "not asked" },
] as const;

export function StepCounts({ run }: { run: Run }) {
  return (
    <section aria-label="Providers">
      <Title order={2} mb="sm">
        Providers, in order
      </Title>
      <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: "none" }}>
        {run.providers.map((step) => (
          <OneStep key={step.step} step={step} />
        ))}
      </Stack>
    </section>
  );
}

function OneStep({ step }: { step: RunStep }) {
  const { counts } = step;
  const all = Math.max(counts.inputs, 1);
  const answered = counts.found + counts.empty;
  return (
    <Paper component="li" withBorder p="sm">
      <div className={classes.step}>
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={600}>
            {step.step + 1}. {step.title}
          </Text>
          <Text size="xs" c="dimmed" className="truncate">
            {Object.values(step.inputs).join(", ")} → {Object.values(step.outputs).join(", ")}
          </Text>
        </div>
        <div>
          <div className={classes.outcomes} aria-hidden>
            {OUTCOMES.map(({ name }) => counts[name] > 0 && <span key={name} data-outcome={name} style={{ width: `${(100 * counts[name]) / all}%` }} />)}
          </div>
          <dl className={classes.legend}>
            {OUTCOMES.filter(({ name }) => counts[name] > 0 || name === "found").map(({ name, label }) => (
              <div key={name}>
                <dt>
                  <span data-outcome={name} aria-hidden /> {label}
                </dt>
                <dd>{count(counts[name])}</dd>
              </div>
            ))}
          </dl>
        </div>
        <dl className={classes.facts}>
          <div>
            <dt>Questions</dt>
            <dd>
              {count(counts.done)} of {count(counts.inputs)}
            </dd>
          </div>
          <div>
            <dt>Asked</dt>
            <dd>{count(counts.asked)}</dd>
          </div>
          <div>
            <dt>From the cache</dt>
            <dd>{count(counts.cached)}</dd>
          </div>
          <div>
            <dt>Coverage</dt>
            <dd>{answered === 0 ? "–" : percent(counts.found, answered)}</dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd>{money(counts.cost)}</dd>
          </div>
        </dl>
      </div>
    </Paper>
  );
}
