// Everything the table page shows is in its address; this reads it and writes it.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { allOf, type Filter, parts } from "../filter/ast";
import { filterText, parseFilter } from "../filter/urlText";
import type { SortKey } from "../grid/model";
import { namesText, parseNames, parseSort, sortText } from "../grid/names";

export type View = "all" | "issues";
export type Panel = { kind: "row" } | { kind: "history" } | { kind: "column"; name: string };

export interface TableState {
  filters: readonly Filter[];
  /** Why the filter in the address cannot be used; no filter holds then. */
  filterError: unknown;
  sort: readonly SortKey[];
  /** Chosen columns in their order; null for all. */
  columns: readonly string[] | null;
  pins: readonly string[];
  /** Counted from 1, as people see it. */
  row: number | null;
  view: View;
  search: string;
  panel: Panel | null;
}

export type Change = Partial<Omit<TableState, "filterError">>;

export interface TableAddress {
  state: TableState;
  /** replace: the change is no step of its own for the back button. */
  change: (change: Change, replace?: boolean) => void;
}

export function useTableAddress(): TableAddress {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const { filter, sort, columns, pin, row, view, q, panel } = search;
  const state = useMemo(
    (): TableState => ({
      ...filtersOf(filter),
      sort: parseSort(sort ?? ""),
      columns: columns === undefined ? null : parseNames(columns),
      pins: parseNames(pin ?? ""),
      row: rowOf(row),
      view: view === "issues" ? "issues" : "all",
      search: q ?? "",
      panel: panelOf(panel),
    }),
    [filter, sort, columns, pin, row, view, q, panel],
  );
  const change = useCallback(
    (wanted: Change, replace = false) => {
      void navigate({ to: ".", search: (now) => ({ ...now, ...textsOf(wanted) }), replace });
    },
    [navigate],
  );
  return { state, change };
}

function filtersOf(text: string | undefined): Pick<TableState, "filters" | "filterError"> {
  try {
    return { filters: parts(parseFilter(text)), filterError: null };
  } catch (error) {
    return { filters: [], filterError: error };
  }
}

function rowOf(text: string | undefined): number | null {
  const row = Number(text);
  return Number.isSafeInteger(row) && row > 0 ? row : null;
}

function panelOf(text: string | undefined): Panel | null {
  if (text === "row" || text === "history") return { kind: text };
  return text?.startsWith("column:") ? { kind: "column", name: text.slice("column:".length) } : null;
}

function textsOf(change: Change): Record<string, string | undefined> {
  const texts: Record<string, string | undefined> = {};
  if (change.filters !== undefined) texts.filter = filterText(allOf([...change.filters]));
  if (change.sort !== undefined) texts.sort = sortText(change.sort);
  if (change.columns !== undefined) texts.columns = change.columns === null ? undefined : namesText(change.columns);
  if (change.pins !== undefined) texts.pin = namesText(change.pins);
  if (change.row !== undefined) texts.row = change.row === null ? undefined : String(change.row);
  if (change.view !== undefined) texts.view = change.view === "all" ? undefined : change.view;
  if (change.search !== undefined) texts.q = change.search;
  if (change.panel !== undefined) texts.panel = change.panel === null ? undefined : change.panel.kind === "column" ? `column:${change.panel.name}` : change.panel.kind;
  return texts;
}
