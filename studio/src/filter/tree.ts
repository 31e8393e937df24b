// A filter while it is being put together: groups and conditions with ids, some of them not finished yet; pure.
import { type Condition, type Filter, isCondition } from "./ast";
import { conditionOf, type Draft, draftOf } from "./draft";
import { operatorsFor } from "./words";

export interface ConditionNode {
  id: string;
  isNot: boolean;
  field: string;
  /** null while it is not finished. */
  condition: Condition | null;
  /** What was typed; null for a condition nobody touched, which stays exactly as it came. */
  draft: Draft | null;
}

export interface GroupNode {
  id: string;
  isNot: boolean;
  joint: "all" | "any";
  members: readonly TreeNode[];
}

export type TreeNode = GroupNode | ConditionNode;

export function isGroup(node: TreeNode): node is GroupNode {
  return "members" in node;
}

let made = 0;
const newId = () => `n${++made}`;

export function newCondition(): ConditionNode {
  return { id: newId(), isNot: false, field: "", condition: null, draft: null };
}

export function newGroup(joint: GroupNode["joint"], members: readonly TreeNode[]): GroupNode {
  return { id: newId(), isNot: false, joint, members };
}

/** The outermost node is always a group: more can be added to it. */
export function treeOf(filter: Filter | null): GroupNode {
  if (filter === null) return newGroup("all", []);
  const node = nodeOf(filter);
  return isGroup(node) ? node : newGroup("all", [node]);
}

function nodeOf(filter: Filter): TreeNode {
  if (isCondition(filter)) return { id: newId(), isNot: false, field: filter.field, condition: filter, draft: null };
  if ("not" in filter) {
    const inner = nodeOf(filter.not);
    return { ...inner, isNot: !inner.isNot };
  }
  return "all" in filter ? newGroup("all", filter.all.map(nodeOf)) : newGroup("any", filter.any.map(nodeOf));
}

export interface Written {
  /** What is finished of the tree; null: every row. */
  filter: Filter | null;
  /** Which node stands at which place of it (RFC 6901), as refusals name it. */
  places: ReadonlyMap<string, string>;
  /** Conditions without a value, and groups without a condition. */
  unfinished: readonly string[];
}

/** The filter as the API takes it; what is not finished is left out. */
export function write(tree: GroupNode): Written {
  const places = new Map<string, string>();
  const unfinished: string[] = [];
  const filter = tree.members.length === 0 ? null : filterOf(tree, "/filter", places, unfinished);
  return { filter, places, unfinished };
}

function filterOf(node: TreeNode, place: string, places: Map<string, string>, unfinished: string[]): Filter | null {
  const inside = node.isNot ? `${place}/not` : place;
  const plain = isGroup(node) ? groupOf(node, inside, places, unfinished) : node.condition;
  if (plain === null) {
    // Of a group that holds something, that is what is named.
    if (!isGroup(node) || node.members.length === 0) unfinished.push(node.id);
    return null;
  }
  places.set(place, node.id).set(inside, node.id);
  return node.isNot ? { not: plain } : plain;
}

function groupOf({ joint, members }: GroupNode, place: string, places: Map<string, string>, unfinished: string[]): Filter | null {
  const finished: Filter[] = [];
  for (const member of members) {
    const filter = filterOf(member, `${place}/${joint}/${finished.length}`, places, unfinished);
    if (filter !== null) finished.push(filter);
  }
  if (finished.length === 0) return null;
  return joint === "all" ? { all: finished } : { any: finished };
}

/** What a refusal says of each node: the nearest one its pointer leads to. */
export function problemsOf(issues: readonly { pointer: string; message: string }[], places: ReadonlyMap<string, string>): Map<string, string> {
  const problems = new Map<string, string>();
  for (const { pointer, message } of issues) {
    for (let place = pointer; place !== ""; place = place.slice(0, place.lastIndexOf("/"))) {
      const id = places.get(place);
      if (id === undefined) continue;
      problems.set(id, problems.has(id) ? `${problems.get(id)} ${message}` : message);
      break;
    }
  }
  return problems;
}

/** A change of what was typed; the condition follows, or is not finished. */
export function typed(node: ConditionNode, type: string, part: Partial<Draft>): ConditionNode {
  const draft = { ...shownDraft(node, type), ...part };
  return { ...node, draft, condition: finishedOf(node.field, type, draft) };
}

/** Another column: what was typed stays, and so does the operator where the new type knows it. */
export function pointed(node: ConditionNode, field: string, before: string, type: string): ConditionNode {
  const old = shownDraft(node, before);
  const isKnown = operatorsFor(type).some(({ value }) => value === old.op);
  const fresh = draftOf(type, null);
  const draft = node.field === "" ? fresh : isKnown ? { ...old, value: old.value || fresh.value } : { ...fresh, value: fresh.value || old.value };
  return { ...node, field, draft, condition: finishedOf(field, type, draft) };
}

export function shownDraft(node: ConditionNode, type: string): Draft {
  return node.draft ?? draftOf(type, node.condition);
}

/** Why a condition does not count yet; null when it does. */
export function lackOf(node: ConditionNode, type: string): string | null {
  if (node.condition !== null) return null;
  if (node.field === "") return "Choose a column.";
  const lack = conditionOf(node.field, type, shownDraft(node, type));
  return typeof lack === "string" ? lack : null;
}

function finishedOf(field: string, type: string, draft: Draft): Condition | null {
  const condition = field === "" ? "" : conditionOf(field, type, draft);
  return typeof condition === "string" ? null : condition;
}

/** The tree with one node changed. */
export function replaced(tree: GroupNode, id: string, change: (node: TreeNode) => TreeNode): GroupNode {
  const walk = (node: TreeNode): TreeNode => (node.id === id ? change(node) : isGroup(node) ? { ...node, members: node.members.map(walk) } : node);
  return walk(tree) as GroupNode; // only a member can turn into something else, and none does
}

export function added(tree: GroupNode, groupId: string, node: TreeNode): GroupNode {
  return replaced(tree, groupId, (group) => (isGroup(group) ? { ...group, members: [...group.members, node] } : group));
}

export function removed(tree: GroupNode, id: string): GroupNode {
  const walk = (group: GroupNode): GroupNode => ({
    ...group,
    members: group.members.filter((node) => node.id !== id).map((node) => (isGroup(node) ? walk(node) : node)),
  });
  return walk(tree);
}

/** The copy stands behind what it is a copy of. */
export function duplicated(tree: GroupNode, id: string): [GroupNode, copy: string] {
  let copied = "";
  const walk = (group: GroupNode): GroupNode => ({
    ...group,
    members: group.members.flatMap((node) => {
      if (node.id !== id) return [isGroup(node) ? walk(node) : node];
      const copy = fresh(node);
      copied = copy.id;
      return [node, copy];
    }),
  });
  const tree2 = walk(tree);
  return [tree2, copied];
}

function fresh(node: TreeNode): TreeNode {
  return isGroup(node) ? { ...node, id: newId(), members: node.members.map(fresh) } : { ...node, id: newId() };
}

export function countConditions(node: TreeNode): number {
  return isGroup(node) ? node.members.reduce((total, member) => total + countConditions(member), 0) : 1;
}
