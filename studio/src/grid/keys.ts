// Keys within the grid that AG Grid has no word for.
import type { CellKeyDownEvent, GridApi } from "ag-grid-community";
import type { Row } from "./model";

export interface KeyDoings {
  onOpenRow: (index: number) => void;
  onCopy: (text: string) => void;
  onUndo: () => void;
}

export function onKey(event: CellKeyDownEvent<Row>, doings: KeyDoings): void {
  const key = event.event;
  if (!(key instanceof KeyboardEvent) || event.rowIndex === null || isEditor(key.target)) return;
  const isControl = key.ctrlKey || key.metaKey;
  if (key.key === "Home" || key.key === "End") {
    const row = !isControl ? event.rowIndex : key.key === "Home" ? 0 : event.api.getDisplayedRowCount() - 1;
    focusEdge(event.api, row, key.key === "Home");
  } else if (key.key === " " || (key.key === "Enter" && !event.column.isCellEditable(event.node))) doings.onOpenRow(event.rowIndex);
  else if (isControl && key.key.toLowerCase() === "c" && window.getSelection()?.toString() === "") doings.onCopy(String(event.value ?? ""));
  else if (isControl && key.key.toLowerCase() === "z") doings.onUndo();
  else return;
  key.preventDefault();
}

function isEditor(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea");
}

function focusEdge(api: GridApi<Row>, row: number, isFirst: boolean): void {
  const columns = api.getAllDisplayedColumns();
  const column = isFirst ? (columns[1] ?? columns[0]) : columns.at(-1);
  if (column === undefined) return;
  api.ensureIndexVisible(row);
  api.ensureColumnVisible(column);
  api.setFocusedCell(row, column);
}
