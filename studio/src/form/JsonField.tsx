// What no other field can express, written as JSON.
import { Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { worded } from "../kit/worded";
import type { FieldProps } from "./Field";

export function JsonField({ member, value, onChange, pointer, mistakes }: FieldProps) {
  const { title, description, isRequired, initial } = member;
  const [typed, setTyped] = useState(() => textOf(value ?? initial));
  const [isBroken, setBroken] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.setCustomValidity(isBroken ? "This is not JSON yet." : ""), [isBroken]); // no form is sent like this
  const enter = (text: string) => {
    setTyped(text);
    try {
      onChange(text.trim() === "" ? undefined : JSON.parse(text));
      setBroken(false);
    } catch {
      setBroken(true); // half written; the last readable value stays until it can be read
    }
  };
  return (
    <Textarea
      ref={field}
      label={title}
      description={worded(description) ?? "As JSON"}
      required={isRequired}
      error={isBroken ? "This is not JSON yet." : worded(mistakes.get(pointer) ?? null)}
      value={typed}
      onChange={(event) => enter(event.currentTarget.value)}
      autosize
      minRows={2}
      maxRows={16}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
}
