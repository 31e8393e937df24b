// The country of telephone numbers that are written without a country code.
import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

interface RegionProps {
  region: string;
  onChange: (region: string) => void;
}

export function Region({ region, onChange }: RegionProps) {
  const [typed, setTyped] = useState(region);
  useEffect(() => setTyped(region), [region]);
  const isWhole = typed === "" || /^[A-Z]{2}$/.test(typed);
  return (
    <TextInput
      label="Country of numbers without a country code"
      placeholder="Such as DE or US; empty: such numbers do not count"
      value={typed}
      maxLength={2}
      autoCapitalize="characters"
      autoComplete="off"
      spellCheck={false}
      error={isWhole ? null : "Two letters, such as DE"}
      onChange={(event) => {
        const text = event.currentTarget.value.trim().toUpperCase();
        setTyped(text);
        if (text === "" || /^[A-Z]{2}$/.test(text)) onChange(text);
      }}
    />
  );
}
