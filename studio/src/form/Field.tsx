// One member of a form, by its kind.
import { Checkbox, MultiSelect, NativeSelect, NumberInput, TagsInput } from "@mantine/core";
import { worded } from "../kit/worded";
import { JsonField } from "./JsonField";
import { ListField } from "./ListField";
import { MapField } from "./MapField";
import { ObjectField } from "./ObjectField";
import type { Member, Plain, Shape } from "./shape";
import { TextField } from "./TextField";
import { UploadField } from "./UploadField";
import type { Mistakes } from "./values";
import { VariantField } from "./VariantField";

/** The API calls every member that names an upload so. */
const UPLOAD = "upload_id";

export interface FieldProps {
  member: Member;
  value: unknown;
  /** undefined: nothing is entered. */
  onChange: (value: unknown) => void;
  pointer: string;
  mistakes: Mistakes;
}

export function Field(props: FieldProps) {
  const { member, value, onChange, pointer, mistakes } = props;
  const { shape, title, description, isRequired, initial } = member;
  const said = { label: title, description: worded(description), error: worded(mistakes.get(pointer) ?? null), required: isRequired, withAsterisk: isRequired };
  switch (shape.kind) {
    case "text":
      if (member.name === UPLOAD) return <UploadField {...props} />;
      return <TextField {...props} shape={shape} />;
    case "number":
      return (
        <NumberInput
          {...said}
          allowDecimal={!shape.isWhole}
          {...(shape.min === null ? {} : { min: shape.min })}
          {...(shape.max === null ? {} : { max: shape.max })}
          placeholder={typeof initial === "number" ? String(initial) : ""}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(next === "" ? undefined : Number(next))}
          hideControls
        />
      );
    case "flag":
      return (
        <Checkbox
          label={title}
          description={worded(description)}
          error={said.error}
          checked={typeof value === "boolean" ? value : initial === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return <Choice {...props} shape={shape} />;
    case "list":
      if ((shape.item.kind === "text" && !shape.item.isSecret) || shape.item.kind === "number") {
        const isNumbers = shape.item.kind === "number";
        const told = (words: string[]) => onChange(isNumbers ? words.filter((word) => Number.isFinite(Number(word))).map(Number) : words);
        return <TagsInput {...said} data={[]} splitChars={["\n"]} acceptValueOnBlur value={texts(value ?? initial)} onChange={told} placeholder="Enter after each" />;
      }
      if (shape.item.kind === "choice") {
        return <MultiSelect {...said} data={shape.item.options.map(String)} value={texts(value ?? initial)} onChange={onChange} />;
      }
      return <ListField {...props} item={shape.item} />;
    case "map":
      return <MapField {...props} inner={shape.value} />;
    case "object":
      return <ObjectField {...props} members={shape.members} />;
    case "variants":
      return <VariantField {...props} shape={shape} />;
    case "json":
      return <JsonField {...props} />;
  }
}

function Choice({ member, value, onChange, pointer, mistakes, shape }: FieldProps & { shape: Extract<Shape, { kind: "choice" }> }) {
  const { title, description, isRequired, initial } = member;
  const names = new Map(shape.options.map((option) => [String(option), option]));
  const held = (value ?? initial) as Plain | null | undefined;
  const isOpen = initial === undefined || initial === null;
  return (
    <NativeSelect
      label={title}
      description={worded(description)}
      error={worded(mistakes.get(pointer) ?? null)}
      required={isRequired}
      withAsterisk={isRequired}
      data={[...(isOpen ? [{ value: "", label: isRequired ? "Choose" : "None" }] : []), ...names.keys()]}
      value={held === undefined || held === null ? "" : String(held)}
      onChange={(event) => onChange(names.get(event.currentTarget.value))}
    />
  );
}

const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
