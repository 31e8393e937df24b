// What the list shows, as it stands in the address: `?q=us&tag=spring&sort=-count`.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { type ListWish, NEWEST_FIRST } from "../queries";

export const SORTS: readonly { value: string; label: string }[] = [
  { value: "-updated_at", label: "Changed last" },
  { value: "-created_at", label: "Newest first" },
  { value: "name", label: "By name" },
  { value: "-count", label: "Largest first" },
  { value: "count", label: "Smallest first" },
];

export function isNarrowed({ q, tag, kind, uploadId }: ListWish): boolean {
  return q !== "" || tag !== "" || kind !== "" || uploadId !== "";
}

export function useListWish(): [ListWish, (changes: Partial<ListWish>) => void] {
  const { q = "", tag = "", kind = "", upload = "", sort } = useSearch({ strict: false });
  const navigate = useNavigate();
  const wish: ListWish = { q, tag, kind, uploadId: upload, sort: SORTS.some(({ value }) => value === sort) ? (sort ?? NEWEST_FIRST) : NEWEST_FIRST };
  const change = useCallback(
    (changes: Partial<ListWish>) => {
      void navigate({
        to: "/segments",
        replace: true,
        search: (before) => ({
          ...before,
          ...(changes.q !== undefined && { q: changes.q || undefined }),
          ...(changes.tag !== undefined && { tag: changes.tag || undefined }),
          ...(changes.kind !== undefined && { kind: changes.kind || undefined }),
          ...(changes.uploadId !== undefined && { upload: changes.uploadId || undefined }),
          ...(changes.sort !== undefined && { sort: changes.sort === NEWEST_FIRST ? undefined : changes.sort }),
        }),
      });
    },
    [navigate],
  );
  return [wish, change];
}
