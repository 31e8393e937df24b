// Conditions in groups within groups, all of it by keyboard; whoever uses it says which columns there are.
import "./filter.css";
import { useEffect, useRef } from "react";
import { added, duplicated, type GroupNode, newCondition, newGroup, pointed, removed, replaced, type TreeNode, typed } from "./tree";
import type { Draft } from "./draft";
import { TreeGroup } from "./TreeGroup";

export interface TreeColumn {
  name: string;
  type: string;
  /** Frequent values, offered while one is typed. */
  values: readonly string[];
}

/** What the parts of the tree need and do. */
export interface TreeDoings {
  columns: readonly TreeColumn[];
  typeOf: (field: string) => string;
  /** What the server said of a node, by its id. */
  problems: ReadonlyMap<string, string>;
  type: (id: string, part: Partial<Draft>) => void;
  point: (id: string, field: string) => void;
  change: (id: string, change: (node: TreeNode) => TreeNode) => void;
  add: (groupId: string, what: "condition" | "group") => void;
  duplicate: (id: string) => void;
  remove: (id: string, parentId: string) => void;
}

interface FilterTreeProps {
  tree: GroupNode;
  columns: readonly TreeColumn[];
  problems: ReadonlyMap<string, string>;
  onChange: (tree: GroupNode) => void;
}

export function FilterTree({ tree, columns, problems, onChange }: FilterTreeProps) {
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null); // what takes the focus once it is drawn
  useEffect(() => {
    if (wanted.current === null) return;
    box.current?.querySelector<HTMLElement>(`[data-focus="${wanted.current}"]`)?.focus();
    wanted.current = null;
  });
  const typeOf = (field: string) => columns.find(({ name }) => name === field)?.type ?? "text";
  const doings: TreeDoings = {
    columns,
    typeOf,
    problems,
    change: (id, change) => onChange(replaced(tree, id, change)),
    type: (id, part) => onChange(replaced(tree, id, (node) => ("field" in node ? typed(node, typeOf(node.field), part) : node))),
    point: (id, field) => onChange(replaced(tree, id, (node) => ("field" in node ? pointed(node, field, typeOf(node.field), typeOf(field)) : node))),
    add: (groupId, what) => {
      const first = newCondition();
      const parent = groupOf(tree, groupId);
      wanted.current = first.id;
      // A group within is worth having only where it says something else than the one around it.
      onChange(added(tree, groupId, what === "condition" ? first : newGroup(parent?.joint === "all" ? "any" : "all", [first])));
    },
    duplicate: (id) => {
      const [next, copy] = duplicated(tree, id);
      wanted.current = copy;
      onChange(next);
    },
    remove: (id, parentId) => {
      wanted.current = `add-${parentId}`;
      onChange(removed(tree, id));
    },
  };
  return (
    <div ref={box}>
      <TreeGroup group={tree} parentId={null} depth={1} doings={doings} />
    </div>
  );
}

function groupOf(node: TreeNode, id: string): GroupNode | null {
  if (!("members" in node)) return null;
  if (node.id === id) return node;
  for (const member of node.members) {
    const found = groupOf(member, id);
    if (found !== null) return found;
  }
  return null;
}
