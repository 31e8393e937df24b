// The table of a ready upload: toolbar, grid, foot, panels, all of it steered by the address.
import "./table.css";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { History, Sparkles, Users } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { profileQuery, type Upload } from "../api/tables";
import { meQuery } from "../app/session";
import { type Filter, fieldsOf } from "../filter/ast";
import { filterText } from "../filter/urlText";
import type { GridSurroundings } from "../grid/context";
import type { GridHandle } from "../grid/DataGrid";
import type { Column } from "../grid/model";
import { namesText, parseNames } from "../grid/names";
import { keepWidth, readWidths } from "../grid/widths";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { LinkButton } from "../kit/links";
import { Page } from "../kit/Page";
import { BulkEdit } from "./BulkEdit";
import { ColumnPanel } from "./ColumnPanel";
import { copyCell } from "./copyCell";
import { DownloadMenu } from "./DownloadMenu";
import { useEdits } from "./edits";
import { HistoryPanel } from "./HistoryPanel";
import { KeysHelp } from "./KeysHelp";
import { OriginCard } from "./OriginCard";
import { isEnriched } from "./provenance";
import { countQuery } from "./queries";
import { merged, movedBy, questionOf, reasonFor, shownOf } from "./question";
import { RejectsNote } from "./RejectsNote";
import { RowDetails } from "./RowDetails";
import { mayEdit, mayEnrich, maySegment, mayTrace } from "./rights";
import { StatusLine } from "./StatusLine";
import { TableSkeleton } from "./TableSkeleton";
import { useTableAddress } from "./tableState";
import { Toolbar } from "./Toolbar";
import { useCellOrigin } from "./useCellOrigin";
import { usePageKeys } from "./usePageKeys";
import { useRows } from "./useRows";

// The grid is the largest part: it is fetched while the first rows are, and not by other pages.
const gridModule = import("../grid/DataGrid");
const DataGrid = lazy(async () => ({ default: (await gridModule).DataGrid }));

const NONE: readonly Column[] = [];

export function TableView({ upload }: { upload: Upload }) {
  const uploadId = upload.upload_id;
  const { state, change } = useTableAddress();
  const { data: me } = useQuery(meQuery);
  const canEdit = me !== undefined && mayEdit(me);
  const profile = useQuery(profileQuery(uploadId));
  const known = profile.data?.columns;
  const [question, isReady] = useMemo(() => questionOf(uploadId, state, known), [uploadId, state, known]);
  const { source, facts, oldTotal } = useRows(question, isReady || profile.isError);
  const columns: readonly Column[] = known ?? (question.columns === null ? facts.columns : NONE);
  const shownColumns = useMemo(() => shownOf(columns, question.columns), [columns, question.columns]);

  const handle = useRef<GridHandle | null>(null);
  const [isGridReady, setGridReady] = useState(false);
  const edits = useEdits(uploadId, source, useCallback(() => handle.current, []));
  const [reason, setReason] = useState("");
  const cells = useCellOrigin(uploadId, facts, me);
  const [bulkColumn, setBulkColumn] = useState<string | null>(null);
  const { searchInput, rowInput, help } = usePageKeys();
  const pinText = namesText(state.pins);
  const widths = useMemo(() => readWidths(uploadId), [uploadId]);
  const issues = useQuery({ ...countQuery({ uploadId, filter: null, sort: [], columns: null, view: "issues" }), enabled: facts.total !== null });

  const types = useMemo(() => new Map(columns.map(({ name, type }) => [name, type])), [columns]);
  const typeOf = useCallback((name: string) => types.get(name) ?? "text", [types]);
  const clear = () => change({ filters: [], search: "", view: "all", row: null });
  const onSearch = useCallback((search: string) => change({ search, row: null }, true), [change]);
  const addFilter = useCallback((filter: Filter) => change({ filters: merged(state.filters, filter), row: null, panel: null }), [change, state.filters]);

  const pinned = useMemo(() => new Set(parseNames(pinText)), [pinText]); // one set as long as the names are the same: it makes columns
  const enrichedText = JSON.stringify(facts.columns.filter(({ origin }) => isEnriched(origin)).map(({ name }) => name));
  const enriched = useMemo(() => new Set(JSON.parse(enrichedText) as string[]), [enrichedText]); // as above
  const around = useMemo((): GridSurroundings => {
    const names = shownColumns.map(({ name }) => name);
    return {
      profiles: new Map(known?.map((column) => [column.name, column])),
      sort: state.sort,
      filtered: new Set(state.filters.flatMap(fieldsOf)),
      enriched,
      pinned,
      canEdit,
      onSort: (sort) => change({ sort, row: null }),
      onFilter: addFilter,
      onPin: (name, isPinned) => change({ pins: isPinned ? [...state.pins, name] : state.pins.filter((pin) => pin !== name) }),
      onHide: (name) => names.length > 1 && change({ columns: names.filter((other) => other !== name) }),
      onMove: (name, by) => change({ columns: movedBy(names, name, by) }),
      onProfile: (name) => change({ panel: { kind: "column", name } }),
      onEditAll: setBulkColumn,
    };
  }, [known, shownColumns, enriched, state.sort, state.filters, state.pins, pinned, canEdit, change, addFilter]);

  useEffect(() => {
    if (isGridReady && state.row !== null && facts.total !== null && facts.total > 0) handle.current?.goTo(Math.min(state.row, facts.total) - 1, state.panel === null);
    // Only when the row or the rows asked for change: an edit must not move the table.
  }, [isGridReady, state.row, source, facts.total === null]);

  const isNarrowed = question.filter !== null || question.view === "issues";
  const closePanel = () => {
    change({ panel: null });
    if (state.panel?.kind === "row" && state.row !== null) handle.current?.goTo(state.row - 1, true);
    else handle.current?.focus();
  };
  const column = state.panel?.kind === "column" ? state.panel.name : null;
  const columnProfile = known?.find(({ name }) => name === column);
  const error = state.filterError ?? (facts.total === null ? facts.error : null) ?? (profile.isError ? profile.error : null);
  return (
    <Page
      title={upload.upload_name}
      fill
      actions={
        <>
          {me !== undefined && mayEnrich(me, "write") && (
            <LinkButton
              size="xs"
              variant="default"
              leftSection={<Sparkles size={14} aria-hidden />}
              to="/uploads/$uploadId/enrich"
              params={{ uploadId }}
              search={{ filter: filterText(question.filter) }}
            >
              Enrich
            </LinkButton>
          )}
          {me !== undefined && maySegment(me) && (
            <LinkButton size="xs" variant="default" leftSection={<Users size={14} aria-hidden />} to="/segments/new" search={{ from: uploadId, def: filterText(question.filter) }}>
              Build segment
            </LinkButton>
          )}
          <Button size="xs" variant="default" leftSection={<History size={14} aria-hidden />} onClick={() => change({ panel: { kind: "history" } })}>
            History
          </Button>
          <DownloadMenu upload={upload} filter={filterText(question.filter)} />
        </>
      }
    >
      <RejectsNote upload={upload} />
      <Toolbar
        {...{ state, change, columns, typeOf, searchInput, rowInput, onSearch }}
        shown={shownColumns.map(({ name }) => name)}
        total={facts.total}
        issues={issues.data ?? null}
        onClear={clear}
        onGo={(row) => {
          change({ row });
          handle.current?.goTo(row - 1, true); // also when it is the row of the address already
        }}
      />
      {error !== null && <ErrorNote error={error} onRetry={state.filterError === null ? () => retry() : clear} />}
      <div style={{ position: "relative", display: "flex", flex: 1, minHeight: 0 }}>
        {columns.length === 0 ? (
          error === null && <TableSkeleton />
        ) : (
          <Suspense fallback={<TableSkeleton />}>
            <DataGrid
              label={`Rows of ${upload.upload_name}`}
              source={source}
              columns={shownColumns}
              around={around}
              widths={widths}
              onReady={(grid) => {
                handle.current = grid;
                setGridReady(true);
              }}
              onEdit={edits.edit}
              onOrder={(names) => change({ columns: names })}
              onWidth={(name, width) => keepWidth(uploadId, name, width)}
              onFocusCell={(row, name, place) => {
                setReason(reasonFor(row, name));
                cells.onFocus(place);
              }}
              onPointCell={cells.onPoint}
              onScrolled={cells.dismiss}
              onOpenRow={(index) => change({ row: index + 1, panel: { kind: "row" } })}
              onCopy={(text) => void copyCell(text)}
              onUndo={edits.undoLast}
            />
          </Suspense>
        )}
        {facts.total === 0 && (
          <div className="over-grid">
            {isNarrowed ? (
              <EmptyState title="No row matches" text="Loosen the filters, or search for something else.">
                <Button onClick={clear}>Clear filters</Button>
              </EmptyState>
            ) : (
              <EmptyState title="This table has no rows" text={upload.rows_rejected > 0 ? "Nothing that was sent could be taken; the rejects say why." : "What was sent held no records."} />
            )}
          </div>
        )}
      </div>
      {cells.shown !== null && state.panel === null && bulkColumn === null && (
        <OriginCard
          shown={cells.shown}
          titles={cells.titles}
          mayOpenRun={me !== undefined && mayEnrich(me, "read")}
          onEnter={() => cells.onPoint(cells.shown?.place ?? null)}
          onLeave={() => cells.onPoint(null)}
        />
      )}
      <StatusLine {...{ facts, oldTotal, isNarrowed, canEdit, reason }} note={cells.note} all={profile.data?.rows ?? null} onHelp={help.open} />
      {state.panel?.kind === "row" && state.row !== null && (
        <RowDetails question={question} version={facts.version} row={state.row} total={facts.total} titles={cells.titles} mayTrace={me !== undefined && mayTrace(me)} onGo={(row) => change({ row }, true)} onClose={closePanel} />
      )}
      {state.panel?.kind === "history" && <HistoryPanel uploadId={uploadId} canEdit={canEdit} onUndo={edits.undo} onClose={closePanel} />}
      {columnProfile !== undefined && <ColumnPanel profile={columnProfile} isOld={profile.data?.edited_since ?? false} onFilter={addFilter} onClose={closePanel} />}
      {bulkColumn !== null && (
        <BulkEdit question={question} version={facts.version} columns={columns} column={bulkColumn} onDone={edits.changed} onClose={() => setBulkColumn(null)} />
      )}
      <KeysHelp isOpen={help.isOpen} onClose={help.close} />
    </Page>
  );

  function retry() {
    source.clear();
    if (profile.isError) void profile.refetch();
    source.block(0).then(
      () => handle.current?.refresh(),
      () => undefined,
    );
  }
}
