// How a file can be read, and the words for it. In the address and in controls every value is text; "none" stands for nothing.
import type { Preview } from "./queries";

export const LAYOUT_MEMBERS = ["format", "compression", "encoding", "delimiter", "quote", "escape", "header_row", "decimal_comma", "sheet"] as const;
export type LayoutMember = (typeof LAYOUT_MEMBERS)[number];
export type Overrides = Partial<Record<LayoutMember, string>>;
export type LayoutValue = string | number | boolean | null;

export const NONE = "none";
/** Members that everything else was guessed under: another choice makes the finer ones void. */
const COARSE: readonly LayoutMember[] = ["format", "compression", "encoding", "sheet"];
const FINE: readonly LayoutMember[] = ["delimiter", "quote", "escape", "header_row", "decimal_comma"];

export interface Option {
  value: string;
  label: string;
}

export const MEMBER_LABELS: Record<LayoutMember, string> = {
  format: "Kind of file",
  compression: "Compression",
  encoding: "Encoding",
  delimiter: "Columns are separated by",
  quote: "Quotes around values",
  escape: "A quote inside a value is written",
  header_row: "Names of the columns",
  decimal_comma: "Numbers are written",
  sheet: "Sheet",
};

const CHOICES: Record<LayoutMember, Option[]> = {
  format: [
    { value: "csv", label: "CSV or other text table" },
    { value: "xlsx", label: "Excel workbook (XLSX)" },
    { value: "ndjson", label: "JSON, one record a line" },
    { value: "json", label: "JSON" },
    { value: "parquet", label: "Parquet" },
  ],
  compression: [
    { value: NONE, label: "Not compressed" },
    { value: "gzip", label: "gzip" },
    { value: "zstd", label: "Zstandard" },
    { value: "zip", label: "ZIP" },
  ],
  encoding: [
    { value: "utf-8", label: "UTF-8 (most files)" },
    { value: "cp1252", label: "Windows-1252 (Western Europe)" },
    { value: "iso8859-1", label: "ISO 8859-1 (Latin 1)" },
    { value: "iso8859-15", label: "ISO 8859-15 (Latin 9)" },
    { value: "cp1250", label: "Windows-1250 (Central Europe)" },
    { value: "cp1251", label: "Windows-1251 (Cyrillic)" },
    { value: "cp1253", label: "Windows-1253 (Greek)" },
    { value: "cp1254", label: "Windows-1254 (Turkish)" },
    { value: "mac-roman", label: "Mac Roman" },
    { value: "utf-16-le", label: "UTF-16 (little-endian)" },
    { value: "utf-16-be", label: "UTF-16 (big-endian)" },
    { value: "shift_jis", label: "Shift JIS (Japanese)" },
    { value: "gb18030", label: "GB 18030 (Chinese)" },
    { value: "big5", label: "Big5 (Chinese)" },
    { value: "euc_kr", label: "EUC-KR (Korean)" },
  ],
  delimiter: [
    { value: ",", label: "Comma  ," },
    { value: ";", label: "Semicolon  ;" },
    { value: "\t", label: "Tab" },
    { value: "|", label: "Vertical bar  |" },
  ],
  quote: [
    { value: '"', label: 'Double quotes  "' },
    { value: "'", label: "Single quotes  '" },
    { value: NONE, label: "Quotes mean nothing" },
  ],
  escape: [
    { value: '"', label: 'twice  ""' },
    { value: "'", label: "twice  ''" },
    { value: "\\", label: "with a backslash  \\" },
  ],
  header_row: [{ value: NONE, label: "There are none" }, ...Array.from({ length: 20 }, (_, row) => ({ value: String(row), label: `In row ${row + 1}` }))],
  decimal_comma: [
    { value: "false", label: "With a point: 1,234.5" },
    { value: "true", label: "With a comma: 1.234,5" },
  ],
  sheet: [],
};

/** A value of the server as the text that controls and the address hold. */
export function textOf(value: LayoutValue | undefined): string {
  return value === null || value === undefined || value === "" ? NONE : String(value);
}

/** What can be chosen, with what is chosen now among it even when it is unusual. */
export function optionsOf(member: LayoutMember, now: string, sheets: readonly string[]): Option[] {
  const options = member === "sheet" ? sheets.map((name) => ({ value: name, label: name })) : CHOICES[member];
  return options.some((each) => each.value === now) ? options : [...options, { value: now, label: unusual(member, now) }];
}

function unusual(member: LayoutMember, value: string): string {
  if (member === "header_row") return `In row ${Number(value) + 1}`;
  if (value === NONE) return "Not decided";
  return member === "delimiter" ? `“${value}”` : value;
}

export function labelOf(member: LayoutMember, value: LayoutValue | undefined, sheets: readonly string[] = []): string {
  const text = textOf(value);
  return optionsOf(member, text, sheets).find((each) => each.value === text)?.label ?? text;
}

/** Changes to the address when one member is chosen: under another coarse one the finer ones are guessed again. */
export function overruled(member: LayoutMember, value: string | null): Record<string, string | null> {
  const voided = COARSE.includes(member) ? Object.fromEntries(FINE.map((each) => [each, null])) : {};
  return { ...voided, [member]: value };
}

/** The overrides as query parameters of a preview, where nothing is written as empty text. */
export function asQuery(overrides: Overrides): Record<string, string> {
  return Object.fromEntries(Object.entries(overrides).map(([member, value]) => [member, member === "quote" && value === NONE ? "" : value]));
}

/** The overrides as the server wants them when a mapping is decided. */
export function asLayout(overrides: Overrides): Record<string, LayoutValue> {
  const layout: Record<string, LayoutValue> = {};
  for (const [member, value] of Object.entries(overrides)) {
    if (member === "header_row") layout[member] = value === NONE ? null : Number(value);
    else if (member === "decimal_comma") layout[member] = value === "true";
    else if (member === "quote") layout[member] = value === NONE ? "" : value;
    else layout[member] = value;
  }
  return layout;
}

/** Where an earlier decision reads the file otherwise than it was detected. */
export function decidedOverrides(preview: Preview): Overrides {
  if (preview.decision?.by !== "user") return {};
  const overrides: Overrides = {};
  for (const member of LAYOUT_MEMBERS) {
    const detected = preview.layout[member];
    if (detected === undefined || !(member in preview.decision.layout)) continue;
    const decided = textOf(preview.decision.layout[member] as LayoutValue);
    if (decided !== textOf(detected.value)) overrides[member] = decided;
  }
  return overrides;
}
