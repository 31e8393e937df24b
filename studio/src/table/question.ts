// From what the address says to what is asked of the table, and small steps from one state to the next; pure.
import { allOf, type Filter, searchFor } from "../filter/ast";
import { kindOf } from "../filter/words";
import { type Column, issuesOf, reasonOf, type Row, type RowQuestion } from "../grid/model";
import type { TableState } from "./tableState";

const MOST_COLUMNS_UNASKED = 120;

function existing(chosen: readonly string[], known: readonly Column[] | undefined): readonly string[] | null {
  if (known === undefined) return chosen;
  const left = chosen.filter((name) => known.some((column) => column.name === name));
  return left.length > 0 ? left : null;
}

/** What to ask for. Not ready when the columns must be known first: a search names them, a wide table shows some. */
export function questionOf(uploadId: string, state: TableState, known: readonly Column[] | undefined): [RowQuestion, boolean] {
  const searched = known?.filter(({ type }) => kindOf(type) === "text").map(({ name }) => name) ?? [];
  const search = state.search === "" ? null : searchFor(state.search, searched);
  const filter = allOf(search === null ? [...state.filters] : [...state.filters, search]);
  const isWide = known !== undefined && known.length > MOST_COLUMNS_UNASKED;
  // Columns of the address that are gone, as after an undo, are no longer asked for.
  const chosen = state.columns === null ? null : existing(state.columns, known);
  const columns = chosen ?? (isWide ? known.slice(0, MOST_COLUMNS_UNASKED).map(({ name }) => name) : null);
  return [{ uploadId, filter, sort: state.sort, columns, view: state.view }, state.search === "" || known !== undefined];
}

export function shownOf(columns: readonly Column[], chosen: readonly string[] | null): readonly Column[] {
  if (chosen === null) return columns;
  const byName = new Map(columns.map((column) => [column.name, column]));
  return chosen.flatMap((name) => byName.get(name) ?? []);
}

/** The same question twice is asked once. */
export function merged(filters: readonly Filter[], filter: Filter): readonly Filter[] {
  const text = JSON.stringify(filter);
  return filters.some((other) => JSON.stringify(other) === text) ? filters : [...filters, filter];
}

export function movedBy(names: readonly string[], name: string, by: -1 | 1): string[] {
  const at = names.indexOf(name);
  const to = at + by;
  const moved = [...names];
  if (at < 0 || to < 0 || to >= names.length) return moved;
  moved.splice(at, 1);
  moved.splice(to, 0, name);
  return moved;
}

export function reasonFor(row: Row | null, name: string): string {
  const issues = row === null ? [] : issuesOf(row, name);
  return issues.length === 0 ? "" : `${name}: ${reasonOf(issues)}`;
}
