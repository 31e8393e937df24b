// How much is there more than once, each number with what it counts.
import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { namesText } from "../../grid/names";
import { count, percent, plural } from "../../kit/format";
import classes from "../identity.module.css";
import type { By, Duplicates } from "../model";
import { blankQuery } from "../queries";

const THING: Record<By, string> = { email: "e-mail address", phone: "telephone number", domain_name: "domain with a name", match: "match" };

export function Numbers({ uploads, by, found }: { uploads: readonly string[]; by: By; found: Duplicates }) {
  const { rows, groups, duplicates } = found;
  const numbers: [string, string][] = [
    ["Rows looked at", count(rows)],
    [by === "domain_name" ? "Names there more than once" : "People there more than once", count(groups)],
    ["Rows too many", `${count(duplicates)} (${percent(duplicates, rows)})`],
    ["Rows once they are joined", count(rows - duplicates)],
  ];
  const columns = Array.isArray(found.dedupe["columns"]) ? (found.dedupe["columns"] as string[]) : [];
  return (
    <section aria-label="In sum">
      <dl className={classes.numbers}>
        {numbers.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {columns.length > 0 && <Blank uploads={uploads} columns={columns} rows={rows} thing={THING[by]} />}
    </section>
  );
}

interface BlankProps {
  uploads: readonly string[];
  columns: readonly string[];
  rows: number;
  thing: string;
}

/** Rows that can be nobody's duplicate. */
function Blank({ uploads, columns, rows, thing }: BlankProps) {
  const { data: blank } = useQuery(blankQuery(uploads, columns));
  return (
    <Text size="sm" c="dimmed" mt="xs" mih={22}>
      Read from {namesText(columns).replaceAll(",", ", ")}.
      {blank !== undefined && blank > 0 && (
        <>
          {" "}
          {plural(blank, "row has", "rows have")} nothing there ({percent(blank, rows)}) and {blank === 1 ? "is" : "are"} never joined;
        </>
      )}{" "}
      {blank === undefined || blank === 0 ? "A" : "a"} value that is no {thing}, such as “n/a”, joins nothing either.
    </Text>
  );
}
