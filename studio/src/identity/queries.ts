// What the pages of identity ask the server for, and what they tell it to do.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import type { Dedupe, Match, MatchBody, MemberRow } from "./model";

const BASE = "/api/audience/identity";
const MATCHES = `${BASE}/matches` as const;
const ONE = `${MATCHES}/{match_id}` as const;
const MOVING_MS = 1_500;
const QUIET_MS = 15_000;
const PAGE_MATCHES = 50;

export const PAGE_GROUPS = 10;
export const PAGE_PAIRS = 20;

/** Groups of rows and how they would be joined. page: from 1. A question nobody waits for any more is broken off. */
export const duplicatesQuery = (uploads: readonly string[], dedupe: Dedupe, page: number) =>
  queryOptions({
    queryKey: ["identity", "duplicates", uploads, dedupe, page],
    queryFn: ({ signal }) => {
      const body = { uploads: [...uploads], dedupe, offset: (page - 1) * PAGE_GROUPS, limit: PAGE_GROUPS };
      return answer(api.POST(`${BASE}/duplicates`, { body, signal }));
    },
    placeholderData: keepPreviousData,
    retry: false, // it may take as long as a request may; asking again by itself would take that long again
    staleTime: 30_000,
  });

/** How many rows have nothing in any of these columns. */
export const blankQuery = (uploads: readonly string[], columns: readonly string[]) =>
  queryOptions({
    queryKey: ["identity", "blank", uploads, columns],
    queryFn: async ({ signal }) => {
      const filter: object = { all: columns.map((field) => ({ field, op: "is_empty" })) };
      const body = { uploads: [...uploads], filter: filter as Record<string, never>, sample: 0 };
      return (await answer(api.POST("/api/audience/segments/preview", { body, signal }))).count;
    },
    retry: false,
    staleTime: 30_000,
  });

export const isMoving = ({ status }: Pick<Match, "status">) => status === "computing";

export const matchesQuery = infiniteQueryOptions({
  queryKey: ["identity", "matches"],
  queryFn: ({ pageParam, signal }) => answer(api.GET(MATCHES, { params: { query: { limit: PAGE_MATCHES, cursor: pageParam } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) => (state.data?.pages.some(({ matches }) => matches.some(isMoving)) ? MOVING_MS : QUIET_MS),
});

export const matchQuery = (matchId: string) =>
  queryOptions({
    queryKey: ["identity", "match", matchId],
    queryFn: async ({ signal }) => (await answer(api.GET(ONE, { params: { path: { match_id: matchId } }, signal }))).match,
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? MOVING_MS : false),
  });

/** Pairs with a probability within the band, the least probable first. */
export const pairsQuery = (matchId: string, [from, to]: readonly [number, number]) =>
  infiniteQueryOptions({
    queryKey: ["identity", "match", matchId, "pairs", from, to],
    queryFn: ({ pageParam, signal }) => answer(api.GET(`${ONE}/pairs`, { params: { path: { match_id: matchId }, query: { from, to, offset: pageParam, limit: PAGE_PAIRS } }, signal })),
    initialPageParam: 0,
    // A page may hold fewer pairs than asked for: those of people who were erased since are left out.
    getNextPageParam: ({ offset, limit, total }) => (offset + limit < total ? offset + limit : null),
    staleTime: Infinity, // a list that changed by itself would move what somebody is about to decide
  });

export async function startMatch(wish: MatchBody, idempotencyKey: string): Promise<Match> {
  const { match } = await answer(api.POST(MATCHES, { body: wish, params: { header: { "Idempotency-Key": idempotencyKey } } }));
  queries.setQueryData(matchQuery(match.id).queryKey, match);
  await queries.invalidateQueries({ queryKey: matchesQuery.queryKey });
  return match;
}

export async function deleteMatch(matchId: string): Promise<void> {
  await answer(api.DELETE(ONE, { params: { path: { match_id: matchId } } }));
  await queries.invalidateQueries({ queryKey: matchesQuery.queryKey });
}

const named = (row: MemberRow) => ({ upload_id: row._upload_id, row: row._row_id });

/** Settle one pair; the last word on it counts. */
export async function settle(matchId: string, a: MemberRow, b: MemberRow, same: boolean): Promise<void> {
  await answer(api.POST(`${ONE}/decisions`, { params: { path: { match_id: matchId } }, body: { decisions: [{ a: named(a), b: named(b), same }] } }));
  await queries.invalidateQueries({ queryKey: ["identity", "duplicates"] });
}
