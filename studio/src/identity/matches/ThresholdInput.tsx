// From which probability on two rows count as the same person.
import { NumberInput } from "@mantine/core";
import { useState } from "react";

interface ThresholdInputProps {
  /** A probability, 0.5 to 1. */
  threshold: number;
  onChange: (threshold: number) => void;
}

export function ThresholdInput({ threshold, onChange }: ThresholdInputProps) {
  const [percent, setPercent] = useState<string | number>(Math.round(threshold * 10_000) / 100);
  const isFit = typeof percent === "number" && percent >= 50 && percent <= 100;
  return (
    <NumberInput
      label="Join pairs from this probability on"
      description="Pairs below it are never joined, unless you settle them by hand. A segment may ask for more than this, not for less."
      suffix="%"
      decimalScale={2}
      min={50}
      max={100}
      clampBehavior="none"
      maw={420}
      error={isFit ? null : "From 50% to 100%"}
      value={percent}
      onChange={(next) => {
        setPercent(next);
        if (typeof next === "number" && next >= 50 && next <= 100) onChange(next / 100);
      }}
    />
  );
}
