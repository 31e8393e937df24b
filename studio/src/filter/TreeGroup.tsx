// A group of conditions: how they are joined, what is in it, and what can be added.
import { ActionIcon, Button, Group, NativeSelect, Text } from "@mantine/core";
import { Copy, ListPlus, Plus, Trash2 } from "lucide-react";
import { worded } from "../kit/worded";
import type { TreeDoings } from "./FilterTree";
import { type GroupNode, isGroup } from "./tree";
import { TreeCondition } from "./TreeCondition";

const DEEPEST = 8; // deeper than anybody reads; the API takes 16

const JOINS = [
  { value: "all", label: "all of these" },
  { value: "any", label: "at least one of these" },
  { value: "not any", label: "none of these" },
  { value: "not all", label: "not all of these" },
];

interface TreeGroupProps {
  group: GroupNode;
  /** null for the outermost. */
  parentId: string | null;
  depth: number;
  doings: TreeDoings;
}

export function TreeGroup({ group, parentId, depth, doings }: TreeGroupProps) {
  const { id, joint, isNot, members } = group;
  const join = `${isNot ? "not " : ""}${joint}`;
  const words = JOINS.find(({ value }) => value === join)?.label ?? "";
  const problem = doings.problems.get(id);
  return (
    <div role="group" aria-label={`Rows that match ${words}`} className="filter-group" data-outermost={parentId === null || undefined}>
      <div className="filter-group-head">
        <Group gap={8} wrap="nowrap">
          <Text size="sm">{parentId === null ? "Rows that match" : "Match"}</Text>
          <NativeSelect
            size="xs"
            aria-label="How these conditions are joined"
            data={JOINS}
            value={join}
            data-focus={id}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              doings.change(id, (node) => ({ ...node, isNot: chosen.startsWith("not "), joint: chosen.endsWith("any") ? "any" : "all" }));
            }}
          />
        </Group>
        {parentId !== null && (
          <Group gap={2} wrap="nowrap">
            <ActionIcon variant="subtle" color="gray" aria-label="Duplicate this group" title="Duplicate this group" onClick={() => doings.duplicate(id)}>
              <Copy size={15} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label="Remove this group" title="Remove this group" onClick={() => doings.remove(id, parentId)}>
              <Trash2 size={15} aria-hidden />
            </ActionIcon>
          </Group>
        )}
      </div>
      {members.length === 0 ? (
        <Text size="sm" c="dimmed" py={4}>
          {parentId === null ? "No condition yet: every row." : "An empty group does not count."}
        </Text>
      ) : (
        <ul className="filter-members">
          {members.map((node) => (
            <li key={node.id} data-join={joint === "all" ? "and" : "or"}>
              {isGroup(node) ? <TreeGroup group={node} parentId={id} depth={depth + 1} doings={doings} /> : <TreeCondition node={node} parentId={id} doings={doings} />}
            </li>
          ))}
        </ul>
      )}
      {problem !== undefined && (
        <Text size="xs" c="var(--bad-text)" role="alert">
          {worded(problem)}
        </Text>
      )}
      <Group gap={6}>
        <Button size="compact-sm" variant="default" leftSection={<Plus size={14} aria-hidden />} data-focus={`add-${id}`} onClick={() => doings.add(id, "condition")}>
          Condition
        </Button>
        {depth < DEEPEST && (
          <Button size="compact-sm" variant="default" leftSection={<ListPlus size={14} aria-hidden />} onClick={() => doings.add(id, "group")}>
            Group
          </Button>
        )}
      </Group>
    </div>
  );
}
