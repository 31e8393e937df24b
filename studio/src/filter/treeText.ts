// A tree of conditions in an address: the API's own JSON, and beside it what is not finished, so that a reload loses nothing.
import { OPERATORS } from "./ast";
import type { Draft } from "./draft";
import { type ConditionNode, type GroupNode, isGroup, newCondition, newGroup, type TreeNode, treeOf, write } from "./tree";
import { parseFilter, UnreadableFilter } from "./urlText";

const UNFINISHED = "unfinished";

/** undefined: no condition at all. */
export function treeText(tree: GroupNode): string | undefined {
  if (tree.members.length === 0 && tree.joint === "all" && !tree.isNot) return undefined;
  const { filter, unfinished } = write(tree);
  return JSON.stringify(unfinished.length === 0 && filter !== null ? filter : { [UNFINISHED]: jsonOf(tree) });
}

/** Raises UnreadableFilter. */
export function parseTree(text: string | undefined): GroupNode {
  if (text === undefined || text === "") return treeOf(null);
  const read = readJson(text);
  if (typeof read !== "object" || read === null || !(UNFINISHED in read)) return treeOf(parseFilter(text));
  const node = nodeFrom(read[UNFINISHED], 1);
  if (!isGroup(node)) throw new UnreadableFilter();
  return node;
}

function jsonOf(node: TreeNode): unknown {
  const plain = isGroup(node) ? { [node.joint]: node.members.map(jsonOf) } : (node.condition ?? { field: node.field, draft: node.draft });
  return node.isNot ? { not: plain } : plain;
}

const DEEPEST = 16;

function nodeFrom(node: unknown, depth: number): TreeNode {
  if (typeof node !== "object" || node === null || depth > DEEPEST) throw new UnreadableFilter();
  if ("not" in node) {
    const inner = nodeFrom(node.not, depth + 1);
    return { ...inner, isNot: !inner.isNot };
  }
  if ("all" in node) return groupFrom("all", node.all, depth);
  if ("any" in node) return groupFrom("any", node.any, depth);
  return "draft" in node ? unfinishedFrom(node) : finishedFrom(node);
}

function groupFrom(joint: GroupNode["joint"], members: unknown, depth: number): GroupNode {
  if (!Array.isArray(members)) throw new UnreadableFilter();
  return newGroup(
    joint,
    members.map((member) => nodeFrom(member, depth + 1)),
  );
}

function finishedFrom(node: object): TreeNode {
  const [only] = treeOf(parseFilter(JSON.stringify(node))).members;
  if (only === undefined) throw new UnreadableFilter();
  return only;
}

function unfinishedFrom(node: object): ConditionNode {
  const { field, draft } = node as { field?: unknown; draft?: unknown };
  if (typeof field !== "string") throw new UnreadableFilter();
  return { ...newCondition(), field, draft: draftFrom(draft) };
}

function draftFrom(draft: unknown): Draft | null {
  if (typeof draft !== "object" || draft === null) return null;
  const { op, value, upper, matchCase } = draft as Record<string, unknown>;
  const known = OPERATORS.find((each) => each === op);
  if (known === undefined) return null;
  return { op: known, value: typeof value === "string" ? value : "", upper: typeof upper === "string" ? upper : "", matchCase: matchCase === true };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableFilter();
  }
}
