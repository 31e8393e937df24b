// Rows of the sample: what was asked with, what is there now and what would be there, and who said so.
import { Button, Group, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import classes from "../enrich.module.css";
import type { Estimate } from "../model";
import { sampleRowsQuery } from "./sample";

const AT_FIRST = 8;

export function SampleTable({ estimate }: { estimate: Estimate }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? estimate.sample : estimate.sample.slice(0, AT_FIRST);
  const targets = estimate.targets.map(({ column }) => column);
  const isNew = new Set(estimate.targets.filter((target) => target.is_new).map(({ column }) => column));
  // A column that is read and filled is shown once, where it changes.
  const inputs = [...new Set(estimate.providers.flatMap((step) => Object.values(step.inputs)))].filter((column) => !targets.includes(column));
  const known = [...new Set([...inputs, ...targets.filter((column) => !isNew.has(column))])];
  const rows = useQuery(sampleRowsQuery(estimate, shown.map(({ _row_id }) => _row_id), known));
  const titles = new Map(estimate.providers.map(({ provider, title }) => [provider, title]));
  if (shown.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No row would be asked about.
      </Text>
    );
  }
  return (
    <section aria-label="Rows of the sample">
      <Title order={3} mb="xs">
        {plural(estimate.sample.length, "row")} of the sample
      </Title>
      <div className={classes.scroll} role="region" aria-label="Rows before and after" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={200 + 200 * (inputs.length + targets.length)}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={80} ta="right">
                Row
              </Table.Th>
              {inputs.map((column) => (
                <Table.Th key={column}>{column}</Table.Th>
              ))}
              {targets.map((column) => (
                <Table.Th key={column}>{column}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => {
              const now = rows.data?.get(row._row_id);
              return (
                <Table.Tr key={row._row_id}>
                  <Table.Th scope="row" ta="right" c="dimmed">
                    {count(row._row_id + 1)}
                  </Table.Th>
                  {inputs.map((column) => (
                    <Table.Td key={column} className={classes.sampleCell ?? ""}>
                      {now?.cells[column] ?? <Nothing word={now === undefined ? "…" : "empty"} />}
                    </Table.Td>
                  ))}
                  {targets.map((column) => (
                    <Table.Td key={column} className={classes.sampleCell ?? ""}>
                      <Becomes before={now?.cells[column] ?? null} after={row.values[column] ?? null} provider={titles.get(row.providers[column] ?? "") ?? row.providers[column] ?? null} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      {!isAll && estimate.sample.length > AT_FIRST && (
        <Group mt="xs">
          <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
            Show all {count(estimate.sample.length)}
          </Button>
        </Group>
      )}
    </section>
  );
}

function Becomes({ before, after, provider }: { before: string | null; after: string | null; provider: string | null }) {
  if (after === null) return before ?? <Nothing word="nothing found" />;
  return (
    <>
      <span className={classes.becomes}>
        {before === null ? <Nothing word="empty" /> : <span>{before}</span>}
        <ArrowRight size={13} aria-label="becomes" />
        <strong>{after}</strong>
      </span>
      {provider !== null && (
        <Text size="xs" c="dimmed">
          {provider}
        </Text>
      )}
    </>
  );
}

function Nothing({ word }: { word: string }) {
  return (
    <Text span c="dimmed" fs="italic" inherit>
      {word}
    </Text>
  );
}
