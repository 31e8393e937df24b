// The small form that makes one condition for one column: operator, value, case.
import { Button, Checkbox, Group, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Condition, OPERATORS } from "./ast";
import { conditionOf, type Draft, draftOf, takesCase } from "./draft";
import { kindOf, needsValue, operatorsFor } from "./words";

interface ConditionFormProps {
  field: string;
  type: string;
  /** The condition to change; null for a new one. */
  condition: Condition | null;
  onDone: (condition: Condition) => void;
  onCancel: () => void;
}

export function ConditionForm({ field, type, condition, onDone, onCancel }: ConditionFormProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(type, condition));
  const [problem, setProblem] = useState<string | null>(null);
  const change = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }));
    setProblem(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const made = conditionOf(field, type, draft);
    if (typeof made === "string") setProblem(made);
    else onDone(made);
  };
  return (
    <form onSubmit={submit} aria-label={`Filter ${field}`}>
      <Stack gap="xs" w={260} maw="80vw">
        <Text fw={600} size="sm" className="truncate" title={field}>
          {field}
        </Text>
        <NativeSelect
          label="Condition"
          size="xs"
          data={operatorsFor(type)}
          value={draft.op}
          onChange={(event) => change({ op: OPERATORS.find((op) => op === event.currentTarget.value) ?? draft.op })}
        />
        <Values type={type} draft={draft} problem={problem} onChange={change} />
        {takesCase(type, draft.op) && (
          <Checkbox
            size="xs"
            label="Upper and lower case matter"
            checked={draft.matchCase}
            onChange={(event) => change({ matchCase: event.currentTarget.checked })}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button size="xs" type="submit">
            {condition === null ? "Add filter" : "Change filter"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ValuesProps {
  type: string;
  draft: Draft;
  problem: string | null;
  onChange: (part: Partial<Draft>) => void;
}

function Values({ type, draft, problem, onChange }: ValuesProps) {
  if (!needsValue(draft.op)) return null;
  if (kindOf(type) === "boolean") {
    return (
      <NativeSelect label="Value" size="xs" data={["true", "false"]} value={draft.value} onChange={(event) => onChange({ value: event.currentTarget.value })} />
    );
  }
  const hint = type === "date" ? "2025-01-31" : type === "timestamp" ? "2025-01-31 or longer" : "";
  if (draft.op === "in" || draft.op === "not_in") {
    return (
      <Textarea
        label="Values, one a line"
        size="xs"
        autosize
        minRows={3}
        maxRows={8}
        value={draft.value}
        error={problem}
        onChange={(event) => onChange({ value: event.currentTarget.value })}
        data-autofocus
      />
    );
  }
  const isRange = draft.op === "between";
  return (
    <>
      <TextInput
        label={isRange ? "From" : "Value"}
        size="xs"
        placeholder={hint}
        value={draft.value}
        error={problem}
        onChange={(event) => onChange({ value: event.currentTarget.value })}
        data-autofocus
      />
      {isRange && <TextInput label="To" size="xs" placeholder={hint} value={draft.upper} onChange={(event) => onChange({ upper: event.currentTarget.value })} />}
    </>
  );
}
