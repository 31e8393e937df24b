// What can be done with everything that is ticked.
import { Button, Group, Paper, Text } from "@mantine/core";
import { Ban, Copy, RefreshCw, Trash2 } from "lucide-react";
import { plural } from "../kit/format";
import { LinkButton } from "../kit/links";
import type { Operation } from "./actions";
import styles from "./uploads.module.css";

const MOST_LOOKED_THROUGH = 50; // uploads, as the API takes at once

interface BulkBarProps {
  selected: number;
  /** Ids of those whose tables can be looked through for duplicates; null when the reader may not. */
  tables: readonly string[] | null;
  busy: Operation | null;
  onOperation: (operation: Operation) => void;
  onClear: () => void;
}

export function BulkBar({ selected, tables, busy, onOperation, onClear }: BulkBarProps) {
  return (
    <Paper withBorder shadow="md" p="xs" role="region" aria-label="Selected uploads" className={styles.bulk ?? ""}>
      <Group gap="xs">
        <Text size="sm" fw={600} role="status" px="xs">
          {plural(selected, "upload")} selected
        </Text>
        {tables !== null && tables.length > 0 && tables.length <= MOST_LOOKED_THROUGH && (
          <LinkButton size="xs" variant="default" leftSection={<Copy size={14} aria-hidden />} to="/identity/duplicates" search={{ uploads: tables.join(",") }}>
            Find duplicates
          </LinkButton>
        )}
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
