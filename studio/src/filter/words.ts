// Filters in plain words: what each type of column can be asked, and a sentence for every condition.
import { type Condition, type Filter, isCondition, type Operator, type Plain, rangeOf } from "./ast";

export type Kind = "text" | "number" | "boolean" | "moment";

export function kindOf(type: string): Kind {
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "boolean";
  return type === "date" || type === "timestamp" ? "moment" : "text";
}

const WORDS: Record<Operator, string> = {
  eq: "is",
  ne: "is not",
  lt: "is less than",
  le: "is at most",
  gt: "is more than",
  ge: "is at least",
  between: "is between",
  in: "is one of",
  not_in: "is none of",
  contains: "contains",
  not_contains: "does not contain",
  starts_with: "starts with",
  ends_with: "ends with",
  is_empty: "is empty",
  is_not_empty: "is not empty",
};

const MOMENT_WORDS: Partial<Record<Operator, string>> = { lt: "is before", le: "is until", gt: "is after", ge: "is from" };

const OFFERED: Record<Kind, readonly Operator[]> = {
  text: ["contains", "not_contains", "eq", "ne", "starts_with", "ends_with", "in", "not_in", "is_empty", "is_not_empty"],
  number: ["eq", "ne", "ge", "gt", "le", "lt", "between", "in", "not_in", "is_empty", "is_not_empty"],
  boolean: ["eq", "is_empty", "is_not_empty"],
  moment: ["ge", "gt", "le", "lt", "between", "eq", "ne", "starts_with", "is_empty", "is_not_empty"],
};

/** also: an operator that is in use, though this type is not usually asked so. */
export function operatorsFor(type: string, also: Operator | null = null): { value: Operator; label: string }[] {
  const kind = kindOf(type);
  const offered = also === null || OFFERED[kind].includes(also) ? OFFERED[kind] : [...OFFERED[kind], also];
  return offered.map((value) => ({ value, label: wordOf(value, kind) }));
}

function wordOf(op: Operator, kind: Kind): string {
  return (kind === "moment" ? MOMENT_WORDS[op] : undefined) ?? WORDS[op];
}

export function needsValue(op: Operator): boolean {
  return op !== "is_empty" && op !== "is_not_empty";
}

/** Numbers and texts look different: 5 finds 5.0, "5" only itself. */
function shown(value: Plain): string {
  return typeof value === "string" ? `“${value}”` : String(value);
}

function shownAll(values: Plain[]): string {
  const some = values.slice(0, 3).map(shown).join(", ");
  return values.length > 3 ? `${some} and ${values.length - 3} more` : some;
}

function conditionText({ field, op, value, ignore_case }: Condition, type: string): string {
  const word = wordOf(op, kindOf(type));
  if (value === undefined) return `${field} ${word}`;
  const wanted = Array.isArray(value) ? (op === "between" ? value.map(shown).join(" and ") : shownAll(value)) : shown(value);
  const isExact = ignore_case !== true && (op === "contains" || op === "starts_with" || op === "ends_with" || op === "not_contains");
  return `${field} ${word} ${wanted}${isExact ? " (exact case)" : ""}`;
}

/** A filter as one sentence. typeOf: the type of a column by its name. */
export function sentence(filter: Filter, typeOf: (field: string) => string): string {
  const range = rangeOf(filter);
  if (range !== null) return `${range.field} from ${range.from} to below ${range.below}`;
  if (isCondition(filter)) return conditionText(filter, typeOf(filter.field));
  if ("not" in filter) return `not (${sentence(filter.not, typeOf)})`;
  const [members, joint] = "all" in filter ? [filter.all, " and "] : [filter.any, " or "];
  return members.map((member) => (isCondition(member) ? sentence(member, typeOf) : `(${sentence(member, typeOf)})`)).join(joint);
}
