// One's own recent requests, page by page, narrowed by what stands in the address.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import type { SearchText } from "../app/search";

export type LoggedRequest = Schemas["RequestView"];

/** What narrows the list; the names of the address are those of the API. */
export const FILTERS = ["status", "method", "path", "key_id", "via", "request_id"] as const;

const PAGE = 50;
const LOOKS = 5;
const SECOND_MS = 1_000;

/** Only the filters of an address, without empty ones. */
export function filtersOf(search: SearchText): SearchText {
  return Object.fromEntries(FILTERS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
}

export function requestsQuery(filters: SearchText) {
  return infiniteQueryOptions({
    queryKey: ["requests", filters],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET("/api/requests", { params: { query: { limit: PAGE, cursor: pageParam, ...filters } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // An error's link is often followed before its line is written, a second after the answer.
    refetchInterval: ({ state }) =>
      filters.request_id !== undefined && state.data?.pages[0]?.requests.length === 0 && state.dataUpdateCount < LOOKS ? SECOND_MS : false,
  });
}
