// What a condition compares with: the control that fits the type and the operator, offering frequent values.
import { Autocomplete, NativeSelect, TagsInput } from "@mantine/core";
import type { Draft } from "./draft";
import { kindOf, needsValue } from "./words";

const OFFERED = 12;

interface TreeValueProps {
  field: string;
  type: string;
  draft: Draft;
  values: readonly string[];
  isWrong: boolean;
  onChange: (part: Partial<Draft>) => void;
}

export function TreeValue({ field, type, draft, values, isWrong, onChange }: TreeValueProps) {
  if (!needsValue(draft.op)) return null;
  if (kindOf(type) === "boolean") {
    return <NativeSelect size="xs" aria-label={`Value of ${field}`} data={["true", "false"]} value={draft.value} onChange={(event) => onChange({ value: event.currentTarget.value })} />;
  }
  if (draft.op === "in" || draft.op === "not_in") {
    return (
      <TagsInput
        size="xs"
        aria-label={`Values of ${field}`}
        placeholder={draft.value === "" ? "Type or choose; Enter adds" : ""}
        data={[...values]}
        limit={OFFERED}
        value={draft.value === "" ? [] : draft.value.split("\n")}
        onChange={(chosen) => onChange({ value: chosen.join("\n") })}
        splitChars={["\n"]} // values may hold commas; a pasted list comes line by line
        acceptValueOnBlur
        error={isWrong}
      />
    );
  }
  const hint = type === "date" ? "2025-01-31" : type === "timestamp" ? "2025-01-31 or longer" : "Value";
  const isRange = draft.op === "between";
  const one = (label: string, value: string, change: (text: string) => void) => (
    <Autocomplete size="xs" aria-label={label} placeholder={hint} data={values.filter((each) => each !== value)} limit={OFFERED} value={value} onChange={change} error={isWrong} comboboxProps={{ width: "max-content", position: "bottom-start" }} />
  );
  if (!isRange) return one(`Value of ${field}`, draft.value, (value) => onChange({ value }));
  return (
    <div className="filter-range">
      {one(`${field} from`, draft.value, (value) => onChange({ value }))}
      <span>to</span>
      {one(`${field} to`, draft.upper, (upper) => onChange({ upper }))}
    </div>
  );
}
