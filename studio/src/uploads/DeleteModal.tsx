// Names what goes before it goes; a large loss wants a word typed.
import { List, Text } from "@mantine/core";
import { count, plural } from "../kit/format";
import { ConfirmModal } from "../kit/ConfirmModal";
import type { UploadView } from "./list";
import { isLarge, sizeInWords } from "./words";

const NAMED = 6;

interface DeleteModalProps {
  uploads: readonly UploadView[];
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function DeleteModal({ uploads, onConfirm, onClose }: DeleteModalProps) {
  const [only] = uploads;
  const isOne = uploads.length === 1 && only !== undefined;
  return (
    <ConfirmModal
      title={isOne ? `Delete ${only.upload_name}?` : `Delete ${plural(uploads.length, "upload")}?`}
      confirmLabel={isOne ? "Delete this upload" : `Delete ${plural(uploads.length, "upload")}`}
      {...(isLarge(uploads) && { typeToConfirm: isOne ? only.upload_name : `delete ${count(uploads.length)}` })}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {!isOne && (
        <List size="sm" mb="sm">
          {uploads.slice(0, NAMED).map((one) => (
            <List.Item key={one.upload_id}>{one.upload_name}</List.Item>
          ))}
          {uploads.length > NAMED && <List.Item>and {count(uploads.length - NAMED)} more</List.Item>}
        </List>
      )}
      <Text size="sm">
        {sizeInWords(uploads)} will be gone for good: the records as they were sent, {isOne ? "its" : "their"} table, every correction, the bad rows kept aside, and the links that open{" "}
        {isOne ? "it" : "them"}. This cannot be undone.
      </Text>
    </ConfirmModal>
  );
}
