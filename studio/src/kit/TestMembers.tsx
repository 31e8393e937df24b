// The controls for what a test takes, drawn from the map in testKinds.ts.
import { Autocomplete, Checkbox, NumberInput, Select, SimpleGrid, TagsInput, TextInput } from "@mantine/core";
import type { Member } from "./testKinds";

interface TestMembersProps {
  members: readonly Member[];
  values: Record<string, unknown>;
  fields: string[];
  onChange: (name: string, value: unknown) => void;
}

export function TestMembers({ members, values, fields, onChange }: TestMembersProps) {
  if (members.length === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, xs: members.length > 1 ? 2 : 1 }} spacing="sm">
      {members.map((member) => (
        <Control key={member.name} member={member} value={values[member.name]} fields={fields} onChange={(value) => onChange(member.name, value)} />
      ))}
    </SimpleGrid>
  );
}

interface ControlProps {
  member: Member;
  value: unknown;
  fields: string[];
  onChange: (value: unknown) => void;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);

function Control({ member, value, fields, onChange }: ControlProps) {
  switch (member.type) {
    case "number":
      return <NumberInput label={member.label} value={typeof value === "number" ? value : ""} onChange={(next) => onChange(next === "" ? null : Number(next))} />;
    case "text":
      return (
        <TextInput
          label={member.label}
          description={member.description}
          placeholder={member.placeholder}
          required={member.required ?? false}
          value={text(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "date":
      return <TextInput type="date" label={member.label} value={text(value)} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "words":
    case "fields":
      return (
        <TagsInput
          label={member.label}
          description={member.description}
          required={member.required ?? false}
          data={member.type === "fields" ? fields : []}
          value={texts(value)}
          onChange={onChange}
          acceptValueOnBlur
          maxDropdownHeight={240}
        />
      );
    case "field":
      return <Autocomplete label={member.label} required={member.required ?? false} data={fields} limit={12} value={text(value)} onChange={onChange} />;
    case "flag":
      return <Checkbox mt="lg" label={member.label} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "choice":
      return <Select label={member.label} required={member.required ?? false} data={member.options} value={text(value) || null} onChange={onChange} placeholder="Choose" />;
    case "order":
      return (
        <Select
          label={member.label}
          data={[
            { value: "ask", label: "nothing: refuse it" },
            { value: "day", label: "3 April (day first)" },
            { value: "month", label: "4 March (month first)" },
          ]}
          allowDeselect={false}
          value={value === true ? "day" : value === false ? "month" : "ask"}
          onChange={(next) => onChange(next === "ask" ? null : next === "day")}
        />
      );
  }
}
