// The user's API keys, page by page, and what can be done with them.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";

export type ApiKey = Schemas["KeyView"];

const PAGE = 100;

export const keysQuery = infiniteQueryOptions({
  queryKey: ["keys"],
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET("/api/keys", { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

export interface KeyWish {
  name: string;
  scopes: string[];
  expiresInDays: number | null;
  rowQuota: number | null;
}

/** Makes a key; the answer holds the only copy of its text. */
export function createKey(wish: KeyWish) {
  const body = {
    name: wish.name,
    scopes: wish.scopes,
    expires_in_days: wish.expiresInDays,
    row_quota: wish.rowQuota,
  };
  return answer(api.POST("/api/keys", { body }));
}

/** How a key is told from others without its secret. */
export function prefixOf(key: ApiKey): string {
  return `muster_${key.id}_…`;
}
