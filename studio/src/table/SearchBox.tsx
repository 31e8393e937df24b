// One box over all text columns; what is typed becomes a filter after a short rest.
import { CloseButton, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { type Ref, useEffect, useRef, useState } from "react";

const REST_MS = 350;

interface SearchBoxProps {
  value: string;
  onChange: (text: string) => void;
  input: Ref<HTMLInputElement>;
}

export function SearchBox({ value, onChange, input }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    // Changed from outside: the back button, or "clear filters".
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text.trim();
      onChange(sent.current);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <TextInput
      ref={input}
      type="search"
      aria-label="Search in text columns"
      placeholder="Search  /"
      size="xs"
      w={190}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={text === "" ? null : <CloseButton size="xs" aria-label="Clear the search" onClick={() => setText("")} />}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
    />
  );
}
