// Which files can be sent at all; what cannot is refused before a byte goes out, with what to do instead.
import { bytes } from "../../kit/format";

const READ = ["csv", "tsv", "tab", "txt", "json", "ndjson", "jsonl", "xlsx", "parquet"];
const PACKED = ["gz", "zst", "zip"];

/** For the file chooser. */
export const ACCEPTED = [...READ, ...PACKED].map((ending) => `.${ending}`).join(",");
export const ACCEPTED_IN_WORDS = "CSV, TSV, XLSX, JSON, NDJSON or Parquet, also as .gz, .zst or .zip";

/** Why a file cannot be sent; null when it can. maxBytes: null when the server did not say. */
export function refusalOf(file: File, maxBytes: number | null): string | null {
  const ending = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (ending === "xls" || ending === "ods" || ending === "numbers") {
    return `.${ending} is not read here. Open it in your spreadsheet program and save it as .xlsx or .csv.`;
  }
  if (![...READ, ...PACKED].includes(ending)) {
    return `${ending === "" ? "A file without an ending" : `.${ending}`} is not read here. Send ${ACCEPTED_IN_WORDS}.`;
  }
  if (file.size === 0) return "This file is empty. Check that it was saved, then drop it again.";
  if (maxBytes !== null && file.size > maxBytes) {
    return `This file has ${bytes(file.size)}; the server takes at most ${bytes(maxBytes)}. Split it, or compress it as .gz or .zst.`;
  }
  return null;
}
