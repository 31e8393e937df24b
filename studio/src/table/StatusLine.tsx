// The foot of the table: how many rows answer, and what is to be said about the cell in focus.
import { Group, Text, UnstyledButton } from "@mantine/core";
import type { Facts } from "../grid/rowSource";
import { count } from "../kit/format";

interface StatusLineProps {
  facts: Facts;
  oldTotal: number | null;
  /** Rows of the whole table; null while it is not known. */
  all: number | null;
  isNarrowed: boolean;
  canEdit: boolean;
  /** What is wrong with the cell in focus. */
  reason: string;
  /** Where its value came from. */
  note: string;
  onHelp: () => void;
}

export function StatusLine({ facts, oldTotal, all, isNarrowed, canEdit, reason, note, onHelp }: StatusLineProps) {
  const total = facts.total ?? oldTotal;
  const about = facts.total !== null && !facts.isExact ? "about " : "";
  const rows = total === null ? "" : isNarrowed && all !== null ? `${about}${count(total)} of ${count(all)} rows` : `${about}${count(total)} rows`;
  return (
    <Group justify="space-between" gap="sm" py={6} mih={34} wrap="nowrap" style={{ flexShrink: 0 }}>
      <Text size="sm" role="status" aria-busy={facts.total === null} data-testid="row-count" style={{ whiteSpace: "nowrap", opacity: facts.total === null ? 0.6 : 1 }}>
        {rows}
      </Text>
      <Text size="sm" className="truncate" aria-live="polite" c={reason === "" ? "dimmed" : "var(--bad-text)"} title={reason || note} style={{ flex: 1, minWidth: 0 }}>
        {reason || note}
      </Text>
      <Group gap="sm" wrap="nowrap" visibleFrom="sm">
        {!canEdit && (
          <Text size="sm" c="dimmed">
            Read-only
          </Text>
        )}
        <UnstyledButton onClick={onHelp} c="dimmed" fz="sm">
          Keys: ?
        </UnstyledButton>
      </Group>
    </Group>
  );
}
