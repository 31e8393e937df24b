// The columns of all chosen uploads, joined by name, with the values seen most often.
import { useQueries } from "@tanstack/react-query";
import { profileQuery } from "../../api/tables";
import type { TreeColumn } from "../../filter/FilterTree";
import type { ColumnProfile } from "../../grid/model";

const MOST_VALUES = 50;
const CUT_AT = 200; // the server cuts longer values in a profile: they would find nothing

interface TreeColumns {
  columns: readonly TreeColumn[];
  isPending: boolean;
  error: unknown;
  retry: () => void;
}

export function useTreeColumns(uploads: readonly string[]): TreeColumns {
  return useQueries({
    queries: uploads.map((id) => profileQuery(id)),
    combine: (profiles) => ({
      columns: joined(profiles.flatMap(({ data }) => (data === undefined ? [] : [data.columns]))),
      isPending: profiles.some(({ isPending }) => isPending),
      error: profiles.find(({ error }) => error !== null)?.error ?? null,
      retry: () => profiles.forEach(({ error, refetch }) => error !== null && void refetch()),
    }),
  });
}

function joined(tables: readonly (readonly ColumnProfile[])[]): TreeColumn[] {
  const byName = new Map<string, ColumnProfile[]>();
  for (const column of tables.flat()) byName.set(column.name, [...(byName.get(column.name) ?? []), column]);
  return [...byName].map(([name, profiles]) => ({ name, type: typeOf(profiles), values: valuesOf(profiles) }));
}

/** As the server sees it: text where types differ. */
function typeOf([first, ...others]: readonly ColumnProfile[]): string {
  if (first === undefined) return "text";
  return others.every(({ type }) => type === first.type) ? first.type : "text";
}

function valuesOf(profiles: readonly ColumnProfile[]): string[] {
  const rows = new Map<string, number>();
  for (const { value, rows: found } of profiles.flatMap(({ top }) => top)) {
    if (value !== "" && value.length < CUT_AT) rows.set(value, (rows.get(value) ?? 0) + found);
  }
  return [...rows]
    .sort(([, one], [, other]) => other - one)
    .slice(0, MOST_VALUES)
    .map(([value]) => value);
}
