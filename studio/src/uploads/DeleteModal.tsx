// Names what goes before it goes; a large loss wants a word typed.
import { List, Text } from "@mantine/core";
import { useState } from "react";
import { ApiError, type Issue } from "../api/errors";
import { count, plural } from "../kit/format";
import { ConfirmModal } from "../kit/ConfirmModal";
import { worded } from "../kit/worded";
import type { UploadView } from "./list";
import { isLarge, sizeInWords } from "./words";

const NAMED = 6;

interface DeleteModalProps {
  uploads: readonly UploadView[];
  /** withDependants: segments and exports that are made from it go too. */
  onConfirm: (withDependants: boolean) => Promise<unknown>;
  onClose: () => void;
}

export function DeleteModal({ uploads, onConfirm, onClose }: DeleteModalProps) {
  const [only] = uploads;
  const isOne = uploads.length === 1 && only !== undefined;
  const [users, setUsers] = useState<readonly Issue[]>([]);
  const confirm = async () => {
    try {
      await onConfirm(users.length > 0);
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === "upload_in_use") setUsers(failure.issues);
      throw failure;
    }
  };
  return (
    // Asked anew when more goes than was said at first.
    <ConfirmModal
      key={users.length}
      title={isOne ? `Delete ${only.upload_name}?` : `Delete ${plural(uploads.length, "upload")}?`}
      confirmLabel={!isOne ? `Delete ${plural(uploads.length, "upload")}` : users.length === 0 ? "Delete this upload" : `Delete it with ${users.length === 1 ? "this" : `all ${users.length}`}`}
      {...(isLarge(uploads) && { typeToConfirm: isOne ? only.upload_name : `delete ${count(uploads.length)}` })}
      onConfirm={confirm}
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
      {users.length > 0 && (
        <>
          <Text size="sm" fw={600} mt="md">
            Made from it, and gone as well:
          </Text>
          <List size="sm" mt={4}>
            {users.map(({ message, pointer }, at) => (
              <List.Item key={`${pointer}${at}`}>{worded(message)}</List.Item>
            ))}
          </List>
        </>
      )}
    </ConfirmModal>
  );
}
