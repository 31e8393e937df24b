// A form made from a JSON Schema: one field for each member, mistakes beside the field they are about.
import { OfferColumns } from "./columns";
import { Field } from "./Field";
import classes from "./form.module.css";
import type { Member, Shape } from "./shape";
import { isValues, type Mistakes, pointerTo, type Values } from "./values";

interface SchemaFormProps {
  shape: Shape;
  value: Values;
  onChange: (value: Values) => void;
  /** Where the value stands in the body that is sent; mistakes name it. */
  pointer: string;
  mistakes: Mistakes;
}

export function SchemaForm({ shape, value, onChange, pointer, mistakes }: SchemaFormProps) {
  if (shape.kind !== "object") return null;
  return (
    <OfferColumns value={value}>
      <Members members={shape.members} value={value} onChange={onChange} pointer={pointer} mistakes={mistakes} />
    </OfferColumns>
  );
}

interface MembersProps {
  members: readonly Member[];
  value: unknown;
  onChange: (value: Values) => void;
  pointer: string;
  mistakes: Mistakes;
}

const SHORT_TEXT = 200;

/** Two of these stand side by side. */
function isShort(shape: Shape): boolean {
  if (shape.kind === "text") return shape.isSecret || (shape.maxLength !== null && shape.maxLength <= SHORT_TEXT);
  return shape.kind === "number" || shape.kind === "choice" || shape.kind === "flag";
}

/** The fields of an object. */
export function Members({ members, value, onChange, pointer, mistakes }: MembersProps) {
  const values = isValues(value) ? value : {};
  return (
    <div className={classes.members}>
      {members.map((member) => (
        <div key={member.name} className={isShort(member.shape) ? "" : classes.wide}>
          <Field
            member={member}
            value={values[member.name]}
            onChange={(next) => onChange({ ...values, [member.name]: next })}
            pointer={pointerTo(pointer, member.name)}
            mistakes={mistakes}
          />
        </div>
      ))}
    </div>
  );
}
