// What each agreement tells, as the match learned it from the rows.
import { Table, Text, Title } from "@mantine/core";
import classes from "../identity.module.css";
import type { Match } from "../model";
import { shareWords, weightWords } from "../words";

export function Weights({ match }: { match: Match }) {
  return (
    <section aria-label="What each agreement tells">
      <Title order={2} mb={4}>
        What each agreement tells
      </Title>
      <Text size="sm" c="dimmed" mb="sm" maw={820}>
        Learned from your rows. Each bit of evidence doubles the odds that two rows are one person; below zero it halves them.
      </Text>
      <div className={classes.scroll} role="region" aria-label="Evidence by column" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={620} maw={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th>The two values are</Table.Th>
              <Table.Th ta="right">In pairs of one person</Table.Th>
              <Table.Th ta="right">In other pairs</Table.Th>
              <Table.Th ta="right">Evidence, bits</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {match.weights.map((weight, at) => (
              <Table.Tr key={at}>
                <Table.Th scope="row">{weight.column}</Table.Th>
                <Table.Td>
                  {weight.level}
                  {!weight.is_trained && (
                    <Text size="xs" c="dimmed">
                      seen too seldom to learn from
                    </Text>
                  )}
                </Table.Td>
                <Table.Td ta="right">{shareWords(weight.m)}</Table.Td>
                <Table.Td ta="right">{shareWords(weight.u)}</Table.Td>
                <Table.Td ta="right">{weightWords(Math.log2(weight.m / weight.u))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}
