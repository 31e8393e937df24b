// What the export was asked to do.
import { Badge, Button, Paper, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { Filter } from "../../filter/ast";
import { sentence } from "../../filter/words";
import { count } from "../../kit/format";
import classes from "../exports.module.css";
import type { Export, Format, JsonObject } from "../model";
import { FIELDS, FORMATS, PLATFORMS, whereWords } from "../words";

const SHOWN_AT_FIRST = 30; // columns

/** What an export and the wish of a schedule have in common. */
type Asked = Pick<
  Export,
  "destination_title" | "connection_name" | "format" | "options" | "settings" | "hashing" | "consent" | "key" | "since" | "columns" | "source"
>;

export function Settings({ one, title = "What it was asked to do" }: { one: Asked; title?: string }) {
  const facts = factsOf(one);
  const [isAll, setAll] = useState(false);
  const columns = isAll ? one.columns : one.columns.slice(0, SHOWN_AT_FIRST);
  return (
    <section aria-label={title}>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <Paper withBorder p="md">
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Paper>
      <div className={classes.scroll} role="region" aria-label="Columns of the export" tabIndex={0} style={{ marginTop: 12 }}>
        <Table className={classes.table ?? ""} aria-label="Columns">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column here</Table.Th>
              <Table.Th>Name outside</Table.Th>
              <Table.Th>Holds</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {columns.map((column) => (
              <Table.Tr key={column.outputs.join(" ")}>
                <Table.Th scope="row" className={classes.cell ?? ""}>
                  {column.column}
                </Table.Th>
                <Table.Td className={classes.cell ?? ""}>
                  {column.outputs.join(", ")} {column.hashed && <Badge variant="default" size="sm">hashed</Badge>}
                </Table.Td>
                <Table.Td className={classes.cell ?? ""}>{column.field === null ? <Text span c="dimmed" inherit>–</Text> : FIELDS[column.field]}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {columns.length < one.columns.length && (
        <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => setAll(true)}>
          Show all {count(one.columns.length)} columns
        </Button>
      )}
    </section>
  );
}

function factsOf(one: Asked): [string, string][] {
  const { consent, hashing, options, source } = one;
  const filter = source.filter as Filter | null;
  const facts: [string, string | null][] = [
    ["Destination", whereWords(one)],
    ...Object.entries(one.settings as JsonObject)
      .filter(([, value]) => value !== null)
      .map(([name, value]): [string, string] => [named(name), typeof value === "object" ? JSON.stringify(value) : String(value)]),
    ["Filter", filter === null ? null : sentence(filter, () => "text")],
    ["Format", one.format === null ? null : (FORMATS[one.format as Format]?.label ?? one.format)],
    ["For Excel", options?.["bom"] === true ? "begins with a byte order mark" : null],
    ["Formulas", one.format !== "csv" ? null : options?.["formula_safe"] === true ? "made harmless" : "left as they are"],
    ["Hashed for", hashing === null ? null : `${PLATFORMS[hashing.platform].label}${hashing.region === null ? "" : `, country ${hashing.region} unless a row says its own`}`],
    ["Consent", consent === null ? "not asked for" : `${consent.column} is one of ${consent.values.join(", ")}`],
    ["Suppression list", "always applied"],
    ["People told apart by", one.key.length === 0 ? null : one.key.join(", ")],
    ["Sends", one.since === "last" ? "only what changed since the last export like this" : "every row"],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
}

const named = (name: string) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");
