// One provider: what it reads on the left, what it gives on the right.
import { Paper, Stack, Text, Title } from "@mantine/core";
import { InputSelect } from "./InputSelect";
import { OutputRow } from "./OutputRow";
import { faultsOf } from "./plan";
import type { Planning } from "./planning";
import type { PlannedStep } from "./usePlannedSteps";
import classes from "./wizard.module.css";

interface MapCardProps {
  step: PlannedStep;
  at: number;
  planning: Planning;
  /** Columns it may read. */
  readable: readonly string[];
}

export function MapCard({ step, at, planning, readable }: MapCardProps) {
  const { source } = step;
  const faults = faultsOf(step);
  const faultAt = (pointer: string) => planning.mistakes.get(`/providers/${at}${pointer}`) ?? faults.get(pointer);
  const whole = faultAt("/outputs") ?? faultAt("/connection") ?? faultAt("/settings");
  return (
    <Paper component="li" withBorder p="md">
      <Title order={3} mb="sm">
        {at + 1}. {source?.title ?? step.provider}
      </Title>
      {whole !== undefined && (
        <Text size="sm" c="var(--bad-text)" role="alert" mb="xs">
          {whole}
        </Text>
      )}
      {source !== null && (
        <div className={classes.mapping}>
          <Stack gap="sm" role="group" aria-label={`What “${source.title}” reads`}>
            <Text size="xs" fw={600} c="dimmed">
              Reads{source.terms.needs_one ? " (one of these is enough)" : ""}
            </Text>
            {source.terms.needs.map((need) => (
              <InputSelect
                key={need.name}
                need={need}
                isOptional={!need.required || source.terms.needs_one}
                value={step.inputs[need.name] ?? null}
                columns={planning.columns}
                rows={planning.rows}
                readable={readable}
                mistake={faultAt(`/inputs/${need.name}`)}
                onChange={(column) => planning.replaceStep({ ...step, inputs: { ...step.inputs, [need.name]: column } })}
              />
            ))}
          </Stack>
          <Stack gap={6} role="group" aria-label={`What “${source.title}” gives`}>
            <Text size="xs" fw={600} c="dimmed">
              Gives, and the column it goes to
            </Text>
            {source.terms.gives.map((give) => (
              <OutputRow
                key={give.name}
                give={give}
                value={step.outputs[give.name] ?? null}
                columns={planning.columns}
                mistake={faultAt(`/outputs/${give.name}`)}
                onChange={(column) => planning.replaceStep({ ...step, outputs: { ...step.outputs, [give.name]: column } })}
              />
            ))}
          </Stack>
        </div>
      )}
    </Paper>
  );
}
