// What the pages of enrichment ask the server for, and what they tell it to do.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import type { Connection, JsonObject, Run, RunBody, Tried } from "./model";

const BASE = "/api/audience/enrichments";
const CONNECTION = `${BASE}/connections/{connection_id}` as const;
const PAGE_RUNS = 50;
const MOVING_MS = 1_500;
const QUIET_MS = 15_000;

export const providersQuery = queryOptions({
  queryKey: ["enrichments", "providers"],
  queryFn: async ({ signal }) => (await answer(api.GET(`${BASE}/providers`, { signal }))).providers,
  staleTime: 60_000,
});

/** What holds for a provider under settings that are still being written. */
export const termsQuery = (provider: string, settings: JsonObject) =>
  queryOptions({
    queryKey: ["enrichments", "terms", provider, settings],
    queryFn: async ({ signal }) => (await answer(api.POST(`${BASE}/providers/terms`, { body: { provider, settings }, signal }))).terms,
    staleTime: Infinity,
  });

export const connectionsQuery = queryOptions({
  queryKey: ["enrichments", "connections"],
  queryFn: async ({ signal }) => (await answer(api.GET(`${BASE}/connections`, { signal }))).connections,
});

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["enrichments", "connections", id],
    queryFn: async ({ signal }) => (await answer(api.GET(CONNECTION, { params: { path: { connection_id: id } }, signal }))).connection,
  });

/** id: null for a new one. */
export async function saveConnection(id: string | null, wish: { provider: string; name: string; settings: JsonObject }): Promise<Connection> {
  const { provider, name } = wish;
  const settings = wish.settings as Record<string, never>; // what they may hold is the provider's own schema
  const { connection: saved } = await (id === null
    ? answer(api.POST(`${BASE}/connections`, { body: { provider, name, settings } }))
    : answer(api.PATCH(CONNECTION, { params: { path: { connection_id: id } }, body: { name, settings } })));
  queries.setQueryData(connectionQuery(saved.id).queryKey, saved);
  await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey, exact: true });
  return saved;
}

export async function deleteConnection(id: string): Promise<void> {
  await answer(api.DELETE(CONNECTION, { params: { path: { connection_id: id } } }));
  await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey, exact: true });
}

export function tryConnection(id: string, input: Record<string, string>): Promise<Tried> {
  return answer(api.POST(`${CONNECTION}/try`, { params: { path: { connection_id: id } }, body: { input } }));
}

/** What a run would do. askPaid: providers with a price are asked for the sample too. */
export const estimateQuery = (wish: RunBody, askPaid: boolean) =>
  queryOptions({
    queryKey: ["enrichments", "estimate", wish, askPaid],
    queryFn: ({ signal }) => answer(api.POST(`${BASE}/estimate`, { body: askPaid ? { ...wish, ask_paid: true } : wish, signal })),
    // It may cost something, so it is asked when somebody wants it and not by itself.
    staleTime: Infinity,
    retry: false,
    refetchOnReconnect: false,
  });

export async function startRun(wish: RunBody, idempotencyKey: string): Promise<Run> {
  const { run } = await answer(api.POST(BASE, { body: wish, params: { header: { "Idempotency-Key": idempotencyKey } } }));
  await refreshRun(run);
  return run;
}

export const isMoving = ({ status }: Pick<Run, "status">) => status === "queued" || status === "running";
export const isOver = ({ status }: Pick<Run, "status">) => !isMoving({ status }) && status !== "paused";

export interface RunFilter {
  status: string;
  uploadId: string;
}

export const runsQuery = ({ status, uploadId }: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ["enrichments", "runs", status, uploadId],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE_RUNS, cursor: pageParam, ...(status === "" ? {} : { status }), ...(uploadId === "" ? {} : { upload_id: uploadId }) };
      return answer(api.GET(BASE, { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ runs }) => runs.some(isMoving)) ? MOVING_MS : QUIET_MS),
  });

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: ["enrichments", "run", runId],
    queryFn: async ({ signal }) => (await answer(api.GET(`${BASE}/{run_id}`, { params: { path: { run_id: runId } }, signal }))).run,
    // The event stream tells sooner, but only how far it is; this has every count, and holds where streams are cut.
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? MOVING_MS : false),
  });

export type Verb = "cancel" | "pause" | "resume";

export async function steer(runId: string, verb: Verb): Promise<void> {
  const { run } = await answer(api.POST(`${BASE}/{run_id}/${verb}`, { params: { path: { run_id: runId } } }));
  await refreshRun(run);
}

/** A new run over what failed. budget: null for what the first one had. */
export async function retryFailed(runId: string, which: { codes: string[] | null; step: number | null; budget: number | null }): Promise<Run> {
  const { run } = await answer(api.POST(`${BASE}/{run_id}/retry-failed`, { params: { path: { run_id: runId } }, body: which }));
  await refreshRun(run);
  return run;
}

async function refreshRun(run: Run): Promise<void> {
  queries.setQueryData(runQuery(run.run_id).queryKey, run);
  await queries.invalidateQueries({ queryKey: ["enrichments", "runs"] });
}
