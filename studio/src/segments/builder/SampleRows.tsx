// Ten rows from everywhere in the result; each opens beside.
import { Table, Text, Title, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { fieldsOf, type Filter } from "../../filter/ast";
import { count } from "../../kit/format";
import { MemberDetails } from "../MemberDetails";
import type { MemberRow, Preview } from "../model";
import classes from "../segments.module.css";
import { rowWords } from "../words";
import own from "./builder.module.css";

const MOST_COLUMNS = 6;

interface SampleRowsProps {
  found: Preview;
  isOld: boolean;
  /** Its columns come first. */
  filter: Filter | null;
  names: ReadonlyMap<string, string>;
}

export function SampleRows({ found, isOld, filter, names }: SampleRowsProps) {
  const [open, setOpen] = useState<MemberRow | null>(null);
  const asked = filter === null ? [] : fieldsOf(filter);
  const places = found.columns.map((_, at) => at);
  const rank = (at: number) => {
    const place = asked.indexOf(found.columns[at]?.name ?? "");
    return place === -1 ? asked.length : place;
  };
  const shown = places.sort((one, other) => rank(one) - rank(other) || one - other).slice(0, MOST_COLUMNS);
  const isSeveral = Object.keys(found.versions).length > 1;
  const nameOf = (row: MemberRow) => names.get(row._upload_id) ?? row._upload_id;
  if (found.sample.length === 0) return null;
  return (
    <section aria-label="Some of them">
      <Title order={2} mb="xs">
        {found.sample.length < found.count ? `${found.sample.length} of them` : "All of them"}
      </Title>
      <div className={`${classes.scroll} ${own.sample}`} data-old={isOld || undefined} role="region" aria-label="Rows of the result" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={160 + 150 * shown.length} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={isSeveral ? 180 : 80}>Row</Table.Th>
              {shown.map((at) => (
                <Table.Th key={at}>{found.columns[at]?.name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.sample.map((row) => (
              <Table.Tr key={`${row._upload_id}:${row._row_id}`}>
                <Table.Th scope="row">
                  <UnstyledButton fz="sm" c="var(--mantine-color-anchor)" td="underline" title="All of this row" onClick={() => setOpen(row)}>
                    {isSeveral ? rowWords(nameOf(row), row._row_id) : count(row._row_id + 1)}
                  </UnstyledButton>
                </Table.Th>
                {shown.map((at) => (
                  <Table.Td key={at} fz="sm" style={{ overflowWrap: "anywhere" }}>
                    {row.values[at] ?? (
                      <Text span c="dimmed" fs="italic" inherit>
                        empty
                      </Text>
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {open !== null && <MemberDetails row={open} columns={found.columns} uploadName={nameOf(open)} onClose={() => setOpen(null)} />}
    </section>
  );
}
