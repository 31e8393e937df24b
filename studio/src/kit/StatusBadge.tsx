// The state of an upload, a run or an export as icon and word; colour only repeats what they say.
import { Badge } from "@mantine/core";
import { CircleAlert, CircleCheck, CirclePause, CircleX, Clock, CloudUpload, Coins, LoaderCircle, type LucideIcon, Trash2, Undo2 } from "lucide-react";

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
  queued: { label: "Waiting", icon: Clock, tone: "quiet" },
  running: { label: "Running", icon: LoaderCircle, tone: "info" },
  paused: { label: "Paused", icon: CirclePause, tone: "warn" },
  done: { label: "Done", icon: CircleCheck, tone: "good" },
  done_with_failures: { label: "Some refused", icon: CircleAlert, tone: "warn" },
  stopped: { label: "Budget reached", icon: Coins, tone: "warn" },
  undone: { label: "Undone", icon: Undo2, tone: "quiet" },
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
