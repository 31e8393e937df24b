// Segments in plain words.
import { count, percent, plural } from "../kit/format";
import type { Entry, Segment, SegmentKind, Version } from "./model";

export const KINDS: readonly { value: SegmentKind; label: string; hint: string }[] = [
  { value: "live", label: "Live", hint: "Follows its tables: edit a cell, and the next look counts it." },
  { value: "snapshot", label: "Snapshot", hint: "Keeps the rows and the values of now, until you refresh it." },
];

export function kindLabel(kind: SegmentKind): string {
  return kind === "live" ? "Live" : "Snapshot";
}

/** With `dedupe` a member is a person, else a row. */
export function memberWord(segment: Pick<Segment, "dedupe">): string {
  return segment.dedupe === null ? "row" : "person";
}

export function members(value: number, segment: Pick<Segment, "dedupe">): string {
  return segment.dedupe === null ? plural(value, "row") : plural(value, "person", "people");
}

/** "9% of 1,000,000 rows". */
export function shareWords(segment: Pick<Segment, "count" | "of" | "dedupe">): string {
  if (segment.count === null || segment.of === null) return "not counted yet";
  return `${percent(segment.count, segment.of)} of ${members(segment.of, segment)}`;
}

/** "+120 −3", or that nothing changed. */
export function changeShort({ joined, left, sizes }: Pick<Segment, "joined" | "left" | "sizes">): string {
  if (joined === null || left === null) return "–";
  if (sizes.length < 2) return "first count";
  const parts = [...(joined > 0 ? [`+${count(joined)}`] : []), ...(left > 0 ? [`−${count(left)}`] : [])];
  return parts.length === 0 ? "no change" : parts.join(" ");
}

export function changeWords({ joined, left, sizes }: Pick<Segment, "joined" | "left" | "sizes">): string {
  if (joined === null || left === null || sizes.length < 2) return "Nothing to compare with yet";
  if (joined === 0 && left === 0) return "Nobody joined and nobody left since the count before";
  return `${count(joined)} joined and ${count(left)} left since the count before`;
}

const CAUSES: Record<Version["cause"], string> = {
  created: "created",
  changed: "definition changed",
  tables: "tables changed",
  members: "members by hand",
  refreshed: "refreshed",
};

export function causeWords(cause: Version["cause"]): string {
  return CAUSES[cause];
}

/** Rows are counted from 1, as in tables. */
export function rowWords(uploadName: string, rowId: number): string {
  return `${uploadName}, row ${count(rowId + 1)}`;
}

/** Whom an entry by hand names. names: of uploads, by id. */
export function entryWords(entry: Entry, names: ReadonlyMap<string, string>): string {
  if (entry.email !== undefined) return entry.email;
  if (entry.phone !== undefined) return entry.phone;
  if (entry.domain !== undefined) return `${entry.name ?? ""} at ${entry.domain}`;
  return rowWords(names.get(entry.upload_id ?? "") ?? entry.upload_id ?? "", entry.row ?? 0);
}

/** What a screen reader says instead of the picture. */
export function sizesWords(sizes: readonly number[]): string {
  return sizes.length === 0 ? "No sizes yet" : `Sizes, the oldest first: ${sizes.map(count).join(", ")}`;
}
