// How one column is filled: what happens to values that are there, and what a found one must be like.
import { Badge, Group, NativeSelect, NumberInput, Text } from "@mantine/core";
import { Plus, TriangleAlert } from "lucide-react";
import { count } from "../../kit/format";
import type { Policy } from "../model";
import { AcceptTest } from "./AcceptTest";
import { DEFAULT_TARGET, type TargetDraft } from "./draft";
import { waterfalls } from "./plan";
import type { Planning } from "./planning";
import classes from "./wizard.module.css";

const POLICIES: { value: Policy; label: string }[] = [
  { value: "fill_empty", label: "Fill empty cells only" },
  { value: "overwrite", label: "Overwrite what is there" },
];

interface TargetRowProps {
  column: string;
  /** Its place among the targets, as the server counts them. */
  at: number;
  planning: Planning;
}

export function TargetRow({ column, at, planning }: TargetRowProps) {
  const { draft, change, columns, mistakes, steps } = planning;
  const target = draft.targets[column] ?? DEFAULT_TARGET;
  const known = columns.find(({ name }) => name === column);
  const askedBy = waterfalls(steps).get(column)?.length ?? 0;
  const set = (part: Partial<TargetDraft>) => change({ targets: { ...draft.targets, [column]: { ...target, ...part } } });
  return (
    <li className={classes.target}>
      <div>
        <Text size="sm" ff="monospace" fw={600} style={{ overflowWrap: "anywhere" }}>
          {column}
        </Text>
        <Group gap={6} mt={2}>
          {known === undefined ? (
            <Badge leftSection={<Plus size={12} aria-hidden />} styles={{ root: { background: "var(--good-fill)", color: "var(--good-text)" } }}>
              New column
            </Badge>
          ) : (
            <Text size="xs" c="dimmed">
              {count(known.filled)} filled, {count(known.empty)} empty
            </Text>
          )}
          {askedBy > 1 && (
            <Text size="xs" c="dimmed">
              {askedBy} providers in turn
            </Text>
          )}
        </Group>
      </div>
      <div>
        {known !== undefined && (
          <NativeSelect
            label="Values that are there"
            size="xs"
            data={POLICIES}
            value={target.policy}
            onChange={(event) => set({ policy: event.currentTarget.value as Policy })}
            error={mistakes.get(`/targets/${at}/policy`)}
          />
        )}
        {known !== undefined && target.policy === "overwrite" && (
          <Text size="xs" c="var(--warn-text)" mt={4} role="status">
            <TriangleAlert size={12} aria-hidden style={{ verticalAlign: "-2px" }} /> Replaces up to {count(known.filled)} values where something is found. Undo brings them back.
          </Text>
        )}
      </div>
      <NumberInput
        label="Sure by at least"
        size="xs"
        suffix=" %"
        min={0}
        max={100}
        step={5}
        value={Math.round(100 * target.minConfidence)}
        onChange={(next) => set({ minConfidence: Math.min(100, Math.max(0, Number(next) || 0)) / 100 })}
        error={mistakes.get(`/targets/${at}/min_confidence`)}
      />
      <AcceptTest column={column} accept={target.accept} mistakes={mistakes} pointer={`/targets/${at}/accept`} onChange={(accept) => set({ accept })} />
    </li>
  );
}
