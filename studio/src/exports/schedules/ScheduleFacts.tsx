// The parts of a schedule that the list and its own page both show: when it runs next, and what its last run came to.
import { Group, Text } from "@mantine/core";
import { LinkAnchor } from "../../kit/links";
import { StatusBadge, statusLabel } from "../../kit/StatusBadge";
import type { Schedule } from "../model";
import { momentWords, untilWords } from "./words";

export function NextRun({ schedule }: { schedule: Schedule }) {
  if (!schedule.enabled) return <StatusBadge status="paused" />;
  return (
    <div>
      <Text inherit>{momentWords(schedule.next_at)}</Text>
      <Text size="xs" c="dimmed">
        {untilWords(schedule.next_at)}
      </Text>
    </div>
  );
}

export function LastRun({ schedule }: { schedule: Schedule }) {
  const { last_export_id: exportId, last_status: status, last_error: error } = schedule;
  return (
    <div style={{ minWidth: 0 }}>
      {exportId === null || status === null ? (
        error === null && (
          <Text inherit c="dimmed">
            {exportId === null ? "not yet" : "deleted"}
          </Text>
        )
      ) : (
        <Group gap={6}>
          <LinkAnchor to="/exports/$exportId" params={{ exportId }} aria-label={`Last export of ${schedule.name}: ${statusLabel(status)}`}>
            <StatusBadge status={status} />
          </LinkAnchor>
        </Group>
      )}
      {error !== null && (
        <Text size="xs" c="var(--bad-text)" lineClamp={3} title={error}>
          Could not begin: {error}
        </Text>
      )}
    </div>
  );
}
