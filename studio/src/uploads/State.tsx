// An upload's state and what to know about it, always two lines high so that nothing jumps.
import { Text } from "@mantine/core";
import { StatusBadge } from "../kit/StatusBadge";
import type { UploadView } from "./list";
import styles from "./uploads.module.css";
import { stateNote } from "./words";

export function State({ upload }: { upload: UploadView }) {
  const note = stateNote(upload);
  return (
    <div className={styles.state}>
      <StatusBadge status={upload.status} />
      {note !== null && (
        <Text size="xs" c="dimmed" className="truncate" title={note}>
          {note}
        </Text>
      )}
    </div>
  );
}
