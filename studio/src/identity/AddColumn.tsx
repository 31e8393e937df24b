// A column to add to a list, by typing part of its name.
import { Autocomplete } from "@mantine/core";
import { useState } from "react";

interface AddColumnProps {
  label: string;
  placeholder: string;
  maxWidth: number;
  /** Only these can be added. */
  offered: readonly string[];
  onAdd: (column: string) => void;
}

export function AddColumn({ label, placeholder, maxWidth, offered, onAdd }: AddColumnProps) {
  const [typed, setTyped] = useState("");
  const add = (column: string) => {
    setTyped("");
    onAdd(column);
  };
  return (
    <Autocomplete
      size="xs"
      maw={maxWidth}
      aria-label={label}
      placeholder={placeholder}
      data={[...offered]}
      limit={20}
      value={typed}
      onChange={setTyped}
      onOptionSubmit={add}
      onKeyDown={(event) => {
        if (event.key === "Enter" && offered.includes(typed)) {
          event.preventDefault();
          add(typed);
        }
      }}
    />
  );
}
