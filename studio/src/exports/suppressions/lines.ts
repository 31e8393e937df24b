// Lines of a pasted text or a file, each with its number, so that what becomes of it can be told line by line; pure.

export interface Line {
  /** As an editor counts, from 1. */
  number: number;
  value: string;
}

const SEPARATORS = [",", ";", "\t"];
const LOOKED_AT_ROWS = 200;
const PHONE = /^\+?[\d\s()./-]{7,}$/;

/** One value a line; several between commas or semicolons, as mail programs write them, count as one line. */
export function linesOf(text: string): Line[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, at) =>
    line
      .split(/[,;\t]/)
      .map((value) => ({ number: at + 1, value: value.trim() }))
      .filter(({ value }) => value !== ""),
  );
}

export interface Row {
  number: number;
  cells: string[];
}

/** The rows of a file with commas, semicolons or tabs, or with one value a line. */
export function rowsOf(text: string): Row[] {
  const separator = separatorOf(text);
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let line = 1;
  let began = 1;
  const endRow = () => {
    cells.push(cell.trim());
    if (cells.some((each) => each !== "")) rows.push({ number: began, cells });
    cells = [];
    cell = "";
    began = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === "\n" || (sign === "\r" && text.charAt(at + 1) !== "\n")) line += 1;
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (sign === '"' && cell.trim() === "") {
      isQuoted = true;
      cell = "";
    } else if (sign === separator) {
      cells.push(cell.trim());
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\n" || text.charAt(at + 1) !== "\n") endRow();
    } else cell += sign;
  }
  endRow();
  return rows;
}

/** The sign that parts the most cells in the first rows; null when there is one value a line. */
function separatorOf(text: string): string | null {
  const head = text.split(/\r\n|\r|\n/, LOOKED_AT_ROWS).join("\n");
  const counted = SEPARATORS.map((sign) => ({ sign, times: head.split(sign).length - 1 })).sort((one, other) => other.times - one.times);
  const [most] = counted;
  return most === undefined || most.times === 0 ? null : most.sign;
}

export interface Sheet {
  /** Names of the columns: from the heading, or "Column 2". */
  columns: string[];
  /** The heading's own line is none of the rows. */
  heading: Row | null;
  rows: Row[];
  /** The column that looks most like addresses or numbers. */
  likely: number;
}

export function sheetOf(rows: readonly Row[]): Sheet {
  const width = Math.max(0, ...rows.slice(0, LOOKED_AT_ROWS).map(({ cells }) => cells.length));
  const places = Array.from({ length: width }, (_, at) => at);
  const score = (at: number) => rows.slice(0, LOOKED_AT_ROWS).filter(({ cells }) => looksUseful(cells[at] ?? "")).length;
  const likely = places.reduce((best, at) => (score(at) > score(best) ? at : best), 0);
  const [first] = rows;
  const heading = first !== undefined && rows.length > 1 && isName(first.cells[likely] ?? "") ? first : null;
  const columns = places.map((at) => heading?.cells[at] || `Column ${at + 1}`);
  return { columns, heading, rows: heading === null ? [...rows] : rows.slice(1), likely };
}

export function linesIn({ rows }: Sheet, column: number): Line[] {
  return rows.map(({ number, cells }) => ({ number, value: cells[column] ?? "" })).filter(({ value }) => value !== "");
}

const looksUseful = (value: string) => value.includes("@") || PHONE.test(value);

/** A heading has no address, no number and no domain in it. */
const isName = (value: string) => value !== "" && !/[@.\d]/.test(value);

/** The text of a file, by its byte order mark or as UTF-8; null for what is no text. */
export function textOf(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.subarray(0, 4096).includes(0) || (first === 0x50 && second === 0x4b) ? null : new TextDecoder().decode(bytes);
}
