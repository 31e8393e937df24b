// What kind a segment is and how it stands, in icon and word.
import { Badge, Group } from "@mantine/core";
import { Camera, CircleX, LoaderCircle, type LucideIcon, Radio } from "lucide-react";
import type { Segment } from "./model";
import { kindLabel } from "./words";

export function SegmentBadges({ segment }: { segment: Segment }) {
  return (
    <Group gap={6}>
      {segment.kind === "live" ? <Mark icon={Radio} tone="info" label={kindLabel("live")} /> : <Mark icon={Camera} tone="quiet" label={kindLabel("snapshot")} />}
      {segment.status === "computing" && <Mark icon={LoaderCircle} tone="info" label="Counting" />}
      {segment.status === "failed" && <Mark icon={CircleX} tone="bad" label="Not counted" />}
    </Group>
  );
}

function Mark({ icon: Icon, tone, label }: { icon: LucideIcon; tone: string; label: string }) {
  return (
    <Badge leftSection={<Icon size={12} aria-hidden />} styles={{ root: { background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>
      {label}
    </Badge>
  );
}
