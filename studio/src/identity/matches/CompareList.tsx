// Which columns are compared, and each as what.
import { ActionIcon, Box, Group, NativeSelect, Paper, Stack, Text } from "@mantine/core";
import { X } from "lucide-react";
import { AddColumn } from "../AddColumn";
import type { Compare } from "../model";
import { KINDS } from "../words";
import { kindFor, MOST_COMPARED } from "./draft";

interface CompareListProps {
  compare: readonly Compare[];
  columns: readonly string[];
  /** Found by the names of columns; nobody chose them yet. */
  isProposed: boolean;
  onChange: (compare: Compare[]) => void;
}

export function CompareList({ compare, columns, isProposed, onChange }: CompareListProps) {
  const set = (at: number, part: Partial<Compare>) => onChange(compare.map((each, place) => (place === at ? { ...each, ...part } : each)));
  const offered = columns.filter((name) => !compare.some(({ column }) => column === name));
  return (
    <Paper component="section" withBorder p="md" aria-label="What is compared">
      <Text size="sm" fw={600}>
        What is compared
      </Text>
      <Text size="xs" c="dimmed" mb="sm">
        Two to eight columns that say who somebody is.{isProposed && " These were found by their names; change what does not fit."}
      </Text>
      <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: "none" }} aria-label="Columns compared">
        {compare.map(({ column, kind }, at) => (
          <Group component="li" key={column} gap="sm" wrap="nowrap">
            <Text size="sm" w={200} className="truncate" title={column} style={{ flexShrink: 1 }}>
              {column}
            </Text>
            <NativeSelect
              size="xs"
              aria-label={`Compare ${column} as`}
              style={{ flex: "0 1 260px", minWidth: 0 }}
              data={KINDS.map(({ value, label }) => ({ value, label: `as ${label}` }))}
              value={kind}
              onChange={(event) => set(at, { kind: KINDS.find(({ value }) => value === event.currentTarget.value)?.value ?? kind })}
            />
            <ActionIcon variant="subtle" color="gray" aria-label={`Do not compare ${column}`} onClick={() => onChange(compare.filter((_, place) => place !== at))}>
              <X size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      {compare.length < MOST_COMPARED && (
        <Box mt="xs">
          <AddColumn
            label="Compare another column"
            placeholder={offered.length === 0 ? "No other column" : "Compare another column…"}
            maxWidth={472}
            offered={offered}
            onAdd={(column) => onChange([...compare, { column, kind: kindFor(column) ?? "text" }])}
          />
        </Box>
      )}
    </Paper>
  );
}
