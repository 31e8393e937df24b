// The way from what was looked at to a segment that joins it.
import { dedupeText } from "./address";
import type { Dedupe } from "./model";

export function segmentLink(uploads: readonly string[], dedupe: Dedupe) {
  return { to: "/segments/new" as const, search: { from: uploads.join(","), dedupe: dedupeText(dedupe) } };
}
