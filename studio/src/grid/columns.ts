// Column definitions of AG Grid from ours.
import type { CellClassParams, ColDef, SuppressKeyboardEventParams } from "ag-grid-community";
import { kindOf } from "../filter/words";
import { HeaderCell } from "./HeaderCell";
import { MarkedCell } from "./MarkedCell";
import { type Column, issuesOf, type Row } from "./model";
import { RowNumber } from "./RowNumber";

/** Begins with an invisible mark, so that no column of an upload is likely to have the same name. */
export const ROW_NUMBER = "\u200brow";

const WIDTHS: Record<string, number> = { number: 130, boolean: 120, moment: 160, text: 190 };
const ENRICHED_WIDTH = 190; // the header says so in a word
const NARROWEST = 72;

interface Wishes {
  pinned: ReadonlySet<string>;
  enriched: ReadonlySet<string>;
  widths: Readonly<Record<string, number>>;
  canEdit: boolean;
}

export function columnDefs(columns: readonly Column[], wishes: Wishes): ColDef<Row>[] {
  return [rowNumber(), ...columns.map((column) => columnDef(column, wishes))];
}

function columnDef({ name, type }: Column, { pinned, enriched, widths, canEdit }: Wishes): ColDef<Row> {
  const kind = kindOf(type);
  return {
    colId: name,
    headerName: name,
    headerComponent: HeaderCell,
    headerComponentParams: { type },
    valueGetter: ({ data }) => data?.cells[name],
    width: widths[name] ?? Math.max(WIDTHS[kind] ?? 190, enriched.has(name) ? ENRICHED_WIDTH : 0),
    minWidth: NARROWEST,
    pinned: pinned.has(name) ? "left" : null,
    editable: ({ data }) => canEdit && data !== undefined,
    cellEditor: "agTextCellEditor",
    cellEditorParams: { useFormatter: false },
    cellDataType: false,
    ...(kind === "number" ? { cellClass: "cell-number" } : {}),
    cellClassRules: {
      "cell-bad": (cell) => marks(cell).some((issue) => issue.fixed === null),
      "cell-fixed": (cell) => marks(cell).length > 0 && marks(cell).every((issue) => issue.fixed !== null),
    },
    cellRendererSelector: ({ data }) =>
      data !== undefined && (data.edited.includes(name) || issuesOf(data, name).length > 0) ? { component: MarkedCell } : undefined,
    suppressKeyboardEvent,
  };
}

function marks({ data, colDef }: CellClassParams<Row>) {
  return issuesOf(data, colDef.colId ?? "");
}

function rowNumber(): ColDef<Row> {
  return {
    colId: ROW_NUMBER,
    headerName: "Row",
    headerClass: "row-number-header",
    width: 84,
    minWidth: NARROWEST,
    pinned: "left",
    lockPosition: "left",
    suppressMovable: true,
    resizable: false,
    cellClass: "cell-row-number",
    cellRenderer: RowNumber,
    cellDataType: false,
    suppressKeyboardEvent,
  };
}

const OURS = new Set(["/", "?", "Home", "End", " "]);

/** Keys the page gives a meaning of its own, and the ends of a row (AG Grid would go to the ends of the table). */
function suppressKeyboardEvent({ event, editing }: SuppressKeyboardEventParams<Row>): boolean {
  if (editing) return false;
  if ((event.ctrlKey || event.metaKey) && ["z", "c", "g"].includes(event.key.toLowerCase())) return true;
  if (!OURS.has(event.key)) return false;
  event.preventDefault(); // Space and Home would scroll; AG Grid tells of a key too late to stop that
  return true;
}
