// One provider in the order: what it fills and costs, its connection and settings, and the ways to move it.
import { ActionIcon, Group, NativeSelect, Paper, Text, Tooltip } from "@mantine/core";
import { ArrowDown, ArrowUp, GripVertical, X } from "lucide-react";
import { LinkAnchor } from "../../kit/links";
import type { useReorder } from "../../kit/useReorder";
import type { Mistakes } from "../../form/values";
import { TermsLine } from "../TermsLine";
import classes from "./wizard.module.css";
import { type StepDraft, stepOf } from "./draft";
import type { Planning } from "./planning";
import { StepSettings } from "./StepSettings";
import type { PlannedStep } from "./usePlannedSteps";

interface ProviderCardProps {
  step: PlannedStep;
  at: number;
  count: number;
  planning: Planning;
  mistakes: Mistakes;
  line: ReturnType<ReturnType<typeof useReorder>["line"]>;
  handle: ReturnType<ReturnType<typeof useReorder>["handle"]>;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

export function ProviderCard({ step, at, count, planning, mistakes, line, handle, onMove, onRemove }: ProviderCardProps) {
  const { source } = step;
  const provider = planning.providers.find(({ id }) => id === step.provider);
  const title = source?.title ?? provider?.title ?? step.provider;
  const fills = Object.values(step.outputs).filter((column) => column !== null);
  const mistake = mistakes.get(`/providers/${at}`) ?? mistakes.get(`/providers/${at}/provider`);
  return (
    <Paper component="li" withBorder p="sm" className={classes.card} {...line}>
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <span className={classes.handle} title="Drag to another place" aria-hidden {...handle}>
          <GripVertical size={16} />
        </span>
        <span className={classes.place} aria-hidden>
          {at + 1}
        </span>
        <div className={classes.cardMain}>
          <Text fw={600} size="sm">
            {title}
            {source?.connection !== null && source !== null && (
              <Text span c="dimmed" fw={400} size="sm">
                {" "}
                · {source.provider.title}
              </Text>
            )}
          </Text>
          <Text size="sm" c="dimmed">
            {fills.length === 0 ? (provider?.description ?? "") : `Fills ${fills.join(", ")}`}
          </Text>
          {source !== null && <TermsLine terms={source.terms} isNetwork={source.provider.network} />}
          {mistake !== undefined && (
            <Text size="xs" c="var(--bad-text)" role="alert" mt={4}>
              {mistake}
            </Text>
          )}
          {provider?.connection === true && <ConnectionPicker step={step} planning={planning} mistake={mistakes.get(`/providers/${at}/connection`)} />}
          {provider !== undefined && !provider.connection && <StepSettings provider={provider} step={step} title={title} pointer={`/providers/${at}/settings`} mistakes={mistakes} onChange={planning.replaceStep} />}
        </div>
        <Group gap={2} wrap="nowrap">
          <Tooltip label="Ask earlier">
            <ActionIcon variant="subtle" color="gray" data-move={`${step.id}:-1`} disabled={at === 0} onClick={() => onMove(-1)} aria-label={`Ask “${title}” earlier`}>
              <ArrowUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Ask later">
            <ActionIcon variant="subtle" color="gray" data-move={`${step.id}:1`} disabled={at === count - 1} onClick={() => onMove(1)} aria-label={`Ask “${title}” later`}>
              <ArrowDown size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={`Do not ask “${title}”`}>
            <X size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
    </Paper>
  );
}

interface ConnectionPickerProps {
  step: StepDraft;
  planning: Planning;
  mistake: string | undefined;
}

function ConnectionPicker({ step, planning, mistake }: ConnectionPickerProps) {
  const able = planning.sources.filter((source) => source.provider.id === step.provider);
  const choose = (id: string) => {
    const source = able.find(({ connection }) => connection?.id === id);
    // Another connection needs and gives other things.
    planning.replaceStep(source === undefined ? { ...step, connection: null, inputs: {}, outputs: {} } : stepOf(source, planning.names, null, step.id));
  };
  return (
    <Group gap="xs" mt="xs" align="flex-end">
      <NativeSelect
        size="xs"
        label="Connection"
        data={[{ value: "", label: "Choose" }, ...able.map(({ connection, title }) => ({ value: connection?.id ?? "", label: title }))]}
        value={step.connection ?? ""}
        onChange={(event) => choose(event.currentTarget.value)}
        error={mistake}
      />
      <LinkAnchor to="/enrichments/connections/$connectionId" params={{ connectionId: step.connection ?? "new" }} search={step.connection === null ? { provider: step.provider } : {}} size="xs" mb={6}>
        {step.connection === null ? "Make a new one" : "Its settings"}
      </LinkAnchor>
    </Group>
  );
}
