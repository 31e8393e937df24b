// One column: whether it leaves, what it is called outside, what it holds, and the ways to move it.
import { ActionIcon, Checkbox, Group, NativeSelect, Text, TextInput } from "@mantine/core";
import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import type { useReorder } from "../../kit/useReorder";
import type { Field, Platform } from "../model";
import { FIELDS, PLATFORMS } from "../words";
import { type PlannedColumn, takes } from "./plan";
import classes from "./wizard.module.css";

interface ColumnRowProps {
  column: PlannedColumn;
  at: number;
  count: number;
  platform: Platform | null;
  /** Its names outside where the server gives them. */
  outputs: string | null;
  fault: string | undefined;
  mayMove: boolean;
  line: ReturnType<ReturnType<typeof useReorder>["line"]>;
  handle: ReturnType<ReturnType<typeof useReorder>["handle"]>;
  onChange: (column: PlannedColumn) => void;
  onMove: (by: -1 | 1) => void;
}

export function ColumnRow({ column, at, count, platform, outputs, fault, mayMove, line, handle, onChange, onMove }: ColumnRowProps) {
  const { column: name, as, field, isIn, guess } = column;
  const isKnown = platform !== null && takes(platform, field);
  return (
    <li className={classes.column} data-in={isIn} data-hashed={platform !== null} {...(mayMove ? line : {})}>
      <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
        <span className={classes.handle} data-off={!mayMove} title="Drag to another place" aria-hidden {...(mayMove ? handle : {})}>
          <GripVertical size={16} />
        </span>
        <Checkbox
          label={name.trim() === "" ? `Column ${at + 1} without a name` : name}
          checked={isIn}
          onChange={(event) => onChange({ ...column, isIn: event.currentTarget.checked })}
          styles={{ root: { minWidth: 0 }, label: { overflowWrap: "anywhere" } }}
        />
      </Group>
      {platform !== null && (
        <div>
          {isIn ? (
            <NativeSelect
              size="xs"
              aria-label={`What ${name} holds`}
              data={[{ value: "", label: "Say what it holds" }, ...PLATFORMS[platform].fields.map((value) => ({ value, label: FIELDS[value] }))]}
              value={isKnown && field !== null ? field : ""}
              onChange={(event) => onChange({ ...column, field: event.currentTarget.value === "" ? null : (event.currentTarget.value as Field) })}
            />
          ) : (
            <Text size="xs" c="dimmed">
              {field === null ? "Not known" : FIELDS[field]}
            </Text>
          )}
          {isIn && isKnown && guess === field && (
            <Text size="xs" c="dimmed">
              guessed from its name
            </Text>
          )}
        </div>
      )}
      <div>
        {isIn && (
          <TextInput size="xs" aria-label={`Name of ${name} outside`} placeholder={outputs ?? (platform === null ? name : "")} value={as} maxLength={1000} onChange={(event) => onChange({ ...column, as: event.currentTarget.value })} autoComplete="off" spellCheck={false} />
        )}
        {fault !== undefined && isIn && (
          <Text size="xs" c="var(--bad-text)" role="alert" mt={2}>
            {fault}
          </Text>
        )}
      </div>
      <Group gap={2} wrap="nowrap" className={classes.moves ?? ""}>
        <ActionIcon variant="subtle" color="gray" data-move={`${name}:-1`} disabled={!mayMove || at === 0} onClick={() => onMove(-1)} aria-label={`Move ${name} up`}>
          <ArrowUp size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" data-move={`${name}:1`} disabled={!mayMove || at === count - 1} onClick={() => onMove(1)} aria-label={`Move ${name} down`}>
          <ArrowDown size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </li>
  );
}
