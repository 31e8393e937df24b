// One of several kinds of object; choosing a kind shows its fields.
import { NativeSelect } from "@mantine/core";
import type { FieldProps } from "./Field";
import { Group } from "./Group";
import { Members } from "./SchemaForm";
import type { Shape } from "./shape";
import { isValues, pointerTo } from "./values";

export function VariantField({ member, value, onChange, pointer, mistakes, shape }: FieldProps & { shape: Extract<Shape, { kind: "variants" }> }) {
  const held = value ?? member.initial;
  const tag = isValues(held) ? held[shape.tag] : undefined;
  const chosen = shape.variants.find((variant) => variant.value === tag);
  const isOpen = chosen === undefined || (!member.isRequired && !isValues(member.initial));
  const mistake = mistakes.get(pointer) ?? mistakes.get(pointerTo(pointer, shape.tag));
  const choose = (name: string) => {
    const variant = shape.variants.find((each) => String(each.value) === name);
    onChange(variant === undefined ? undefined : { [shape.tag]: variant.value });
  };
  return (
    <Group title={member.title} description={member.description} mistake={mistake}>
      <NativeSelect
        aria-label={`Kind of ${member.title.toLowerCase()}`}
        maw={320}
        data={[...(isOpen ? [{ value: "", label: member.isRequired ? "Choose" : "None" }] : []), ...shape.variants.map((each) => ({ value: String(each.value), label: each.title }))]}
        value={chosen === undefined ? "" : String(chosen.value)}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {chosen?.shape.kind === "object" && chosen.shape.members.length > 0 && (
        <Members members={chosen.shape.members} value={held} onChange={(next) => onChange({ ...next, [shape.tag]: chosen.value })} pointer={pointer} mistakes={mistakes} />
      )}
    </Group>
  );
}
