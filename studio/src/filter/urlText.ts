// A filter in an address: the API's own JSON, so that it can be copied into a script as it stands.
import { type Condition, type Filter, OPERATORS, type Plain } from "./ast";

export class UnreadableFilter extends Error {
  constructor() {
    super("The filter in this address cannot be read. Clear it, or correct the address.");
  }
}

export function filterText(filter: Filter | null): string | undefined {
  return filter === null ? undefined : JSON.stringify(filter);
}

/** Raises UnreadableFilter. Whether columns exist is left to the server, which names the close ones. */
export function parseFilter(text: string | undefined): Filter | null {
  if (text === undefined || text === "") return null;
  try {
    return filterFrom(JSON.parse(text));
  } catch {
    throw new UnreadableFilter();
  }
}

const DEEPEST = 16;

function filterFrom(node: unknown, depth = 1): Filter {
  if (typeof node !== "object" || node === null || depth > DEEPEST) throw new UnreadableFilter();
  if ("all" in node) return { all: membersFrom(node.all, depth) };
  if ("any" in node) return { any: membersFrom(node.any, depth) };
  if ("not" in node) return { not: filterFrom(node.not, depth + 1) };
  return conditionFrom(node);
}

function membersFrom(nodes: unknown, depth: number): Filter[] {
  if (!Array.isArray(nodes) || nodes.length === 0) throw new UnreadableFilter();
  return nodes.map((node) => filterFrom(node, depth + 1));
}

function conditionFrom(node: object): Condition {
  if (!("field" in node) || typeof node.field !== "string" || !("op" in node)) throw new UnreadableFilter();
  const op = OPERATORS.find((known) => known === node.op);
  if (op === undefined) throw new UnreadableFilter();
  const condition: Condition = { field: node.field, op };
  if ("value" in node && node.value !== undefined) condition.value = valueFrom(node.value);
  if ("ignore_case" in node && node.ignore_case === true) condition.ignore_case = true;
  return condition;
}

function valueFrom(value: unknown): Plain | Plain[] {
  if (isPlain(value)) return value;
  if (Array.isArray(value) && value.every(isPlain)) return value;
  throw new UnreadableFilter();
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
