// What became of each line, told from the server's answers; pure.
import type { Line } from "./lines";
import type { Checked, Kind } from "./queries";

export type Result = "added" | "already" | "repeated" | "refused";

export interface Outcome extends Line {
  result: Result;
  kind: Kind | null;
  /** What is to be said besides. */
  note: string | null;
}

export const MOST_CHARACTERS = 1000; // of a value, as the API has it

/** One line for each value that is to be asked about, and an outcome for every other. */
export function sorted(lines: readonly Line[]): { fresh: Line[]; settled: Outcome[] } {
  const seen = new Map<string, number>();
  const fresh: Line[] = [];
  const settled: Outcome[] = [];
  for (const line of lines) {
    const same = line.value.toLowerCase();
    const before = seen.get(same);
    if (line.value.length > MOST_CHARACTERS) settled.push({ ...line, result: "refused", kind: null, note: `Longer than ${MOST_CHARACTERS} characters` });
    else if (before !== undefined) settled.push({ ...line, result: "repeated", kind: null, note: `The same as in line ${before}` });
    else {
      seen.set(same, line.number);
      fresh.push(line);
    }
  }
  return { fresh, settled };
}

/** checked: asked before the values were put on the list. */
export function outcomeOf(line: Line, { kind, by }: Checked, hasRegion: boolean): Outcome {
  if (kind === null) return { ...line, result: "refused", kind, note: refusal(line.value, hasRegion) };
  if (by === null) return { ...line, result: "added", kind, note: kind === "domain" ? "Covers everybody there, and its subdomains" : null };
  if (by !== kind) return { ...line, result: "added", kind, note: "Its domain was on the list already" };
  return { ...line, result: "already", kind, note: null };
}

function refusal(value: string, hasRegion: boolean): string {
  if (value.includes("@")) return "This is no e-mail address";
  if (!/\d{4}/.test(value)) return "This is no e-mail address, phone number or domain";
  return hasRegion || value.startsWith("+") ? "This is no phone number" : "Begin phone numbers with + and the country code, or say their country";
}

export function counted(outcomes: readonly Outcome[]): Record<Result, number> {
  const counts: Record<Result, number> = { added: 0, already: 0, repeated: 0, refused: 0 };
  for (const { result } of outcomes) counts[result] += 1;
  return counts;
}

/** The outcomes as a file; values may come from anywhere, so none is left that a spreadsheet would run. */
export function csvOf(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ number, value, result, kind, note }) => [String(number), value, result, kind ?? "", note ?? ""]);
  return [["line", "value", "result", "kind", "note"], ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
