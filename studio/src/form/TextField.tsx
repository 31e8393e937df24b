// A text, or a secret: that is written, never read back, and kept while its field stays empty.
import { Autocomplete, Button, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import { worded } from "../kit/worded";
import { useOfferedColumns } from "./columns";
import type { FieldProps } from "./Field";
import type { Shape } from "./shape";

export function TextField({ member, value, onChange, pointer, mistakes, shape }: FieldProps & { shape: Extract<Shape, { kind: "text" }> }) {
  const { title, description, isRequired, initial } = member;
  const said = { label: title, description: worded(description), error: worded(mistakes.get(pointer) ?? null), required: isRequired, withAsterisk: isRequired };
  const offered = useOfferedColumns();
  const entered = typeof value === "string" ? value : "";
  if (shape.isSecret) return <Secret {...{ value, onChange }} said={said} />;
  const more = {
    ...said,
    value: entered,
    placeholder: typeof initial === "string" ? initial : "",
    ...(shape.maxLength === null ? {} : { maxLength: shape.maxLength }),
    spellCheck: false,
    autoComplete: "off",
  };
  if (member.name === "column" && offered.length > 0) return <Autocomplete {...more} data={[...offered]} limit={50} onChange={(text) => onChange(given(text))} />;
  if (shape.isLong) return <Textarea {...more} autosize maxRows={12} onChange={(event) => onChange(given(event.currentTarget.value))} />;
  return <TextInput {...more} inputMode={shape.format === "uri" ? "url" : "text"} onChange={(event) => onChange(given(event.currentTarget.value))} />;
}

const given = (text: string) => (text === "" ? undefined : text);

interface SecretProps {
  /** null: there is one, and it is kept. */
  value: unknown;
  onChange: (value: unknown) => void;
  said: { label?: string | undefined; "aria-label"?: string; description?: ReactNode; error: ReactNode; required?: boolean };
}

export function Secret({ value, onChange, said }: SecretProps) {
  const isKept = useRef(value === null);
  if (value === null) isKept.current = true; // also after saving: what was entered is kept from then on
  const empty = isKept.current ? null : undefined;
  const mayGo = isKept.current && said.label !== undefined && said.required !== true;
  return (
    <>
      <PasswordInput
        {...said}
        aria-invalid={said.error !== undefined && said.error !== null}
        required={said.required === true && !isKept.current}
        value={typeof value === "string" ? value : ""}
        placeholder={isKept.current ? "Kept. Enter another one to replace it" : ""}
        onChange={(event) => onChange(event.currentTarget.value === "" ? empty : event.currentTarget.value)}
        autoComplete="new-password"
        spellCheck={false}
        visibilityToggleButtonProps={{ "aria-label": "Show what is entered", tabIndex: 0 }}
      />
      {mayGo && (
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          mt={4}
          onClick={() => {
            isKept.current = false;
            onChange(undefined);
          }}
        >
          Do without {said.label?.toLowerCase()}
        </Button>
      )}
    </>
  );
}
