// Whether a key works, as icon and word.
import { Badge } from "@mantine/core";
import { Ban, CircleCheck, Clock, Hourglass } from "lucide-react";
import type { ApiKey } from "./queries";

const SOON_MS = 7 * 86_400_000;

function lookOf(key: ApiKey) {
  if (key.state === "revoked") return { label: "Revoked", icon: Ban, tone: "quiet" };
  if (key.state === "expired") return { label: "Expired", icon: Clock, tone: "quiet" };
  const left = key.expires_at === null ? Infinity : Date.parse(key.expires_at) - Date.now();
  if (left < SOON_MS) return { label: "Ends soon", icon: Hourglass, tone: "warn" };
  return { label: "Active", icon: CircleCheck, tone: "good" };
}

export function KeyState({ apiKey }: { apiKey: ApiKey }) {
  const { label, icon: Icon, tone } = lookOf(apiKey);
  return (
    <Badge leftSection={<Icon size={12} aria-hidden />} styles={{ root: { flexShrink: 0, background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>
      {label}
    </Badge>
  );
}
