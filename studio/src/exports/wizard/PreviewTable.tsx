// The first rows under their names outside.
import { Button, Group, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import classes from "../exports.module.css";
import type { Preview } from "../model";

const AT_FIRST = 8;
const MOST_COLUMNS = 40;

interface PreviewTableProps {
  look: Preview;
  /** Formulas get an apostrophe in front, in the file alone. */
  isMadeHarmless: boolean;
}

export function PreviewTable({ look, isMadeHarmless }: PreviewTableProps) {
  const [isAll, setAll] = useState(false);
  const rows = isAll ? look.rows : look.rows.slice(0, AT_FIRST);
  const every = look.columns.flatMap(({ outputs }) => outputs);
  const names = every.slice(0, MOST_COLUMNS);
  if (look.rows.length === 0) {
    return (
      <Text size="sm" role="alert">
        None of the {plural(look.looked_at, "row")} looked at would leave; below is why.
      </Text>
    );
  }
  return (
    <section aria-label="First rows">
      <Title order={3} mb="xs">
        The first {plural(look.rows.length, "row")}
      </Title>
      <div className={classes.scroll} role="region" aria-label="Rows as they would leave" tabIndex={0}>
        <Table className={classes.table ?? ""} miw={160 * names.length}>
          <Table.Thead>
            <Table.Tr>
              {names.map((name) => (
                <Table.Th key={name}>{name}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, at) => (
              <Table.Tr key={at}>
                {names.map((name) => (
                  <Table.Td key={name} className={classes.cell ?? ""}>
                    {row[name] ?? (
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
      <Group mt="xs" gap="sm">
        {!isAll && look.rows.length > AT_FIRST && (
          <Button size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
            Show all {count(look.rows.length)}
          </Button>
        )}
        {isMadeHarmless && (
          <Text size="sm" c="dimmed">
            In the file, text that a spreadsheet would run has an apostrophe in front.
          </Text>
        )}
        {every.length > MOST_COLUMNS && (
          <Text size="sm" c="dimmed">
            {count(every.length - MOST_COLUMNS)} more columns leave, too.
          </Text>
        )}
      </Group>
    </section>
  );
}
