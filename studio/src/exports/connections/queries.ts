// Connections to destinations: one of them, what uses it, and what can be done with it.
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { queries } from "../../api/queries";
import type { Connection, JsonObject } from "../model";
import { connectionsQuery } from "../queries";

const BASE = "/api/audience/exports";
const CONNECTION = `${BASE}/connections/{export_connection_id}` as const;
const MOST = 1000;

const at = (id: string) => ({ path: { export_connection_id: id } });
const open = (settings: JsonObject) => settings as Record<string, never>; // what they may hold is the destination's own schema

export const connectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["exports", "connections", id],
    queryFn: async ({ signal }) => (await answer(api.GET(CONNECTION, { params: at(id), signal }))).connection,
  });

/** What holds a connection: schedules, and exports that are not over. */
export interface Use {
  connection: string | null;
  kind: "schedule" | "export";
  id: string;
  name: string;
}

export const usesQuery = queryOptions({
  queryKey: ["exports", "connections", "uses"],
  queryFn: async ({ signal }): Promise<Use[]> => {
    const [kept, working] = await Promise.all([
      answer(api.GET(`${BASE}/schedules`, { params: { query: { limit: MOST } }, signal })),
      answer(api.GET(BASE, { params: { query: { limit: MOST, status: "queued,running" } }, signal })),
    ]);
    const schedules = kept.schedules.map((each) => ({ connection: (each.export["connection"] ?? null) as string | null, kind: "schedule" as const, id: each.schedule_id, name: each.name }));
    const exports = working.exports.map((each) => ({ connection: each.connection, kind: "export" as const, id: each.export_id, name: each.name }));
    return [...schedules, ...exports].filter(({ connection }) => connection !== null);
  },
});

/** id: null for a new one. */
export async function saveConnection(id: string | null, wish: { destination: string; name: string; settings: JsonObject }): Promise<Connection> {
  const { destination, name } = wish;
  const settings = open(wish.settings);
  const { connection: saved } = await (id === null
    ? answer(api.POST(`${BASE}/connections`, { body: { destination, name, settings } }))
    : answer(api.PATCH(CONNECTION, { params: at(id), body: { name, settings } })));
  queries.setQueryData(connectionQuery(saved.id).queryKey, saved);
  await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey, exact: true });
  return saved;
}

export async function deleteConnection(id: string): Promise<void> {
  await answer(api.DELETE(CONNECTION, { params: at(id) }));
  await queries.invalidateQueries({ queryKey: connectionsQuery.queryKey, exact: true });
}

/** settings: of an export, as far as they are known. Sends no rows. */
export function tryConnection(id: string, settings: JsonObject) {
  return answer(api.POST(`${CONNECTION}/try`, { params: at(id), body: { settings: open(settings) } }));
}
