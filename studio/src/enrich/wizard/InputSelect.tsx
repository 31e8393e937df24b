// The column a provider reads one thing from, and how many rows have it.
import { Group, Select, Text } from "@mantine/core";
import { percent } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import { worded } from "../../kit/worded";
import type { Need } from "../model";
import type { KnownColumn } from "./goals";
import classes from "./wizard.module.css";

interface InputSelectProps {
  need: Need;
  isOptional: boolean;
  value: string | null;
  columns: readonly KnownColumn[];
  rows: number;
  readable: readonly string[];
  mistake: string | undefined;
  onChange: (column: string | null) => void;
}

export function InputSelect({ need, isOptional, value, columns, rows, readable, mistake, onChange }: InputSelectProps) {
  const filledIn = (name: string) => columns.find((column) => column.name === name)?.filled ?? null;
  const filled = value === null ? null : filledIn(value);
  return (
    <div>
      <Select
        label={need.title}
        description={worded(need.description)}
        required={!isOptional}
        withAsterisk={!isOptional}
        placeholder={isOptional ? "Found by its name, if there is one" : "Choose a column"}
        data={[...readable]}
        limit={100}
        searchable
        clearable={isOptional}
        allowDeselect={false}
        value={value}
        onChange={onChange}
        error={mistake}
        nothingFoundMessage="No such column"
        clearButtonProps={{ "aria-label": `Choose no column for ${need.title}` }}
        renderOption={({ option }) => (
          <Group justify="space-between" wrap="nowrap" gap="sm" w="100%">
            <span className="truncate">{option.value}</span>
            <Text span size="xs" c="dimmed" style={{ flexShrink: 0 }}>
              {share(filledIn(option.value), rows)}
            </Text>
          </Group>
        )}
      />
      {value !== null && (
        <div className={classes.share}>
          {filled !== null && <Meter part={filled} all={rows} />}
          <Text size="xs" c="dimmed">
            {filled === null ? "filled by a provider before it" : `${percent(filled, rows)} of rows have this`}
          </Text>
        </div>
      )}
    </div>
  );
}

const share = (filled: number | null, rows: number) => (filled === null ? "from before" : percent(filled, rows));
