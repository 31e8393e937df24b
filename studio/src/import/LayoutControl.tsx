// One member of the layout: a list to choose from, and for separators a field for unusual ones.
import { Anchor, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { Confidence } from "./Confidence";
import { labelOf, type LayoutMember, MEMBER_LABELS, optionsOf, type Overrides, textOf } from "./layout";
import type { Preview } from "./queries";

const OTHER = "other…";
const TYPING_MS = 350;
const MAX_DELIMITER = 4;

interface LayoutControlProps {
  member: LayoutMember;
  detected: Preview;
  shown: Preview;
  overrides: Overrides;
  onChange: (member: LayoutMember, value: string | null) => void;
}

export function LayoutControl({ member, detected, shown, overrides, onChange }: LayoutControlProps) {
  const guess = shown.layout[member];
  const now = overrides[member] ?? textOf(guess?.value);
  const [isOther, setOther] = useState(false);
  const found = detected.layout[member];
  const isChosen = member in overrides;
  const choose = (value: string) => {
    setOther(value === OTHER);
    if (value !== OTHER) onChange(member, found !== undefined && value === textOf(found.value) ? null : value);
  };
  const options = optionsOf(member, now, shown.sheets);
  return (
    <Stack gap={4}>
      <NativeSelect
        label={MEMBER_LABELS[member]}
        value={isOther ? OTHER : now}
        onChange={(event) => choose(event.currentTarget.value)}
        data={member === "delimiter" ? [...options, { value: OTHER, label: "Something else…" }] : options}
        inputWrapperOrder={["label", "input", "description"]}
        description={<Confidence confidence={guess?.confidence ?? 1} reason={guess?.reason ?? ""} isChosen={isChosen} />}
        descriptionProps={{ component: "div" }}
      />
      {isOther && <OtherDelimiter now={now} onChange={(value) => onChange(member, value)} />}
      {isChosen && found !== undefined && textOf(found.value) !== now && (
        <Anchor component="button" type="button" size="xs" ta="left" onClick={() => onChange(member, null)}>
          Back to what was found: {labelOf(member, found.value, shown.sheets)}
        </Anchor>
      )}
    </Stack>
  );
}

function OtherDelimiter({ now, onChange }: { now: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(now);
  const tell = useDebouncedCallback(onChange, TYPING_MS);
  return (
    <TextInput
      label="The separator, 1 to 4 characters"
      value={text}
      maxLength={MAX_DELIMITER}
      autoFocus
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        if (typed !== "") tell(typed);
      }}
    />
  );
}
