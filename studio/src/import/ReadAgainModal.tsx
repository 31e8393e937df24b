// Before a file is read again: what is redone, and which corrections are lost with the old table.
import { List, Stack, Text } from "@mantine/core";
import { ConfirmModal } from "../kit/ConfirmModal";
import { plural } from "../kit/format";
import type { Upload } from "./queries";

interface ReadAgainModalProps {
  upload: Upload;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function ReadAgainModal({ upload, onConfirm, onClose }: ReadAgainModalProps) {
  return (
    <ConfirmModal title="Read the file again?" confirmLabel="Read it again" onConfirm={onConfirm} onClose={onClose}>
      <Stack gap="xs">
        <Text size="sm">
          “{upload.upload_name}” is read again from its first row, with what you chose now. What is redone:
        </Text>
        <List size="sm" spacing={4}>
          <List.Item>{plural(upload.rows_accepted, "row")} of its table are replaced. The old table can be read until the new one is ready.</List.Item>
          <List.Item>{plural(upload.rows_rejected, "row")} set aside are checked again.</List.Item>
          <List.Item fw={600}>Corrections made since the first reading, here or in the table, are lost.</List.Item>
        </List>
      </Stack>
    </ConfirmModal>
  );
}
