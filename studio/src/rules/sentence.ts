// A rule as one plain sentence; the editor and the list say the same words.
import { kindOf } from "../kit/testKinds";

export interface SaidRule {
  field?: string | null;
  test: Record<string, unknown>;
  severity: string;
  otherwise: string;
}

type Members = Record<string, unknown>;

const list = (values: unknown, joint: string): string => {
  const words = Array.isArray(values) ? values.map(String) : [];
  const shown = words.slice(0, 4);
  if (words.length > shown.length) return `${shown.join(", ")} ${joint} ${words.length - shown.length} more`;
  return shown.length < 2 ? (shown[0] ?? "…") : `${shown.slice(0, -1).join(", ")} ${joint} ${shown.at(-1)}`;
};

const between = (test: Members, unit = ""): string => {
  const has = (value: unknown) => value !== undefined && value !== null && value !== "";
  if (has(test.min) && has(test.max)) return ` from ${String(test.min)} to ${String(test.max)}${unit}`;
  if (has(test.min)) return ` of at least ${String(test.min)}${unit}`;
  return has(test.max) ? ` of at most ${String(test.max)}${unit}` : "";
};

const CASES: Record<string, string> = { lower: "in small letters", upper: "in capitals", title: "with Each Word capital" };

function demand(test: Members): string {
  const other = typeof test.other === "string" && test.other !== "" ? test.other : "…";
  switch (test.kind) {
    case "phone":
      return `must be a phone number${test.region ? ` (${String(test.region)} without +)` : ""}`;
    case "date":
      return `must be a date${test.min ? ` from ${String(test.min)}` : ""}${test.max ? ` until ${String(test.max)}` : ""}`;
    case "number":
      return `must be a ${test.integer === true ? "whole " : ""}number${between(test)}`;
    case "enum":
      return `must be ${list(test.values, "or")}`;
    case "pattern":
      return `must ${test.match === "part" ? "contain" : "match"} ${typeof test.pattern === "string" ? test.pattern : "…"}`;
    case "length":
      return `must have a length${between(test, " characters")}`;
    case "case":
      return `must be written ${CASES[String(test.case)] ?? "…"}`;
    case "equal":
      return `must be the same as ${other}`;
    case "different":
      return `must differ from ${other}`;
    case "before":
      return `must be before ${test.or_equal === true ? "or equal to " : ""}${other}`;
    case "greater":
      return `must be greater than ${test.or_equal === true ? "or equal to " : ""}${other}`;
    case "required_if":
      return `must be filled in whenever ${other} ${test.equals ? `is “${String(test.equals)}”` : "is"}`;
    default:
      return `must ${kindOf(String(test.kind))?.must ?? String(test.kind)}`;
  }
}

/** "email must be an e-mail address". */
export function condition(rule: SaidRule): string {
  if (rule.test.kind === "any_of") return `At least one of ${list(rule.test.fields, "and")} must be filled in`;
  if (rule.test.kind === "unique") return `${list(rule.test.fields, "and")} must be unique in the upload`;
  return `${rule.field || "…"} ${demand(rule.test)}`;
}

/** "else the row is rejected". */
export function consequence(rule: Pick<SaidRule, "severity" | "otherwise">): string {
  if (rule.severity === "reject") return "else the row is rejected";
  if (rule.severity === "warn") return "else the row is kept and marked";
  return `is put into its usual form; what cannot be is ${rule.otherwise === "warn" ? "kept and marked" : "rejected"}`;
}
