// One window of rows from the API.
import { answer, api, type Schemas } from "../api/client";
import { filterText } from "../filter/urlText";
import { type Row, type RowQuestion } from "./model";
import { namesText, sortText } from "./names";

export type RowsAnswer = Schemas["RowsJson"];

const LONGEST_ADDRESS = 2_000;

interface Window {
  offset: number;
  limit: number;
  exactTotal?: boolean;
  signal?: AbortSignal;
}

/** Short questions are asked by GET, which may be cached; long ones by POST. */
export function askRows(question: RowQuestion, { offset, limit, exactTotal = false, signal }: Window): Promise<RowsAnswer> {
  const { uploadId, filter, sort, columns, view } = question;
  const path = { upload_id: uploadId };
  const cancel = signal === undefined ? {} : { signal };
  const text = filterText(filter) ?? "";
  const names = columns === null ? "" : namesText(columns);
  if (text.length + names.length > LONGEST_ADDRESS) {
    const body = { offset, limit, view, exact_total: exactTotal, sort: sortText(sort), filter: filter as Record<string, unknown> | null, columns: columns === null ? null : [...columns] };
    return answer(api.POST("/api/audience/batch-upload/{upload_id}/rows/query", { params: { path }, body, ...cancel }));
  }
  const query = {
    offset,
    limit,
    ...(text === "" ? {} : { filter: text }),
    ...(names === "" ? {} : { columns: names }),
    ...(sort.length === 0 ? {} : { sort: sortText(sort) }),
    ...(view === "all" ? {} : { view }),
    ...(exactTotal ? { exact_total: true } : {}),
  };
  return answer(api.GET("/api/audience/batch-upload/{upload_id}/rows", { params: { path, query }, ...cancel }));
}

export function rowsOf(found: RowsAnswer): Row[] {
  const names = found.columns.map((column) => column.name);
  return found.rows.map((row, at) => {
    const cells: Row["cells"] = Object.create(null) as Row["cells"];
    for (const [place, name] of names.entries()) cells[name] = row.values[place] ?? null;
    return { index: found.offset + at, id: row._row_id, sent: row._row, cells, issues: row._issues ?? [], edited: row._edited ?? [] };
  });
}
