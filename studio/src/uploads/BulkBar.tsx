// What can be done with everything that is ticked.
import { Button, Group, Paper, Text } from "@mantine/core";
import { Ban, RefreshCw, Trash2 } from "lucide-react";
import { plural } from "../kit/format";
import type { Operation } from "./actions";
import styles from "./uploads.module.css";

interface BulkBarProps {
  selected: number;
  busy: Operation | null;
  onOperation: (operation: Operation) => void;
  onClear: () => void;
}

export function BulkBar({ selected, busy, onOperation, onClear }: BulkBarProps) {
  return (
    <Paper withBorder shadow="md" p="xs" role="region" aria-label="Selected uploads" className={styles.bulk ?? ""}>
      <Group gap="xs">
        <Text size="sm" fw={600} role="status" px="xs">
          {plural(selected, "upload")} selected
        </Text>
        <Button size="xs" variant="default" leftSection={<RefreshCw size={14} aria-hidden />} loading={busy === "reprocess"} onClick={() => onOperation("reprocess")}>
          Process again
        </Button>
        <Button size="xs" variant="default" leftSection={<Ban size={14} aria-hidden />} loading={busy === "cancel"} onClick={() => onOperation("cancel")}>
          Cancel the work
        </Button>
        <Button size="xs" color="red.9" leftSection={<Trash2 size={14} aria-hidden />} onClick={() => onOperation("delete")}>
          Delete
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      </Group>
    </Paper>
  );
}
