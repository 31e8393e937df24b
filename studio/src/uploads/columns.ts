// The columns of the list: what they are called and which way a first click sorts them.
import type { SortColumn } from "./urlState";

export interface Sorting {
  readonly by: SortColumn;
  readonly first: "ascending" | "descending";
  readonly ascending: string;
  readonly descending: string;
}

export interface Column {
  readonly id: string;
  readonly label: string;
  /** Absent where the server has no order. */
  readonly sorting?: Sorting;
  readonly isNumber?: boolean;
  /** Left out when the window is not wide. */
  readonly isMinor?: boolean;
}

const few = { first: "descending", ascending: "fewest first", descending: "most first" } as const;

export const COLUMNS: readonly Column[] = [
  { id: "name", label: "Name", sorting: { by: "name", first: "ascending", ascending: "A to Z", descending: "Z to A" } },
  { id: "status", label: "Status" },
  { id: "rows", label: "Rows", isNumber: true, sorting: { by: "rows_received", ...few } },
  { id: "bad", label: "Bad rows", isNumber: true, sorting: { by: "rows_rejected", ...few } },
  { id: "size", label: "Size", isNumber: true, isMinor: true, sorting: { by: "size_bytes", first: "descending", ascending: "smallest first", descending: "largest first" } },
  { id: "source", label: "Source", isMinor: true },
  { id: "created", label: "Created", sorting: { by: "created_at", first: "descending", ascending: "oldest first", descending: "newest first" } },
];

/** Every order there is, in words, the usual one of each column first. */
export const ORDERS: readonly { value: string; label: string }[] = COLUMNS.flatMap(({ label, sorting }) => {
  if (sorting === undefined) return [];
  const ways = [
    { value: sorting.by, label: `${label}: ${sorting.ascending}` },
    { value: `-${sorting.by}`, label: `${label}: ${sorting.descending}` },
  ];
  return sorting.first === "descending" ? ways.reverse() : ways;
});
