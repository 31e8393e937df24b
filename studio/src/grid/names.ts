// Lists of column names and sort keys as the API writes them: commas, or JSON where a name holds one.
import type { SortKey } from "./model";

export function namesText(names: readonly string[]): string {
  const isPlain = names.every((name) => name !== "" && name === name.trim() && !/[,[\]"]/.test(name));
  return isPlain ? names.join(",") : JSON.stringify(names);
}

export function parseNames(text: string): string[] {
  if (!text.startsWith("[")) return text.split(",").filter((name) => name !== "");
  const read = readJson(text);
  return Array.isArray(read) ? read.filter((name) => typeof name === "string") : [];
}

export function sortText(keys: readonly SortKey[]): string {
  const isPlain = keys.every(({ field }) => field === field.trim() && !/[,[\]"]/.test(field) && !field.startsWith("-"));
  return isPlain ? keys.map(({ field, descending }) => (descending ? `-${field}` : field)).join(",") : JSON.stringify(keys);
}

export function parseSort(text: string): SortKey[] {
  if (!text.startsWith("[")) {
    return text
      .split(",")
      .filter((part) => part !== "" && part !== "-")
      .map((part) => (part.startsWith("-") ? { field: part.slice(1), descending: true } : { field: part, descending: false }));
  }
  const read = readJson(text);
  return Array.isArray(read) ? read.flatMap(keyFrom) : [];
}

function keyFrom(node: unknown): SortKey[] {
  if (typeof node !== "object" || node === null || !("field" in node) || typeof node.field !== "string") return [];
  return [{ field: node.field, descending: "descending" in node && node.descending === true }];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A click on a header: ascending, descending, as sent. Without `add` the other columns no longer sort. */
export function nextSort(keys: readonly SortKey[], field: string, add: boolean): SortKey[] {
  const now = keys.find((key) => key.field === field);
  const next: SortKey[] = now === undefined ? [{ field, descending: false }] : now.descending ? [] : [{ field, descending: true }];
  if (!add) return next;
  return now === undefined ? [...keys, ...next] : keys.flatMap((key) => (key.field === field ? next : [key]));
}
