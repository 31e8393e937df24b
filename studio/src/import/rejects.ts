// Rows that were set aside, as text to look at and to correct: read from the server and sent back to it.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, send } from "../api/client";
import { uploadKey } from "./queries";

export const PAGE_ROWS = 50;
export const DISCARDED = "discarded_by_user";

/** One row that was set aside. values: by the names of the file; text: the whole row where columns could not be told apart. */
export interface Reject {
  row: number;
  line: number | null;
  field: string | null;
  code: string;
  reason: string;
  values: Readonly<Record<string, string | null>>;
  text: string | null;
}

export interface RejectPage {
  total: number;
  rejects: Reject[];
}

/** Which rejects: all, or those of one cause. field: empty for causes that are about whole rows. */
export interface Cause {
  code: string;
  field: string;
}

/** Corrections that are not sent yet: by row number, by column. */
export type Edits = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const rejectsQuery = (uploadId: string, cause: Cause | null, offset: number) =>
  queryOptions({
    queryKey: [...uploadKey(uploadId), "rejects", cause, offset],
    queryFn: async ({ signal }): Promise<RejectPage> => {
      const which = new URLSearchParams({ offset: String(offset), limit: String(PAGE_ROWS), ...cause });
      const path = `/api/audience/batch-upload/${encodeURIComponent(uploadId)}/rejects?${which}`;
      const text = await (await send(path, { headers: { Accept: "application/json" }, signal })).text();
      const page = JSON.parse(text, exactNumber) as { total: number; rejects: Record<string, unknown>[] };
      return { total: Number(page.total), rejects: page.rejects.map(rejectOf) };
    },
  });

export const issuesQuery = (uploadId: string) =>
  queryOptions({
    queryKey: [...uploadKey(uploadId), "issues"],
    queryFn: ({ signal }) => answer(api.GET("/api/audience/batch-upload/{upload_id}/issues", { params: { path: { upload_id: uploadId } }, signal })),
  });

export type Issues = Awaited<ReturnType<NonNullable<ReturnType<typeof issuesQuery>["queryFn"]>>>;
export type IssueGroup = Issues["groups"][number];

/** Numbers keep the digits they were sent with: those JavaScript cannot hold stay text. */
function exactNumber(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? context.source : value;
}

function rejectOf(shown: Record<string, unknown>): Reject {
  const { _row, _line, _field, _code, _reason, _value, ...values } = shown;
  return {
    row: Number(_row),
    line: _line === undefined ? null : Number(_line),
    field: typeof _field === "string" ? _field : null,
    code: String(_code),
    reason: String(_reason),
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cellText(value)])),
    text: _value === undefined ? null : (cellText(_value) ?? ""),
  };
}

function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Sends corrected rows back; each is checked again by today's rules. */
export function retry(uploadId: string, rows: readonly { row: number; values: Readonly<Record<string, string | null>> }[]) {
  return answer(
    api.POST("/api/audience/batch-upload/{upload_id}/retry", {
      params: { path: { upload_id: uploadId } },
      body: { rows: rows.map(({ row, values }) => ({ ...filled(values), _row: row })) },
    }),
  );
}

/** Empty is no value. */
function filled(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== ""));
}

export const isAboutIdentity = (reject: { code: string; field: string | null }) => reject.code === "identity_missing" || reject.code === "identity_blank";
