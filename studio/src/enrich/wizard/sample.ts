// The rows of a sample as they are in the table now.
import { queryOptions } from "@tanstack/react-query";
import { askRows, rowsOf } from "../../grid/askRows";
import type { Row } from "../../grid/model";
import type { Estimate } from "../model";

const HIDDEN_BEFORE = 20; // rows are found by their place; those hidden before one make it come earlier

/** Rows by id; those that cannot be found, as many rows before them are hidden, are left out. */
export const sampleRowsQuery = ({ upload_id, version }: Estimate, ids: readonly number[], columns: readonly string[]) =>
  queryOptions({
    queryKey: ["upload", upload_id, "sample", version, ids, columns],
    queryFn: async ({ signal }) => {
      const question = { uploadId: upload_id, filter: null, sort: [], columns, view: "all" as const };
      const found = await Promise.all(
        ids.map(async (id): Promise<Row | undefined> => {
          const offset = Math.max(0, id - HIDDEN_BEFORE);
          return rowsOf(await askRows(question, { offset, limit: id - offset + 1, signal })).find((row) => row.id === id);
        }),
      );
      return new Map(found.flatMap((row) => (row === undefined ? [] : [[row.id, row]])));
    },
    staleTime: Infinity,
    enabled: ids.length > 0 && columns.length > 0,
  });
