// One upload as a card, for narrow windows.
import { Checkbox, Group, Paper, Text } from "@mantine/core";
import { bytes } from "../kit/format";
import { When } from "../kit/When";
import { BadRows } from "./BadRows";
import { NameLink } from "./NameLink";
import { RowMenu } from "./RowMenu";
import { State } from "./State";
import type { UploadItemProps } from "./UploadRow";
import styles from "./uploads.module.css";
import { rowsInWords, sourceLabel } from "./words";

export function UploadCard({ upload, isSelected, onSelect, onAction }: UploadItemProps) {
  return (
    <Paper component="li" withBorder p="sm" data-selected={isSelected || undefined} className={styles.card ?? ""}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Checkbox aria-label={`Select ${upload.upload_name}`} checked={isSelected} onChange={onSelect} mt={2} />
        <div className={styles.queueMain ?? ""}>
          <NameLink upload={upload} />
          <Group gap="xs" mt={6} justify="space-between">
            <State upload={upload} />
            <BadRows upload={upload} inWords />
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            {rowsInWords(upload)} {upload.rows_received === 1 ? "row" : "rows"} · {bytes(upload.size_bytes)} · {sourceLabel(upload.source)} · <When at={upload.created_at} />
          </Text>
        </div>
        <RowMenu upload={upload} onAction={onAction} />
      </Group>
    </Paper>
  );
}
