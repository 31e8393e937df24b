// What became of a question, as icon and word.
import { Badge } from "@mantine/core";
import { CircleAlert, CircleCheck, CircleDashed, CircleSlash2, Coins, type LucideIcon } from "lucide-react";

const LOOKS: Record<string, { label: string; icon: LucideIcon; tone: string }> = {
  found: { label: "Found", icon: CircleCheck, tone: "good" },
  empty: { label: "Nothing there", icon: CircleDashed, tone: "quiet" },
  skipped: { label: "Skipped", icon: CircleSlash2, tone: "quiet" },
  failed: { label: "Failed", icon: CircleAlert, tone: "bad" },
  left: { label: "Not asked", icon: Coins, tone: "warn" },
};

export function Outcome({ outcome }: { outcome: string }) {
  const { label, icon: Icon, tone } = LOOKS[outcome] ?? { label: outcome, icon: CircleDashed, tone: "quiet" };
  return (
    <Badge leftSection={<Icon size={12} aria-hidden />} styles={{ root: { background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>
      {label}
    </Badge>
  );
}
