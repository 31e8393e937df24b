// How an upload is spoken of in the list.
import { bytes, count, duration, percent, plural } from "../kit/format";
import { hasTable, isAwaitingMapping, type UploadView } from "./list";

export const SOURCES: Record<string, string> = { api: "API", file: "File", webhook: "Webhook", compat: "Legacy" };

export function sourceLabel(source: string): string {
  return SOURCES[source] ?? source;
}

/** What stands under the state: how far it is. */
export function stateNote(upload: UploadView): string | null {
  const { progress } = upload;
  if (upload.status === "processing" || (upload.status === "uploaded" && !isAwaitingMapping(upload))) {
    if (progress === undefined || progress.total === null || progress.total === 0 || progress.done === 0) return "about to start";
    const left = progress.seconds_left;
    return `${percent(progress.done, progress.total)}${left === undefined || left === null ? "" : ` · ${duration(left)} left`}`;
  }
  if (upload.status === "receiving") return "not all there yet";
  if (upload.status === "cancelled") return "what was sent is kept";
  return null;
}

/** How many rows it has; a dash before anybody has counted them. */
export function rowsInWords(upload: UploadView): string {
  return upload.rows_received === 0 && !hasTable(upload) ? "–" : count(upload.rows_received);
}

/** Where a click on an upload leads. */
export function placeOf(upload: UploadView): "table" | "import" {
  return hasTable(upload) || upload.source !== "file" ? "table" : "import";
}

/** Deleting this much wants the name typed. */
const LARGE_ROWS = 100_000;
const LARGE_BYTES = 100_000_000;

export function isLarge(uploads: readonly UploadView[]): boolean {
  const rows = uploads.reduce((sum, one) => sum + one.rows_received, 0);
  return rows >= LARGE_ROWS || uploads.reduce((sum, one) => sum + one.size_bytes, 0) >= LARGE_BYTES;
}

/** "12,000 rows, 1.2 MB". */
export function sizeInWords(uploads: readonly UploadView[]): string {
  const rows = uploads.reduce((sum, one) => sum + one.rows_received, 0);
  const size = uploads.reduce((sum, one) => sum + one.size_bytes, 0);
  return `${plural(rows, "row")}, ${bytes(size)}`;
}
