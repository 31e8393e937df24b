// A column that becomes several fields: where it is split, and what the pieces are called. The last takes the rest.
import { ActionIcon, Autocomplete, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { FIELD_LABELS } from "./fields";
import type { Choice } from "./mapping";

type Split = Extract<Choice, { kind: "split" }>;
const MAX_PIECES = 10;

interface SplitFieldsProps {
  column: string;
  choice: Split;
  onChange: (choice: Split) => void;
}

export function SplitFields({ column, choice, onChange }: SplitFieldsProps) {
  const rename = (at: number, name: string) => onChange({ ...choice, into: choice.into.map((each, place) => (place === at ? name : each)) });
  return (
    <Stack gap={6}>
      <TextInput
        size="xs"
        label="Split at"
        aria-label={`Split ${column} at`}
        description="A blank: at any run of blanks."
        value={choice.separator}
        maxLength={20}
        onChange={(event) => onChange({ ...choice, separator: event.currentTarget.value })}
      />
      {choice.into.map((name, at) => (
        <Group key={at} gap={4} wrap="nowrap">
          <Autocomplete size="xs" flex={1} aria-label={`Piece ${at + 1} of ${column}`} data={Object.keys(FIELD_LABELS)} value={name} onChange={(value) => rename(at, value)} />
          {choice.into.length > 2 && (
            <ActionIcon variant="subtle" aria-label={`Remove piece ${at + 1} of ${column}`} onClick={() => onChange({ ...choice, into: choice.into.filter((_, place) => place !== at) })}>
              <X size={14} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      ))}
      <Group gap="xs">
        {choice.into.length < MAX_PIECES && (
          <Button size="compact-xs" variant="subtle" leftSection={<Plus size={12} aria-hidden />} onClick={() => onChange({ ...choice, into: [...choice.into, ""] })}>
            Another piece
          </Button>
        )}
        <Text size="xs" c="dimmed">
          The last one takes the rest.
        </Text>
      </Group>
    </Stack>
  );
}
