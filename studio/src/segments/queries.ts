// What the pages of segments ask the server for.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { namesText } from "../grid/names";
import type { CompareBy, ListedEntry, Segment, SegmentKind } from "./model";

export const BASE = "/api/audience/segments";
export const ONE = `${BASE}/{segment_id}` as const;
export const SEGMENTS_KEY = ["segments"] as const;
const PAGE_SEGMENTS = 50;
const COUNTING_MS = 1_500;
const QUIET_MS = 30_000;

export interface ListWish {
  /** Part of the name. */
  q: string;
  tag: string;
  kind: string;
  uploadId: string;
  /** With `-` in front for the largest first. */
  sort: string;
}

export const NEWEST_FIRST = "-updated_at";

export const segmentsQuery = ({ q, tag, kind, uploadId, sort }: ListWish) =>
  infiniteQueryOptions({
    queryKey: [...SEGMENTS_KEY, "list", q, tag, kind, uploadId, sort],
    queryFn: ({ pageParam, signal }) => {
      const narrowed = {
        ...(q === "" ? {} : { name: q }),
        ...(tag === "" ? {} : { tag }),
        ...(kind === "live" || kind === "snapshot" ? { kind: kind as SegmentKind } : {}),
        ...(uploadId === "" ? {} : { upload_id: uploadId }),
      };
      return answer(api.GET(BASE, { params: { query: { ...narrowed, sort, limit: PAGE_SEGMENTS, cursor: pageParam } }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ segments }) => segments.some(isCounting)) ? COUNTING_MS : QUIET_MS),
  });

export const isCounting = ({ status }: Pick<Segment, "status">) => status === "computing";

/** A live segment is brought up to date by asking for it. */
export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "one", id],
    queryFn: async ({ signal }) => (await answer(api.GET(ONE, { params: { path: { segment_id: id } }, signal }))).segment,
    staleTime: 1_000,
    refetchInterval: ({ state }) => (state.data !== undefined && isCounting(state.data) ? COUNTING_MS : false),
  });

export interface MembersWish {
  version: number | null;
  part: "all" | "joined" | "left";
  since: number | null;
  columns: readonly string[] | null;
  offset: number;
  limit: number;
}

/** counted: the newest version, so that another one asks anew. */
export const membersQuery = (id: string, counted: number | null, { version, part, since, columns, offset, limit }: MembersWish) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "members", id, version ?? counted, part, since, columns, offset, limit],
    queryFn: ({ signal }) => {
      const query = {
        offset,
        limit,
        part,
        ...(columns === null ? {} : { columns: namesText(columns) }),
        ...(version === null ? {} : { version }),
        ...(since === null || part === "all" ? {} : { since }),
      };
      return answer(api.GET(`${ONE}/members`, { params: { path: { segment_id: id }, query }, signal }));
    },
  });

const PAGE_VERSIONS = 100;

export const historyQuery = (id: string, counted: number | null) =>
  infiniteQueryOptions({
    queryKey: [...SEGMENTS_KEY, "history", id, counted],
    queryFn: ({ pageParam, signal }) => answer(api.GET(`${ONE}/history`, { params: { path: { segment_id: id }, query: { limit: PAGE_VERSIONS, cursor: pageParam } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

export const PAGE_ENTRIES = 50;

export const manualQuery = (id: string, offset: number) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "manual", id, offset],
    queryFn: async ({ signal }) => {
      const found = await answer(api.GET(`${ONE}/manual`, { params: { path: { segment_id: id }, query: { offset, limit: PAGE_ENTRIES } }, signal }));
      return { ...found, entries: found.entries as unknown as ListedEntry[] };
    },
  });

export const compareQuery = (id: string, other: string, by: CompareBy) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "compare", id, other, by],
    queryFn: ({ signal }) => answer(api.GET(`${ONE}/compare/{other_id}`, { params: { path: { segment_id: id, other_id: other }, query: { by } }, signal })),
  });

/** row: `_row_id`, from 0. */
export const explainQuery = (id: string, uploadId: string, row: number) =>
  queryOptions({
    queryKey: [...SEGMENTS_KEY, "explain", id, uploadId, row],
    queryFn: ({ signal }) => answer(api.GET(`${ONE}/explain`, { params: { path: { segment_id: id }, query: { row, upload_id: uploadId } }, signal })),
  });
