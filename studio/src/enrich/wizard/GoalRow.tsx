// One column that can be filled: what it is; of one the table has, how many rows lack it and who gives it.
import { Checkbox, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { count, percent } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import { worded } from "../../kit/worded";
import type { Goal } from "./goals";
import classes from "./wizard.module.css";

const NAMED = 3;

interface GoalRowProps {
  goal: Goal;
  rows: number;
  isChosen: boolean;
  onToggle: (isOn: boolean) => void;
}

export function GoalRow({ goal, rows, isChosen, onToggle }: GoalRowProps) {
  const { column, title, description, filled } = goal;
  return (
    <li className={classes.goal} data-chosen={isChosen} data-new={filled === null}>
      <Checkbox
        checked={isChosen}
        onChange={(event) => onToggle(event.currentTarget.checked)}
        label={
          <>
            <Text span fw={600} size="sm">
              {title}
            </Text>{" "}
            <Text span size="xs" c="dimmed" ff="monospace">
              {column}
            </Text>
          </>
        }
        description={worded(description)}
      />
      {filled !== null && <Known goal={goal} filled={filled} rows={rows} />}
    </li>
  );
}

function Known({ goal, filled, rows }: { goal: Goal; filled: number; rows: number }) {
  const { missing, isPossible, sources } = goal;
  const names = sources.map((source) => source.title);
  return (
    <>
      <div>
        <Meter part={filled} all={rows} />
        <Text size="xs" c="dimmed" mt={4}>
          {missing === 0 ? "no row lacks it" : `${count(missing)} rows lack it (${percent(missing, rows)})`}
        </Text>
      </div>
      <div>
        <Text size="xs">
          {names.slice(0, NAMED).join(", ")}
          {names.length > NAMED && ` and ${names.length - NAMED} more`}
        </Text>
        {!isPossible && (
          <Text size="xs" c="var(--warn-text)">
            <TriangleAlert size={12} aria-hidden style={{ verticalAlign: "-2px" }} /> No column looks like what {names.length === 1 ? "it needs" : "they need"}; you can say one later.
          </Text>
        )}
      </div>
    </>
  );
}
