// The field a column becomes: a known one, its own name, another name, split into several, or none.
import { Select, TextInput } from "@mantine/core";
import { FIELD_GROUPS, isKnown, labelOfField } from "./fields";
import type { Choice } from "./mapping";

const OWN = ":own";
const NAMED = ":named";
const SPLIT = ":split";
const SKIP = ":skip";
const KNOWN = FIELD_GROUPS.map(({ group, fields }) => ({ group, items: fields.map((name) => ({ value: name, label: labelOfField(name) })) }));

interface FieldSelectProps {
  column: string;
  choice: Choice;
  hasFault: boolean;
  onChange: (choice: Choice) => void;
}

export function FieldSelect({ column, choice, hasFault, onChange }: FieldSelectProps) {
  const isOwnKnown = isKnown(column);
  const choose = (value: string | null) => {
    if (value === null) return;
    if (value === OWN || value === column) onChange({ kind: "own" });
    else if (value === SKIP) onChange({ kind: "skip" });
    else if (value === NAMED) onChange({ kind: "to", name: "" });
    else if (value === SPLIT) onChange({ kind: "split", into: ["first_name", "last_name"], separator: " " });
    else onChange({ kind: "to", name: value });
  };
  const others = [
    ...(isOwnKnown ? [] : [{ value: OWN, label: `New field “${column}”` }]),
    { value: NAMED, label: "New field with another name…" },
    { value: SPLIT, label: "Split into several fields…" },
    { value: SKIP, label: "Skip this column" },
  ];
  const isNamed = choice.kind === "to" && !isKnown(choice.name);
  return (
    <>
      <Select
        aria-label={`Field for ${column}`}
        data={[{ group: "Or", items: others }, ...KNOWN]}
        value={valueOf(choice, column)}
        onChange={choose}
        searchable
        allowDeselect={false}
        maxDropdownHeight={340}
        nothingFoundMessage="No such field. Choose “New field with another name…”."
        error={hasFault}
        comboboxProps={{ shadow: "md" }}
        clearButtonProps={{ "aria-hidden": true }}
      />
      {isNamed && (
        <TextInput
          label="Name of the new field"
          value={choice.name}
          maxLength={200}
          autoFocus={choice.name === ""}
          onChange={(event) => onChange({ kind: "to", name: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function valueOf(choice: Choice, column: string): string {
  if (choice.kind === "own") return isKnown(column) ? column : OWN;
  if (choice.kind === "skip") return SKIP;
  if (choice.kind === "split") return SPLIT;
  return isKnown(choice.name) ? choice.name : NAMED;
}
