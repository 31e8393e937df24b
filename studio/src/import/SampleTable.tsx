// The first rows of a file exactly as they will be read.
import { Group, Loader, Text, Title } from "@mantine/core";
import { plural } from "../kit/format";
import classes from "./import.module.css";
import type { Preview } from "./queries";

export function SampleTable({ preview, isStale }: { preview: Preview; isStale: boolean }) {
  const names = preview.columns.map((column) => column.name);
  return (
    <section aria-label="First rows" aria-busy={isStale}>
      <Group gap="sm" mb="xs" h={24}>
        <Title order={3}>The first rows</Title>
        <Text size="sm" c="dimmed" role="status">
          {isStale ? "Reading again…" : `${plural(preview.rows.length, "row")}, ${plural(names.length, "column")}`}
        </Text>
        {isStale && <Loader size="xs" aria-hidden />}
      </Group>
      {/* A table wider or longer than its box is scrolled by keyboard too. */}
      <div className={classes.scroll} role="region" aria-label="The first rows as a table" tabIndex={0} data-stale={isStale}>
        <table className={classes.sample}>
          <thead>
            <tr>
              <th scope="col" className={classes.rowNumber}>
                #
              </th>
              {names.map((name) => (
                <th key={name} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, at) => (
              <tr key={at}>
                <th scope="row" className={classes.rowNumber}>
                  {at + 1}
                </th>
                {names.map((name, column) => (
                  <td key={name} title={row[column] ?? undefined}>
                    {row[column] ?? <span className={classes.empty}>empty</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.rows.length === 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          There are no rows below the names of the columns.
        </Text>
      )}
    </section>
  );
}
