// One thing a provider gives: whether it is wanted, and the column it goes to.
import { Autocomplete, Checkbox, Text } from "@mantine/core";
import { count } from "../../kit/format";
import type { Give } from "../model";
import type { KnownColumn } from "./goals";
import classes from "./wizard.module.css";

interface OutputRowProps {
  give: Give;
  /** null: it is left out. */
  value: string | null;
  columns: readonly KnownColumn[];
  mistake: string | undefined;
  onChange: (column: string | null) => void;
}

export function OutputRow({ give, value, columns, mistake, onChange }: OutputRowProps) {
  const known = columns.find(({ name }) => name === value);
  return (
    <div className={classes.output}>
      <Checkbox
        size="sm"
        mt={6}
        label={give.title}
        title={give.description}
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? give.column : null)}
      />
      {value === null ? (
        <Text size="xs" c="dimmed" mt={8}>
          left out
        </Text>
      ) : (
        <div>
          <Autocomplete
            aria-label={`Column for ${give.title}`}
            data={columns.map(({ name }) => name)}
            limit={50}
            value={value}
            onChange={onChange}
            error={mistake}
            maxLength={200}
          />
          <Text size="xs" c="dimmed" mt={2}>
            {known === undefined ? "new column" : `in the table: ${count(known.filled)} filled, ${count(known.empty)} empty`}
          </Text>
        </div>
      )}
    </div>
  );
}
