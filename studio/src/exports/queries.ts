// What the pages of exports ask the server for, and what they tell it to do.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, send } from "../api/client";
import { queries } from "../api/queries";
import type { Definition, Export, ExportBody, JsonObject, Outcomes, Preview, Schedule, ScheduleBody } from "./model";

const BASE = "/api/audience/exports";
const ONE = `${BASE}/{export_id}` as const;
const PAGE_EXPORTS = 50;
const PAGE_OUTCOMES = 100;
const MOST_OFFERED = 200;
const MOVING_MS = 1_500;
const QUIET_MS = 15_000;

export const destinationsQuery = queryOptions({
  queryKey: ["exports", "destinations"],
  queryFn: async ({ signal }) => (await answer(api.GET(`${BASE}/destinations`, { signal }))).destinations,
  staleTime: 60_000,
});

export const connectionsQuery = queryOptions({
  queryKey: ["exports", "connections"],
  queryFn: async ({ signal }) => (await answer(api.GET(`${BASE}/connections`, { signal }))).connections,
});

/** Asks the destination whether it would take anything, under the settings of an export; sends no rows. */
export function tryConnection(id: string, settings: JsonObject) {
  const path = { export_connection_id: id };
  return answer(api.POST(`${BASE}/connections/{export_connection_id}/try`, { params: { path }, body: { settings: settings as Record<string, never> } }));
}

/** How many people must never leave, by kind. */
export const suppressedQuery = queryOptions({
  queryKey: ["exports", "suppressions", "counts"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/audience/suppressions", { params: { query: { limit: 1 } }, signal }))).total,
});

/** Segments to choose one from, the newest first. */
export const offeredSegmentsQuery = queryOptions({
  queryKey: ["exports", "segments"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/audience/segments", { params: { query: { limit: MOST_OFFERED } }, signal }))).segments,
});

/** What an export would be, its guesses filled in, and how many rows there are; nothing is stored. */
export const definitionQuery = (wish: ExportBody | null) =>
  queryOptions({
    queryKey: ["exports", "definition", wish],
    queryFn: async ({ signal }) => {
      const told = await answer(api.POST(BASE, { body: { ...wish, dry_run: true }, signal }));
      return told as unknown as { definition: Definition; rows_total: number }; // the description names the other answer of this route
    },
    enabled: wish !== null,
    retry: false,
  });

/** The first rows as they would leave. */
export const previewQuery = (wish: ExportBody) =>
  queryOptions({
    queryKey: ["exports", "preview", wish],
    queryFn: async ({ signal }) => (await answer(api.POST(`${BASE}/preview`, { body: wish, signal }))) as unknown as Preview,
    retry: false,
  });

export async function startExport(wish: ExportBody, idempotencyKey: string): Promise<Export> {
  const { export: made } = await answer(api.POST(BASE, { body: wish, params: { header: { "Idempotency-Key": idempotencyKey } } }));
  return await refreshExport(made as unknown as Export);
}

export async function keepSchedule(wish: ScheduleBody, idempotencyKey: string): Promise<Schedule> {
  const { schedule } = await answer(api.POST(`${BASE}/schedules`, { body: wish, params: { header: { "Idempotency-Key": idempotencyKey } } }));
  await queries.invalidateQueries({ queryKey: ["exports", "schedules"] });
  return schedule;
}

export const isMoving = ({ status }: Pick<Export, "status">) => status === "queued" || status === "running";

export interface ExportFilter {
  status: string;
  segmentId: string;
  uploadId: string;
  scheduleId: string;
  destination: string;
}

export const exportsQuery = ({ status, segmentId, uploadId, scheduleId, destination }: ExportFilter) =>
  infiniteQueryOptions({
    queryKey: ["exports", "list", status, segmentId, uploadId, scheduleId, destination],
    queryFn: async ({ pageParam, signal }) => {
      const named = { status, segment_id: segmentId, upload_id: uploadId, schedule_id: scheduleId, destination };
      const query = { limit: PAGE_EXPORTS, cursor: pageParam, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== "")) };
      const page = await answer(api.GET(BASE, { params: { query }, signal }));
      return { ...page, exports: page.exports as unknown as Export[] };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ exports }) => exports.some(isMoving)) ? MOVING_MS : QUIET_MS),
  });

export const exportQuery = (exportId: string) =>
  queryOptions({
    queryKey: ["exports", "one", exportId],
    queryFn: async ({ signal }) => (await answer(api.GET(ONE, { params: { path: { export_id: exportId } }, signal }))).export as unknown as Export,
    // The event stream tells sooner, but only how far it is; this has every count, and holds where streams are cut.
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? MOVING_MS : false),
  });

export interface OutcomeFilter {
  outcome: Outcomes;
  code: string;
}

/** Rows of one export that did not simply leave. dismissed: of the export; they change what is listed. */
export const outcomesQuery = (exportId: string, { outcome, code }: OutcomeFilter, dismissed: number) =>
  infiniteQueryOptions({
    queryKey: ["exports", "outcomes", exportId, outcome, code, dismissed],
    queryFn: ({ pageParam, signal }) => {
      const query = { outcome, limit: PAGE_OUTCOMES, cursor: pageParam, ...(code === "" ? {} : { code }) };
      return answer(api.GET(`${ONE}/outcomes`, { params: { path: { export_id: exportId }, query }, headers: { Accept: "application/json" }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

/** The same rows, all of them, as a file. */
export async function outcomesFile(exportId: string, { outcome, code }: OutcomeFilter): Promise<Blob> {
  const query = new URLSearchParams({ outcome, ...(code === "" ? {} : { code }) });
  const file = await send(`${BASE}/${encodeURIComponent(exportId)}/outcomes?${query}`, { headers: { Accept: "text/csv" } });
  return await file.blob();
}

export async function cancelExport(exportId: string): Promise<void> {
  const { export: cancelled } = await answer(api.POST(`${ONE}/cancel`, { params: { path: { export_id: exportId } } }));
  await refreshExport(cancelled as unknown as Export);
}

/** A new export over what failed. codes: null for all of it. */
export async function retryFailed(exportId: string, codes: string[] | null, idempotencyKey: string): Promise<Export> {
  const params = { path: { export_id: exportId }, header: { "Idempotency-Key": idempotencyKey } };
  const { export: made } = await answer(api.POST(`${ONE}/retry-failed`, { params, body: { codes } }));
  return await refreshExport(made as unknown as Export);
}

/** Failed rows that are not to be sent again as long as they stay as they are; how many. */
export async function dismissFailed(exportId: string, which: { codes: string[] } | { positions: number[] } | { all: true }): Promise<number> {
  const { dismissed } = await answer(api.POST(`${ONE}/dismiss`, { params: { path: { export_id: exportId } }, body: which }));
  await queries.invalidateQueries({ queryKey: ["exports"] });
  return dismissed;
}

export async function deleteExport(exportId: string): Promise<void> {
  await answer(api.DELETE(ONE, { params: { path: { export_id: exportId } } }));
  await queries.invalidateQueries({ queryKey: ["exports", "list"] });
}

async function refreshExport(changed: Export): Promise<Export> {
  queries.setQueryData(exportQuery(changed.export_id).queryKey, changed);
  await queries.invalidateQueries({ queryKey: ["exports", "list"] });
  return changed;
}
