// An upload's state as icon and word; colour only repeats what they say.
import { Badge } from "@mantine/core";
import { CircleAlert, CircleCheck, CirclePause, CircleX, Clock, CloudUpload, LoaderCircle, type LucideIcon, Trash2 } from "lucide-react";

interface Look {
  label: string;
  icon: LucideIcon;
  tone: "good" | "warn" | "bad" | "info" | "quiet";
}

const LOOKS: Record<string, Look> = {
  receiving: { label: "Uploading", icon: CloudUpload, tone: "info" },
  uploaded: { label: "Waiting", icon: Clock, tone: "quiet" },
  processing: { label: "Checking", icon: LoaderCircle, tone: "info" },
  ready: { label: "Ready", icon: CircleCheck, tone: "good" },
  ready_with_errors: { label: "Needs fixes", icon: CircleAlert, tone: "warn" },
  failed: { label: "Failed", icon: CircleX, tone: "bad" },
  cancelled: { label: "Cancelled", icon: CirclePause, tone: "quiet" },
  deleting: { label: "Deleting", icon: Trash2, tone: "quiet" },
};

export function statusLabel(status: string): string {
  return LOOKS[status]?.label ?? status;
}

export function StatusBadge({ status }: { status: string }) {
  const look = LOOKS[status] ?? { label: status, icon: Clock, tone: "quiet" as const };
  const Icon = look.icon;
  return (
    <Badge
      leftSection={<Icon size={12} aria-hidden />}
      styles={{ root: { background: `var(--${look.tone}-fill)`, color: `var(--${look.tone}-text)` } }}
    >
      {look.label}
    </Badge>
  );
}
