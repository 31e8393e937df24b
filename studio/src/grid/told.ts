// What AG Grid tells of edits, focus, pointer and columns, handed on in our own terms.
import type { CellEditRequestEvent, CellFocusedEvent, CellMouseOverEvent, ColumnMovedEvent, ColumnResizedEvent } from "ag-grid-community";
import { ROW_NUMBER } from "./columns";
import type { DataGridProps } from "./DataGrid";
import type { CellPlace, Row } from "./model";

export function edited({ data, column, newValue, oldValue }: CellEditRequestEvent<Row>, { onEdit }: DataGridProps): void {
  const value = newValue === null || newValue === undefined || newValue === "" ? null : String(newValue);
  if (value !== (oldValue ?? null)) onEdit(data, column.getColId(), value);
}

export function focused({ api, rowIndex, column }: CellFocusedEvent<Row>, { onFocusCell }: DataGridProps): void {
  const row = rowIndex === null ? undefined : api.getDisplayedRowAtIndex(rowIndex)?.data;
  const name = typeof column === "string" ? column : (column?.getColId() ?? "");
  // Told before the browser has moved the focus, and the row may have been scrolled to just now.
  requestAnimationFrame(() => onFocusCell(row ?? null, name, row === undefined ? null : placeOf(document.activeElement, row, name)));
}

export function pointed({ event, data, column }: CellMouseOverEvent<Row>, { onPointCell }: DataGridProps): void {
  onPointCell(data === undefined ? null : placeOf(event?.target ?? null, data, column.getColId()));
}

function placeOf(target: EventTarget | null, row: Row, name: string): CellPlace | null {
  const cell = target instanceof Element ? target.closest(".ag-cell") : null;
  return cell === null || name === ROW_NUMBER ? null : { rowId: row.id, name, box: cell.getBoundingClientRect() };
}

export function moved({ api, finished, source }: ColumnMovedEvent<Row>, { onOrder }: DataGridProps): void {
  if (!finished || source !== "uiColumnMoved") return;
  const names = api.getAllDisplayedColumns().map((column) => column.getColId());
  onOrder(names.filter((name) => name !== ROW_NUMBER));
}

export function resized({ finished, source, column }: ColumnResizedEvent<Row>, { onWidth }: DataGridProps): void {
  if (finished && source === "uiColumnResized" && column !== null) onWidth(column.getColId(), column.getActualWidth());
}
