// What the table page asks the API besides rows.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { askRows } from "../grid/askRows";
import type { RowQuestion } from "../grid/model";

export type TableChange = Schemas["ChangeJson"];

const PATH = "/api/audience/batch-upload/{upload_id}";

/** How many rows answer a question, counted exactly. */
export function countQuery(question: RowQuestion) {
  return queryOptions({
    queryKey: ["upload", question.uploadId, "count", question.filter, question.view],
    queryFn: async ({ signal }) => (await askRows({ ...question, sort: [], columns: null }, { offset: 0, limit: 1, exactTotal: true, signal })).total,
  });
}

/** One row with all its columns. index: its place in the rows of the question, from 0. */
export function rowQuery(question: RowQuestion, index: number, version: number | null) {
  return queryOptions({
    queryKey: ["upload", question.uploadId, "row", question.filter, question.sort, question.view, index, version],
    queryFn: ({ signal }) => askRows({ ...question, columns: null }, { offset: index, limit: 1, signal }),
  });
}

const CHANGES_AT_ONCE = 30;

export function changesQuery(uploadId: string) {
  return infiniteQueryOptions({
    queryKey: ["upload", uploadId, "changes"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET(`${PATH}/changes`, {
          params: { path: { upload_id: uploadId }, query: { limit: CHANGES_AT_ONCE, ...(pageParam === "" ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
  });
}
