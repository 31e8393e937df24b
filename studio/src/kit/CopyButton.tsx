// Copies a text and says so.
import { Button } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "./clipboard";

const SAID_MS = 2_000;
const WORDS = { copied: "Copied", refused: "Not allowed" };

export function CopyButton({ value, label = "Copy" }: { value: string; label?: string }) {
  const [said, setSaid] = useState<keyof typeof WORDS | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(value)) ? "copied" : "refused");
  return (
    <Button size="xs" variant="default" onClick={() => void copy()} leftSection={said === "copied" ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}>
      <span aria-live="polite">{said === null ? label : WORDS[said]}</span>
    </Button>
  );
}
