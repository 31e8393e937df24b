// An HTTP status with its meaning beside its colour.
import { Badge } from "@mantine/core";
import { CircleAlert, CircleCheck, CircleX } from "lucide-react";

export function RequestStatus({ status }: { status: number }) {
  const [tone, Icon, word] =
    status >= 500 ? (["bad", CircleX, "failed"] as const) : status >= 400 ? (["warn", CircleAlert, "refused"] as const) : (["good", CircleCheck, "worked"] as const);
  return (
    <Badge leftSection={<Icon size={12} aria-label={word} role="img" />} styles={{ root: { flexShrink: 0, background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>
      {status}
    </Badge>
  );
}
