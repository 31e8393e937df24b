// Every column of the file with samples on the left and what it becomes on the right; wide files in portions.
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { count } from "../kit/format";
import { ColumnRow } from "./ColumnRow";
import classes from "./import.module.css";
import { type Choice, choiceOf, type Choices, type Fault } from "./mapping";
import type { Preview } from "./queries";

const AT_ONCE = 100;
const FEW = 8;

interface ColumnListProps {
  preview: Preview;
  choices: Choices;
  faults: ReadonlyMap<string, Fault>;
  onChange: (choices: Choices) => void;
}

export function ColumnList({ preview, choices, faults, onChange }: ColumnListProps) {
  const [view, setView] = useState("all");
  const [shown, setShown] = useState(AT_ONCE);
  const kindOf = (name: string) => choiceOf(choices, name).kind;
  const needsALook = (column: Preview["columns"][number]) => faults.has(column.name) || (kindOf(column.name) === "own" && column.field !== column.name);
  const columns = preview.columns.map((guess, at) => ({ guess, at })).filter(({ guess }) => view === "all" || needsALook(guess));
  const change = (column: string, choice: Choice) => onChange({ ...choices, byColumn: { ...choices.byColumn, [column]: choice } });
  const join = (target: string, separator: string | null) => {
    const { [target]: _gone, ...others } = choices.joins;
    onChange({ ...choices, joins: separator === null ? others : { ...others, [target]: separator } });
  };
  return (
    <Stack gap="sm">
      {preview.columns.length > FEW && (
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label="Which columns to show"
            value={view}
            onChange={setView}
            data={[
              { value: "all", label: `All ${count(preview.columns.length)}` },
              { value: "open", label: `Without a known field ${count(preview.columns.filter(needsALook).length)}` },
            ]}
          />
        </Group>
      )}
      <div className={classes.columns}>
        <div className={classes.columnsHead} aria-hidden>
          <span>Your column</span>
          <span>Samples</span>
          <span>Filled</span>
          <span>Becomes</span>
        </div>
        <ul className={classes.columnList} aria-label="Columns of the file">
          {columns.slice(0, shown).map(({ guess, at }) => (
            <ColumnRow
              key={guess.name}
              guess={guess}
              values={preview.rows.map((row) => row[at] ?? null)}
              choice={choiceOf(choices, guess.name)}
              joins={choices.joins}
              fault={faults.get(guess.name) ?? null}
              onChange={(choice) => change(guess.name, choice)}
              onJoin={join}
            />
          ))}
        </ul>
      </div>
      {columns.length === 0 && <Text size="sm" c="dimmed">Every column has a known field.</Text>}
      {columns.length > shown && (
        <Button variant="default" onClick={() => setShown(shown + AT_ONCE)}>
          Show {count(Math.min(AT_ONCE, columns.length - shown))} more of {count(columns.length)} columns
        </Button>
      )}
    </Stack>
  );
}
