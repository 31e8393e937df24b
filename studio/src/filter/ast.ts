// The filter tree of the API (docs/api/filters.md) as types, and the few things done to it.

export type Plain = string | number | boolean;

export const OPERATORS = [
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "between",
  "in",
  "not_in",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "is_empty",
  "is_not_empty",
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
  field: string;
  op: Operator;
  value?: Plain | Plain[];
  ignore_case?: boolean;
}

export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Condition;

export function isCondition(filter: Filter): filter is Condition {
  return "field" in filter;
}

/** All of these; null when there are none, so that no empty group is ever sent. */
export function allOf(filters: Filter[]): Filter | null {
  return filters.length > 1 ? { all: filters } : (filters[0] ?? null);
}

/** The parts that are shown as chips: the members of the outermost `all`, or the tree itself. */
export function parts(filter: Filter | null): Filter[] {
  if (filter === null) return [];
  return "all" in filter && !isRange(filter) ? filter.all : [filter];
}

/** From one value up to, but without, another: what a bar of a histogram stands for. */
export interface Range {
  field: string;
  from: Plain;
  below: Plain;
}

export function rangeOf(filter: Filter): Range | null {
  if (!("all" in filter) || filter.all.length !== 2) return null;
  const [low, high] = filter.all;
  if (low === undefined || high === undefined || !isCondition(low) || !isCondition(high)) return null;
  if (low.field !== high.field || low.op !== "ge" || high.op !== "lt") return null;
  if (low.value === undefined || high.value === undefined || Array.isArray(low.value) || Array.isArray(high.value)) return null;
  return { field: low.field, from: low.value, below: high.value };
}

function isRange(filter: Filter): boolean {
  return rangeOf(filter) !== null;
}

/** The columns a filter looks at. */
export function fieldsOf(filter: Filter): string[] {
  if (isCondition(filter)) return [filter.field];
  if ("not" in filter) return fieldsOf(filter.not);
  return ("all" in filter ? filter.all : filter.any).flatMap(fieldsOf);
}

/** Rows in which any of these columns holds the text, in any case. */
export function searchFor(text: string, columns: readonly string[]): Filter | null {
  const found = columns.slice(0, MOST_SEARCHED).map((field): Condition => ({ field, op: "contains", value: text, ignore_case: true }));
  return found.length > 1 ? { any: found } : (found[0] ?? null);
}

const MOST_SEARCHED = 100;
