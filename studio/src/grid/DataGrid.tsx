// AG Grid as Muster uses it; the only door to it for the pages.
import "./grid.css";
import type { GridApi, GridReadyEvent } from "ag-grid-community";
import { AgGridReact } from "ag-grid-react";
import { useEffect, useMemo, useRef } from "react";
import { columnDefs, ROW_NUMBER } from "./columns";
import { type GridSurroundings, SurroundingsProvider } from "./context";
import { feedOf } from "./datasource";
import { type KeyDoings, onKey } from "./keys";
import type { CellPlace, Column, Row } from "./model";
import { registerModules } from "./modules";
import { BLOCK_ROWS, type RowSource } from "./rowSource";
import { gridTheme } from "./theme";
import { edited, focused, moved, pointed, resized } from "./told";

registerModules();

const DEBOUNCE_MS = 40;
const GRID_BLOCKS = 12; // few: the row source keeps more, and hands them back at once
const FIRST_GUESS_ROWS = 40;

/** What the page may ask of the grid. */
export interface GridHandle {
  /** Brings a row into view, and into focus unless something else has it. */
  goTo: (index: number, takesFocus: boolean) => void;
  focus: () => void;
  refresh: () => void;
  show: (row: Row) => void;
}

export interface DataGridProps extends KeyDoings {
  label: string;
  source: RowSource;
  columns: readonly Column[];
  around: GridSurroundings;
  widths: Readonly<Record<string, number>>;
  onReady: (grid: GridHandle) => void;
  onEdit: (row: Row, name: string, value: string | null) => void;
  onOrder: (names: string[]) => void;
  onWidth: (name: string, width: number) => void;
  /** place: null when the cell is not on screen. */
  onFocusCell: (row: Row | null, name: string, place: CellPlace | null) => void;
  /** null: the pointer is over no cell any more. */
  onPointCell: (place: CellPlace | null) => void;
  onScrolled: () => void;
}

export function DataGrid(props: DataGridProps) {
  const { source, columns, around, widths } = props;
  const grid = useRef<GridApi<Row> | null>(null);
  const arrival = useRef<Arrival>({ index: null, takesFocus: false });
  const feed = useMemo(() => feedOf(source, () => grid.current), [source]);
  const { pinned, enriched, canEdit } = around;
  // Widths are read when columns are made; after that the grid itself has them.
  const defs = useMemo(() => columnDefs(columns, { pinned, enriched, widths, canEdit }), [columns, pinned, enriched, canEdit]);

  useEffect(() => {
    source.onNewVersion = () => {
      source.clear();
      grid.current?.refreshInfiniteCache();
    };
    return () => {
      source.onNewVersion = () => undefined;
    };
  }, [source]);

  const ready = ({ api }: GridReadyEvent<Row>) => {
    grid.current = api;
    props.onReady(handleOf(api, arrival.current));
  };
  return (
    <SurroundingsProvider value={around}>
      <div className="grid" role="region" aria-label={props.label}>
        <AgGridReact<Row>
          theme={gridTheme}
          rowModelType="infinite"
          datasource={feed}
          columnDefs={defs}
          defaultColDef={COLUMN}
          cacheBlockSize={BLOCK_ROWS}
          maxBlocksInCache={GRID_BLOCKS}
          maxConcurrentDatasourceRequests={4}
          blockLoadDebounceMillis={DEBOUNCE_MS}
          infiniteInitialRowCount={source.read().total ?? FIRST_GUESS_ROWS}
          rowClassRules={ROW_CLASSES}
          readOnlyEdit
          stopEditingWhenCellsLoseFocus
          suppressDragLeaveHidesColumns
          suppressNoRowsOverlay
          suppressColumnMoveAnimation
          animateRows={false}
          onGridReady={ready}
          onModelUpdated={({ api }) => arrive(api, arrival.current)}
          onBodyScrollEnd={() => feed.mend()}
          onViewportChanged={() => feed.mendStopped()}
          onCellKeyDown={(event) => "column" in event && onKey(event, props)}
          onCellClicked={({ column, rowIndex }) => column.getColId() === ROW_NUMBER && rowIndex !== null && props.onOpenRow(rowIndex)}
          onCellEditRequest={(event) => edited(event, props)}
          onCellFocused={(event) => focused(event, props)}
          onCellMouseOver={(event) => pointed(event, props)}
          onCellMouseOut={() => props.onPointCell(null)}
          onBodyScroll={props.onScrolled}
          onColumnMoved={(event) => moved(event, props)}
          onColumnResized={(event) => resized(event, props)}
        />
      </div>
    </SurroundingsProvider>
  );
}

const COLUMN = { sortable: false, resizable: true, suppressHeaderMenuButton: true };
const ROW_CLASSES = { "row-waiting": ({ data }: { data?: Row | undefined }) => data === undefined };

/** Where the page wants to be. index: null once it is there and its rows are. */
interface Arrival {
  index: number | null;
  takesFocus: boolean;
}

/** Called again whenever rows have come: how many there are, and the row itself, are known only then. */
function arrive(api: GridApi<Row>, arrival: Arrival): void {
  const { index } = arrival;
  if (index === null || index >= api.getDisplayedRowCount()) return;
  const isInView = index > api.getFirstDisplayedRowIndex() && index < api.getLastDisplayedRowIndex();
  api.ensureIndexVisible(index, isInView ? null : "middle");
  const column = api.getFocusedCell()?.column ?? api.getAllDisplayedColumns()[1];
  if (arrival.takesFocus && column !== undefined) api.setFocusedCell(index, column);
  if (api.getDisplayedRowAtIndex(index)?.data !== undefined) arrival.index = null;
}

function handleOf(api: GridApi<Row>, arrival: Arrival): GridHandle {
  return {
    goTo: (index, takesFocus) => {
      arrival.index = index;
      arrival.takesFocus = takesFocus;
      arrive(api, arrival);
    },
    focus: () => {
      const cell = api.getFocusedCell();
      const column = cell?.column ?? api.getAllDisplayedColumns()[1];
      if (column !== undefined) api.setFocusedCell(cell?.rowIndex ?? Math.max(0, api.getFirstDisplayedRowIndex()), column);
    },
    refresh: () => api.refreshInfiniteCache(),
    show: (row) => {
      const node = api.getDisplayedRowAtIndex(row.index);
      if (node?.data?.id === row.id) {
        node.setData(row);
        api.refreshCells({ rowNodes: [node], force: true });
      }
    },
  };
}
