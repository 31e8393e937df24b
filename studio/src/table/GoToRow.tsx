// Type a row's number, press Enter, be there.
import { TextInput } from "@mantine/core";
import { type FormEvent, type Ref, useState } from "react";
import { count } from "../kit/format";

interface GoToRowProps {
  total: number | null;
  onGo: (row: number) => void;
  input: Ref<HTMLInputElement>;
}

export function GoToRow({ total, onGo, input }: GoToRowProps) {
  const [text, setText] = useState("");
  const go = (event: FormEvent) => {
    event.preventDefault();
    const row = Number(text.replace(/[\s,.']/g, ""));
    if (!Number.isSafeInteger(row) || row < 1) return;
    onGo(Math.min(row, total ?? row));
    setText("");
  };
  return (
    <form onSubmit={go}>
      <TextInput
        ref={input}
        size="xs"
        w={110}
        aria-label={total === null ? "Go to row" : `Go to row, 1 to ${count(total)}`}
        placeholder="Go to row"
        inputMode="numeric"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </form>
  );
}
