// One condition of a tree: not, column, operator, value; what it lacks, or what the server says of it.
import { ActionIcon, Checkbox, NativeSelect, Select, Text } from "@mantine/core";
import { Ban, Copy, Trash2 } from "lucide-react";
import { worded } from "../kit/worded";
import { OPERATORS } from "./ast";
import { takesCase } from "./draft";
import type { TreeDoings } from "./FilterTree";
import { type ConditionNode, lackOf, shownDraft } from "./tree";
import { TreeValue } from "./TreeValue";
import { operatorsFor } from "./words";

interface TreeConditionProps {
  node: ConditionNode;
  parentId: string;
  doings: TreeDoings;
}

export function TreeCondition({ node, parentId, doings }: TreeConditionProps) {
  const { id, field, isNot } = node;
  const type = doings.typeOf(field);
  const column = doings.columns.find(({ name }) => name === field);
  const draft = shownDraft(node, type);
  const problem = doings.problems.get(id);
  const lack = lackOf(node, type);
  const names = doings.columns.map(({ name }) => name);
  const said = problem ?? (lack === null ? null : `${lack} It does not count yet.`);
  const name = field === "" ? "this condition" : `the condition on ${field}`;
  return (
    <div role="group" aria-label={field === "" ? "A new condition" : `Condition on ${field}`} className="filter-condition" data-problem={problem !== undefined || undefined}>
      <ActionIcon
        variant={isNot ? "filled" : "subtle"}
        color={isNot ? "indigo" : "gray"}
        className="filter-not"
        aria-label={`Turn ${name} round: rows where it does not hold`}
        title={isNot ? "Rows where this does not hold" : "Turn round: rows where this does not hold"}
        aria-pressed={isNot}
        onClick={() => doings.change(id, (before) => ({ ...before, isNot: !before.isNot }))}
      >
        {isNot ? <span className="filter-not-word">not</span> : <Ban size={15} aria-hidden />}
      </ActionIcon>
      <Select
        className="filter-field"
        size="xs"
        aria-label="Column"
        placeholder="Column"
        searchable
        limit={100}
        data={field !== "" && !names.includes(field) ? [field, ...names] : names}
        value={field === "" ? null : field}
        onChange={(chosen) => chosen !== null && doings.point(id, chosen)}
        allowDeselect={false}
        nothingFoundMessage="No such column"
        comboboxProps={{ width: "max-content", position: "bottom-start" }}
        data-focus={id}
      />
      <NativeSelect
        className="filter-op"
        size="xs"
        aria-label="Condition"
        data={operatorsFor(type, draft.op)}
        value={draft.op}
        disabled={field === ""}
        onChange={(event) => {
          const op = OPERATORS.find((each) => each === event.currentTarget.value);
          if (op !== undefined) doings.type(id, { op });
        }}
      />
      <div className="filter-value">
        {field !== "" && <TreeValue field={field} type={type} draft={draft} values={column?.values ?? []} isWrong={problem !== undefined} onChange={(part) => doings.type(id, part)} />}
      </div>
      <div className="filter-acts">
        <ActionIcon variant="subtle" color="gray" aria-label={`Duplicate ${name}`} title="Duplicate" onClick={() => doings.duplicate(id)}>
          <Copy size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} title="Remove" onClick={() => doings.remove(id, parentId)}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </div>
      {field !== "" && takesCase(type, draft.op) && (
        <Checkbox className="filter-case" size="xs" label="Upper and lower case matter" checked={draft.matchCase} onChange={(event) => doings.type(id, { matchCase: event.currentTarget.checked })} />
      )}
      {said !== null && (
        <Text size="xs" className="filter-said" c={problem === undefined ? "dimmed" : "var(--bad-text)"} role={problem === undefined ? undefined : "alert"}>
          {worded(said)}
        </Text>
      )}
    </div>
  );
}
