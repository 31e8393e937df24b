// The list as the server has it: pages by cursor, asked again cheaply (an ETag answers "no news" with nothing).
import { infiniteQueryOptions, type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { api, type Schemas } from "../api/client";
import type { ListWish } from "./urlState";

export type UploadView = Schemas["UploadJson"];
type UploadList = Schemas["UploadListJson"];

const PAGE_ROWS = 50;
const BUSY_MS = 1_500;
const QUIET_MS = 10_000;
const MAX_KEPT = 200;

const kept = new Map<string, { etag: string; list: UploadList }>();

async function page(wish: ListWish, cursor: string | null, signal: AbortSignal): Promise<UploadList> {
  const query = {
    limit: PAGE_ROWS,
    sort: wish.sort,
    ...(cursor !== null && { cursor }),
    ...(wish.q !== "" && { name: wish.q }),
    ...(wish.statuses.length > 0 && { status: wish.statuses.join(",") }),
  };
  const known = JSON.stringify(query);
  const before = kept.get(known);
  const headers = before === undefined ? {} : { "If-None-Match": before.etag };
  const { data, response } = await api.GET("/api/audience/batch-upload", { params: { query }, headers, signal });
  if (response.status === 304 && before !== undefined) return before.list;
  if (data === undefined) throw new Error("The server sent an empty list.");
  const etag = response.headers.get("ETag");
  if (kept.size > MAX_KEPT) kept.clear();
  if (etag !== null) kept.set(known, { etag, list: data });
  return data;
}

/** Whether something is about to change by itself. */
export function isMoving(upload: UploadView): boolean {
  return upload.status === "processing" || upload.status === "deleting" || (upload.status === "uploaded" && !isAwaitingMapping(upload));
}

export function isAwaitingMapping(upload: UploadView): boolean {
  return upload.status === "uploaded" && upload.status_reason === "awaiting_mapping";
}

export function hasTable(upload: UploadView): boolean {
  return upload.status === "ready" || upload.status === "ready_with_errors";
}

export const LIST_KEY = ["uploads"] as const;

function listQuery(userId: string, wish: ListWish) {
  return infiniteQueryOptions({
    queryKey: [...LIST_KEY, userId, wish],
    queryFn: ({ pageParam, signal }) => page(wish, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ uploads }) => uploads.some(isMoving)) ? BUSY_MS : QUIET_MS),
    // The rows of the question before stay until the answer is there, greyed.
    placeholderData: (before: InfiniteData<UploadList, string | null> | undefined) => before,
  });
}

export function useUploads(userId: string, wish: ListWish) {
  const query = useInfiniteQuery(listQuery(userId, wish));
  const uploads = query.data?.pages.flatMap((one) => one.uploads) ?? [];
  return { ...query, uploads, total: query.data?.pages[0]?.total ?? 0 };
}
