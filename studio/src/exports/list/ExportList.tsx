// Exports as a table, or as cards where a table would not fit.
import { Group, Paper, Progress, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { StatusBadge } from "../../kit/StatusBadge";
import { When } from "../../kit/When";
import classes from "../exports.module.css";
import type { Export } from "../model";
import { howFar, whereWords, writtenWord } from "../words";

export function ExportList({ exports }: { exports: readonly Export[] }) {
  const isNarrow = useMediaQuery("(max-width: 60em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards exports={exports} /> : <Rows exports={exports} />;
}

function Rows({ exports }: { exports: readonly Export[] }) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Exports">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Export</Table.Th>
          <Table.Th w="24%">To</Table.Th>
          <Table.Th w={210}>Status</Table.Th>
          <Table.Th w={180}>Rows</Table.Th>
          <Table.Th w={120}>Started</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {exports.map((one) => (
          <Table.Tr key={one.export_id}>
            <Table.Td>
              <Name one={one} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" className="truncate" title={whereWords(one)}>
                {whereWords(one)}
              </Text>
            </Table.Td>
            <Table.Td>
              <State one={one} />
            </Table.Td>
            <Table.Td>
              <Counts one={one} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed" className="truncate">
                <When at={one.created_at} />
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ exports }: { exports: readonly Export[] }) {
  return (
    <ul className={classes.plainList} aria-label="Exports">
      {exports.map((one) => (
        <Paper key={one.export_id} component="li" withBorder p="sm">
          <Name one={one} />
          <Group gap="sm" mt={6} align="flex-start">
            <State one={one} />
          </Group>
          <Text size="xs" mt={6}>
            {whereWords(one)} · <When at={one.created_at} />
          </Text>
          <Counts one={one} />
        </Paper>
      ))}
    </ul>
  );
}

function Name({ one }: { one: Export }) {
  const { source } = one;
  const from = `${source.segment_id === null ? "Upload" : "Segment"} ${source.name ?? "that is gone"}${source.version === null || source.segment_id === null ? "" : `, version ${source.version}`}`;
  return (
    <div style={{ minWidth: 0 }}>
      <LinkAnchor to="/exports/$exportId" params={{ exportId: one.export_id }} size="sm" fw={600} c="inherit" className="truncate" display="block" title={one.name}>
        {one.name}
      </LinkAnchor>
      <Text size="xs" c="dimmed" className="truncate" title={from}>
        {from}
        {one.since === "last" && " · only changes"}
        {one.schedule_id !== null && " · by schedule"}
        {one.parent_id !== null && " · tried again"}
      </Text>
    </div>
  );
}

function State({ one }: { one: Export }) {
  const { progress, status } = one;
  const share = status === "running" && progress !== null && progress.total !== null && progress.total > 0 ? (100 * progress.done) / progress.total : null;
  const note = status === "failed" ? one.reason : howFar(one);
  return (
    <div style={{ minWidth: 0, width: "100%" }}>
      <StatusBadge status={status} />
      {share !== null && <Progress value={share} size={4} mt={6} aria-label={`How far “${one.name}” is`} />}
      {note !== null && note !== "" && (
        <Text size="xs" c={status === "failed" ? "var(--bad-text)" : "dimmed"} mt={2} className="truncate" title={note}>
          {note}
        </Text>
      )}
    </div>
  );
}

function Counts({ one }: { one: Export }) {
  return (
    <>
      <Text size="sm">
        {count(one.written)} {writtenWord(one)}
      </Text>
      {one.left_out > 0 && (
        <Text size="xs" c="dimmed">
          {plural(one.left_out, "row")} left out
        </Text>
      )}
    </>
  );
}
