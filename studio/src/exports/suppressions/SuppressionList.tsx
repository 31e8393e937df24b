// Entries of the list as a table, or as cards where a table would not fit: everything but who they are about.
import { ActionIcon, Box, Group, Paper, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Trash2 } from "lucide-react";
import { exactTime } from "../../kit/format";
import { When } from "../../kit/When";
import classes from "../exports.module.css";
import type { Entry, Kind } from "./queries";
import { KINDS } from "./words";

interface SuppressionListProps {
  entries: readonly Entry[];
  onRemove: (entry: Entry) => void;
}

export function SuppressionList(props: SuppressionListProps) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Rows {...props} />;
}

function Rows({ entries, onRemove }: SuppressionListProps) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Suppressions">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={180}>Kind</Table.Th>
          <Table.Th>Reason</Table.Th>
          <Table.Th w={130}>Added</Table.Th>
          <Table.Th w={68} aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.id}>
            <Table.Td>
              <KindOf kind={entry.kind} />
            </Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              <Reason entry={entry} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed">
                <When at={entry.created_at} />
              </Text>
            </Table.Td>
            <Table.Td>
              <Remove entry={entry} onRemove={onRemove} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ entries, onRemove }: SuppressionListProps) {
  return (
    <ul className={classes.plainList} aria-label="Suppressions">
      {entries.map((entry) => (
        <Paper key={entry.id} component="li" withBorder p="sm">
          <Group wrap="nowrap" justify="space-between" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <KindOf kind={entry.kind} />
              <Box fz="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
                <Reason entry={entry} />
              </Box>
              <Text size="xs" c="dimmed" mt={4}>
                added <When at={entry.created_at} />
              </Text>
            </div>
            <Remove entry={entry} onRemove={onRemove} />
          </Group>
        </Paper>
      ))}
    </ul>
  );
}

export function KindOf({ kind }: { kind: Kind }) {
  const { icon: Icon, label } = KINDS[kind];
  return (
    <Group gap={6} wrap="nowrap" component="span" display="inline-flex">
      <Icon size={14} aria-hidden style={{ flexShrink: 0 }} />
      <span>{label}</span>
    </Group>
  );
}

function Reason({ entry: { reason } }: { entry: Entry }) {
  if (reason !== null && reason !== "") {
    return (
      <Text inherit lineClamp={3} title={reason}>
        {reason}
      </Text>
    );
  }
  return (
    <Text span c="dimmed" fs="italic" inherit>
      none given
    </Text>
  );
}

function Remove({ entry, onRemove }: { entry: Entry; onRemove: (entry: Entry) => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={`Remove the ${KINDS[entry.kind].label.toLowerCase()} added ${exactTime(entry.created_at)}`} onClick={() => onRemove(entry)}>
      <Trash2 size={16} aria-hidden />
    </ActionIcon>
  );
}
