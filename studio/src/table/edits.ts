// Edits of cells: shown at once, taken back on the screen when the server refuses, undone by one key.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { answer, api } from "../api/client";
import { profileQuery } from "../api/tables";
import type { GridHandle } from "../grid/DataGrid";
import type { Row } from "../grid/model";
import type { RowSource } from "../grid/rowSource";
import { count, plural } from "../kit/format";
import { tell, tellError, tellWithUndo } from "../kit/toast";

const PATH = "/api/audience/batch-upload/{upload_id}";

export interface Edits {
  edit: (row: Row, name: string, value: string | null) => void;
  /** Undoes the newest change made on this page. */
  undoLast: () => void;
  undo: (changeId: number) => Promise<void>;
  /** An edit of many rows has been made: shows it and offers to undo it. */
  changed: (made: Made, words: string) => void;
}

export interface Made {
  version: number;
  rows_changed: number;
  change_id: number | null;
}

/** Once the page has drawn what queries told it. */
function drawn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

export function useEdits(uploadId: string, source: RowSource, grid: () => GridHandle | null): Edits {
  const queries = useQueryClient();
  const mine = useRef<number[]>([]);
  const newest = useRef(source);
  newest.current = source;

  const refresh = useCallback(() => {
    newest.current.clear();
    grid()?.refresh();
    void queries.invalidateQueries({ queryKey: ["upload", uploadId], predicate: ({ queryKey }) => queryKey[2] !== "table" });
  }, [grid, queries, uploadId]);

  const undo = useCallback(
    async (changeId: number) => {
      try {
        const { version, rows_changed } = await answer(api.POST(`${PATH}/undo`, { params: { path: { upload_id: uploadId } }, body: { change_id: changeId } }));
        mine.current = mine.current.filter((id) => id !== changeId);
        // Columns may be gone with the change: no row is asked for before the page knows which.
        await queries.refetchQueries({ queryKey: profileQuery(uploadId).queryKey });
        await drawn();
        newest.current.accept(version);
        refresh();
        tell(`Taken back: ${plural(rows_changed, "row")} as before`);
      } catch (error) {
        tellError("This was not taken back", error);
      }
    },
    [refresh, queries, uploadId],
  );

  const changed = useCallback(
    ({ version, change_id }: Made, words: string) => {
      const before = source.read().version;
      source.accept(version);
      if (change_id === null) return;
      mine.current.push(change_id);
      const { filter, sort, view } = source.question;
      const mayMove = filter !== null || sort.length > 0 || view === "issues";
      if (mayMove || before === null || version !== before + 1) refresh();
      else void queries.invalidateQueries({ queryKey: ["upload", uploadId, "changes"] });
      tellWithUndo(words, () => void undo(change_id));
    },
    [source, refresh, undo, queries, uploadId],
  );

  const edit = useCallback(
    (row: Row, name: string, value: string | null) => {
      const after: Row = { ...row, cells: { ...row.cells, [name]: value }, edited: row.edited.includes(name) ? row.edited : [...row.edited, name] };
      const show = (shown: Row) => {
        source.put(shown);
        grid()?.show(shown);
      };
      show(after);
      answer(api.PATCH(`${PATH}/rows`, { params: { path: { upload_id: uploadId } }, body: { edits: [{ row: row.id, set: { [name]: value } }] } })).then(
        (made) => changed(made, `“${name}” changed in row ${count(row.index + 1)}`),
        (error: unknown) => {
          show(row);
          tellError("The cell keeps its value", error);
        },
      );
    },
    [source, grid, changed, uploadId],
  );

  const undoLast = useCallback(() => {
    const newest = mine.current.at(-1);
    if (newest === undefined) tell("Nothing of yours to undo here. The history lists all changes.");
    else void undo(newest);
  }, [undo]);

  return { edit, undoLast, undo, changed };
}
