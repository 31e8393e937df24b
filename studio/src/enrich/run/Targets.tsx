// What each column got.
import { Badge, Table, Text, Title } from "@mantine/core";
import { Plus } from "lucide-react";
import { count } from "../../kit/format";
import classes from "../enrich.module.css";
import type { Run } from "../model";

export function Targets({ run }: { run: Run }) {
  const isUndone = run.status === "undone";
  return (
    <section aria-label="Columns">
      <Title order={2} mb="sm">
        Columns
      </Title>
      <div className={classes.scroll} role="region" aria-label="What each column got" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={320}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th w={110} ta="right">
                Had a value
              </Table.Th>
              <Table.Th w={90} ta="right">
                Filled
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {run.targets.map((target) => (
              <Table.Tr key={target.column}>
                <Table.Th scope="row">
                  <Text span size="sm" ff="monospace" mr={8} td={isUndone ? "line-through" : undefined} style={{ overflowWrap: "anywhere" }}>
                    {target.column}
                  </Text>
                  {target.is_new ? (
                    <Badge leftSection={<Plus size={12} aria-hidden />} styles={{ root: { background: "var(--good-fill)", color: "var(--good-text)" } }}>
                      New
                    </Badge>
                  ) : (
                    <Text span size="xs" c="dimmed">
                      {target.policy === "overwrite" ? "overwritten where something was found" : "empty cells only"}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td ta="right">{target.already === null ? "–" : count(target.already)}</Table.Td>
                <Table.Td ta="right">{target.filled === null ? "–" : count(target.filled)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
