// The test a found value has to pass; one that fails goes on to the next provider.
import { NativeSelect, Text } from "@mantine/core";
import { below, type Mistakes } from "../../form/values";
import { TestMembers } from "../../kit/TestMembers";
import { kindOf, KINDS } from "../../kit/testKinds";
import type { JsonObject } from "../model";

const OPTIONS = KINDS.filter(({ group }) => group === "One field").map(({ kind, must }) => ({ value: kind, label: `must ${must}` }));

interface AcceptTestProps {
  column: string;
  accept: JsonObject | null;
  mistakes: Mistakes;
  pointer: string;
  onChange: (accept: JsonObject | null) => void;
}

export function AcceptTest({ column, accept, mistakes, pointer, onChange }: AcceptTestProps) {
  const { kind, ...members } = accept ?? {};
  const shape = kindOf(String(kind));
  const [mistake] = below(mistakes, pointer);
  const set = (name: string, value: unknown) => {
    const { [name]: _old, ...others } = accept ?? {};
    const isGiven = value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
    onChange(isGiven ? { ...others, [name]: value } : others);
  };
  return (
    <div role="group" aria-label={`Which values ${column} accepts`}>
      <NativeSelect
        label="A found value"
        size="xs"
        data={[{ value: "", label: "may be anything" }, ...OPTIONS]}
        value={shape === undefined ? "" : shape.kind}
        onChange={(event) => onChange(event.currentTarget.value === "" ? null : { kind: event.currentTarget.value })}
      />
      {shape !== undefined && <TestMembers members={shape.members} values={members} fields={[]} onChange={set} />}
      {mistake !== undefined && (
        <Text size="xs" c="var(--bad-text)" role="alert">
          {mistake}
        </Text>
      )}
    </div>
  );
}
