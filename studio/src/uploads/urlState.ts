// What the list shows, as it stands in the address: `?q=fair&status=failed&sort=-rows_received`.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface ListWish {
  readonly q: string;
  readonly statuses: readonly string[];
  /** A column of SORTS, with `-` in front for the largest first. */
  readonly sort: string;
}

export const NEWEST_FIRST = "-created_at";
export const SORTS = ["name", "rows_received", "rows_rejected", "size_bytes", "created_at"] as const;
export type SortColumn = (typeof SORTS)[number];

export function isFiltered(wish: ListWish): boolean {
  return wish.q !== "" || wish.statuses.length > 0;
}

export function useListWish(): [ListWish, (changes: Partial<ListWish>) => void] {
  const search = useSearch({ from: "/inside/uploads" });
  const navigate = useNavigate();
  const wish: ListWish = {
    q: search.q ?? "",
    statuses: (search.status ?? "").split(",").filter((status) => status !== ""),
    sort: SORTS.some((column) => column === search.sort?.replace(/^-/, "")) ? (search.sort ?? NEWEST_FIRST) : NEWEST_FIRST,
  };
  const change = useCallback(
    (changes: Partial<ListWish>) => {
      void navigate({
        to: "/uploads",
        replace: true,
        search: (before) => ({
          ...before,
          ...(changes.q !== undefined && { q: changes.q || undefined }),
          ...(changes.statuses !== undefined && { status: changes.statuses.join(",") || undefined }),
          ...(changes.sort !== undefined && { sort: changes.sort === NEWEST_FIRST ? undefined : changes.sort }),
        }),
      });
    },
    [navigate],
  );
  return [wish, change];
}
