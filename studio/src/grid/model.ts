// What the grid shows, free of AG Grid: columns, rows, and the question that picks the rows.
import type { Schemas } from "../api/client";
import type { Filter } from "../filter/ast";

export type ColumnProfile = Schemas["ColumnProfileJson"];
export type Issue = Schemas["RowIssueJson"];

/** origin: `upload`, or what added it later; not known from a profile. */
export interface Column {
  name: string;
  type: string;
  origin?: string;
}

/** A cell on screen and where that is. */
export interface CellPlace {
  rowId: number;
  name: string;
  box: DOMRect;
}

/** A row of the table. index: where it stands in the rows asked for; sent: where it stood in what was sent, both from 0. */
export interface Row {
  index: number;
  id: number;
  sent: number | null;
  cells: Record<string, string | null>;
  issues: readonly Issue[];
  edited: readonly string[];
}

export interface SortKey {
  field: string;
  descending: boolean;
}

/** Which rows and columns of one table. columns: null for all. */
export interface RowQuestion {
  uploadId: string;
  filter: Filter | null;
  sort: readonly SortKey[];
  columns: readonly string[] | null;
  view: "all" | "issues";
}

export function issuesOf(row: Row | undefined, name: string): readonly Issue[] {
  if (row === undefined || row.issues.length === 0 || row.edited.includes(name)) return [];
  return row.issues.filter((issue) => issue.field === name);
}

/** Why a cell is marked, in the rules' own words. */
export function reasonOf(issues: readonly Issue[]): string {
  return issues.map((issue) => (issue.fixed === null ? issue.message : `${issue.message} Corrected when it was imported.`)).join(" ");
}
