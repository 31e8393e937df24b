// Copies a text and says so.
import { Button, CopyButton as Copying } from "@mantine/core";
import { Check, Copy } from "lucide-react";

export function CopyButton({ value, label = "Copy" }: { value: string; label?: string }) {
  return (
    <Copying value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Button size="xs" variant="default" onClick={copy} leftSection={copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}>
          <span aria-live="polite">{copied ? "Copied" : label}</span>
        </Button>
      )}
    </Copying>
  );
}
