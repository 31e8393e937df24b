// Which value wins: one policy for all fields, and one of its own for those named.
import { ActionIcon, Box, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { X } from "lucide-react";
import { AddColumn } from "../AddColumn";
import { ALL_OTHERS, policyOf, withPolicy } from "../address";
import type { Fields, Policy } from "../model";
import { POLICIES } from "../words";

interface PoliciesProps {
  fields: Fields;
  columns: readonly string[];
  onChange: (fields: Fields) => void;
}

export function Policies({ fields, columns, onChange }: PoliciesProps) {
  const own = Object.entries(fields).filter(([name]) => name !== ALL_OTHERS);
  return (
    <Box role="group" aria-label="Which value wins">
      <Text size="sm" fw={600}>
        Which value wins
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        Where rows of a person differ. All but the first choice look at filled cells only.
      </Text>
      <Stack gap="xs">
        <PolicyLine name={own.length === 0 ? "All fields" : "All other fields"} policy={policyOf(fields, ALL_OTHERS)} onChange={(policy) => onChange(withPolicy(fields, ALL_OTHERS, policy))} />
        {own.map(([name, policy]) => (
          <PolicyLine key={name} name={name} policy={policy} onChange={(next) => onChange(withPolicy(fields, name, next))} onRemove={() => onChange(withPolicy(fields, name, null))} />
        ))}
        <AddColumn label="A field with a choice of its own" placeholder="Another choice for one field…" maxWidth={434} offered={columns.filter((name) => !(name in fields))} onAdd={(name) => onChange(withPolicy(fields, name, "longest"))} />
      </Stack>
    </Box>
  );
}

interface PolicyLineProps {
  name: string;
  policy: Policy;
  onChange: (policy: Policy) => void;
  onRemove?: () => void;
}

function PolicyLine({ name, policy, onChange, onRemove }: PolicyLineProps) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Text size="sm" w={180} className="truncate" title={name} style={{ flexShrink: 1 }}>
        {name}
      </Text>
      <NativeSelect
        size="xs"
        aria-label={`Which value wins in ${name}`}
        style={{ flex: "0 1 240px", minWidth: 0 }}
        data={POLICIES.map(({ value, label }) => ({ value, label }))}
        value={policy}
        onChange={(event) => {
          const next = POLICIES.find(({ value }) => value === event.currentTarget.value);
          if (next !== undefined) onChange(next.value);
        }}
      />
      {onRemove !== undefined && (
        <ActionIcon variant="subtle" color="gray" aria-label={`${name} as all other fields`} title="As all other fields" onClick={onRemove}>
          <X size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
