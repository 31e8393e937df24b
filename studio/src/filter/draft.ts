// A condition while it is being written: texts from fields, turned into a condition or a reason why not.
import type { Condition, Operator, Plain } from "./ast";
import { kindOf, needsValue, operatorsFor } from "./words";

export interface Draft {
  op: Operator;
  value: string;
  upper: string;
  matchCase: boolean;
}

/** What a field starts with: the condition there is, or the first operator of the type. */
export function draftOf(type: string, condition: Condition | null): Draft {
  const offered = operatorsFor(type);
  const op = condition?.op ?? offered[0]?.value ?? "contains";
  const value = condition?.value;
  const [first, second] = Array.isArray(value) && op === "between" ? value : [Array.isArray(value) ? value.join("\n") : value, ""];
  return {
    op,
    value: first === undefined ? (kindOf(type) === "boolean" ? "true" : "") : String(first),
    upper: String(second ?? ""),
    matchCase: condition !== null && condition.ignore_case !== true,
  };
}

const NUMBER = /^-?\d+(\.\d+)?$/;
const TAKES_CASE: readonly Operator[] = ["eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with"];

export function takesCase(type: string, op: Operator): boolean {
  return kindOf(type) === "text" && TAKES_CASE.includes(op);
}

/** The condition, or a sentence that says what is missing. */
export function conditionOf(field: string, type: string, draft: Draft): Condition | string {
  const { op } = draft;
  if (!needsValue(op)) return { field, op };
  const kind = kindOf(type);
  const texts = op === "between" ? [draft.value, draft.upper] : op === "in" || op === "not_in" ? lines(draft.value) : [draft.value];
  if (texts.length === 0 || texts.some((text) => text.trim() === "")) return "Enter a value.";
  if (kind === "number" && !texts.every((text) => NUMBER.test(text.trim()))) return "Enter a number such as 250 or 3.5.";
  const values = texts.map((text): Plain => (kind === "number" ? Number(text) : kind === "boolean" ? text === "true" : text));
  const [low, high] = values;
  if (op === "between" && low !== undefined && high !== undefined && low > high) return "The lower value comes first.";
  const value = op === "between" || op === "in" || op === "not_in" ? values : low;
  if (value === undefined) return "Enter a value.";
  return takesCase(type, op) && !draft.matchCase ? { field, op, value, ignore_case: true } : { field, op, value };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
