// Step 2: who is asked, in which order. The first acceptable value stays.
import { Button, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { ArrowLeft, ArrowRight, Users } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { EmptyState } from "../../kit/EmptyState";
import { plural } from "../../kit/format";
import { StepFooter } from "../../kit/StepFooter";
import { useReorder } from "../../kit/useReorder";
import { AddProvider } from "./AddProvider";
import classes from "./wizard.module.css";
import { nextId, stepOf } from "./draft";
import { waterfalls } from "./plan";
import type { Planning } from "./planning";
import { ProviderCard } from "./ProviderCard";
import type { PlannedStep } from "./usePlannedSteps";

const titleOf = (step: PlannedStep) => step.source?.title ?? step.provider;

export function ProvidersStep({ planning }: { planning: Planning }) {
  const { steps, setSteps, names, address, mistakes } = planning;
  const [said, setSaid] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const move = (from: number, to: number) => {
    const moved = [...steps];
    const [step] = moved.splice(from, 1);
    if (step === undefined || to < 0 || to > moved.length) return;
    moved.splice(to, 0, step);
    setSteps(moved);
    setSaid(`“${titleOf(step)}” is now asked as number ${to + 1} of ${steps.length}.`);
  };
  const reorder = useReorder(move);
  useEffect(() => {
    // A line that changes its place loses the focus; the button that moved it gets it back.
    if (focusNext.current === null) return;
    list.current?.querySelector<HTMLElement>(focusNext.current)?.focus();
    focusNext.current = null;
  }, [steps]);
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Title order={2}>Who is asked</Title>
        <Text c="dimmed" size="sm">
          Asked in this order, the first acceptable value stays: whoever comes later is asked only about rows that are still empty.
        </Text>
      </Stack>
      {steps.length === 0 && <EmptyState icon={<Users size={32} color="var(--muted)" aria-hidden />} title="Nobody is asked yet" text="Add providers, or choose a goal first and get those that can reach it." />}
      <Stack component="ol" gap="xs" m={0} p={0} ref={list} aria-label="Providers in order" style={{ listStyle: "none" }}>
        {steps.map((step, at) => (
          <ProviderCard
            key={step.id}
            step={step}
            at={at}
            count={steps.length}
            planning={planning}
            mistakes={mistakes}
            line={reorder.line(at)}
            handle={reorder.handle(at)}
            onMove={(by) => {
              const isEdge = at + by === 0 || at + by === steps.length - 1;
              focusNext.current = `[data-move="${step.id}:${isEdge ? -by : by}"]`;
              move(at, at + by);
            }}
            onRemove={() => setSteps(steps.filter(({ id }) => id !== step.id))}
          />
        ))}
      </Stack>
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
      <AddProvider planning={planning} onAdd={(source) => setSteps([...steps, stepOf(source, names, null, nextId(steps))])} />
      <Waterfalls planning={planning} />
      <StepFooter note={steps.length === 0 ? "At least one provider is needed." : `${plural(steps.length, "provider")} in order.`}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("goal")}>
          Back
        </Button>
        <Button disabled={steps.length === 0} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("map")}>
          Map the columns
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** Columns that several providers fill: in which order. */
function Waterfalls({ planning }: { planning: Planning }) {
  const several = [...waterfalls(planning.steps)].filter(([, steps]) => steps.length > 1);
  if (several.length === 0) return null;
  return (
    <section aria-label="Columns several providers fill">
      <Title order={3} mb={6}>
        One column, several providers
      </Title>
      <ul className={classes.chains}>
        {several.map(([column, steps]) => (
          <li key={column}>
            <Text span size="sm" ff="monospace">
              {column}
            </Text>
            <Text span size="sm" c="dimmed">
              {" "}
              {steps.map(titleOf).join(", then ")}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
