// An upload's state and what to know about it.
import { Text } from "@mantine/core";
import { LinkAnchor } from "../kit/links";
import { StatusBadge } from "../kit/StatusBadge";
import { isAwaitingMapping, type UploadView } from "./list";
import styles from "./uploads.module.css";
import { stateNote } from "./words";

export function State({ upload }: { upload: UploadView }) {
  const note = stateNote(upload);
  return (
    <div className={styles.state}>
      <StatusBadge status={upload.status} />
      {isAwaitingMapping(upload) && (
        <LinkAnchor to="/uploads/$uploadId/import" params={{ uploadId: upload.upload_id }} size="xs" display="block" aria-label={`Match the columns of ${upload.upload_name}`}>
          Match the columns
        </LinkAnchor>
      )}
      {note !== null && (
        <Text size="xs" c="dimmed" className="truncate" title={note}>
          {note}
        </Text>
      )}
    </div>
  );
}
