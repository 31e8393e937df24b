// What each column has, lacks and is likely to get.
import { Badge, Table, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { count, percent } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import classes from "../enrich.module.css";
import type { Estimate } from "../model";

export function TargetsTable({ estimate }: { estimate: Estimate }) {
  return (
    <div className={classes.scroll} role="region" aria-label="Columns that are filled" tabIndex={0}>
      <Table className={classes.table ?? ""} miw={780}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Column</Table.Th>
            <Table.Th w={130} ta="right">
              Filled already
            </Table.Th>
            <Table.Th w={130} ta="right">
              Asked about
            </Table.Th>
            <Table.Th w={130} ta="right">
              Expected
            </Table.Th>
            <Table.Th w={200}>Filled afterwards</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {estimate.targets.map((target) => (
            <Table.Tr key={target.column}>
              <Table.Th scope="row">
                <Text span size="sm" ff="monospace" mr={8} style={{ overflowWrap: "anywhere" }}>
                  {target.column}
                </Text>
                {target.is_new && (
                  <Badge leftSection={<Plus size={12} aria-hidden />} styles={{ root: { background: "var(--good-fill)", color: "var(--good-text)" } }}>
                    New
                  </Badge>
                )}
                {target.policy === "overwrite" && !target.is_new && <Badge styles={{ root: { background: "var(--warn-fill)", color: "var(--warn-text)" } }}>Overwrites</Badge>}
              </Table.Th>
              <Table.Td ta="right">{count(target.already)}</Table.Td>
              <Table.Td ta="right">{count(target.missing)}</Table.Td>
              <Table.Td ta="right">{target.expected === null ? "not known" : count(target.expected)}</Table.Td>
              <Table.Td>{target.expected !== null && <After all={estimate.rows_matching} part={target.policy === "overwrite" ? Math.max(target.already, target.expected) : target.already + target.expected} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function After({ part, all }: { part: number; all: number }) {
  return (
    <>
      <Meter part={part} all={all} />
      <Text size="xs" c="dimmed" mt={2}>
        about {percent(Math.min(part, all), all)} of rows
      </Text>
    </>
  );
}
