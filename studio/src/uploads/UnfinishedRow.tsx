// An upload that a reload or a closed tab has interrupted: the same file, chosen again, goes on where it stood.
import { Button, Group, Progress, Text } from "@mantine/core";
import { CirclePause } from "lucide-react";
import { useState } from "react";
import { bytes, percent } from "../kit/format";
import { tellError } from "../kit/toast";
import { ChooseFiles } from "./ChooseFiles";
import { discard } from "./queue/queue";
import { fingerprintOf, type Unfinished } from "./queue/remember";
import styles from "./uploads.module.css";

interface UnfinishedRowProps {
  userId: string;
  one: Unfinished;
  onFiles: (files: readonly File[]) => void;
  onForgotten: () => void;
}

export function UnfinishedRow({ userId, one, onFiles, onForgotten }: UnfinishedRowProps) {
  const [isOther, setOther] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const goOn = (files: readonly File[]) => {
    const file = files[0];
    if (file === undefined) return;
    const isSame = fingerprintOf(file) === one.fingerprint;
    setOther(!isSame);
    if (isSame) onFiles([file]);
  };
  const giveUp = async () => {
    setBusy(true);
    try {
      await discard(userId, one.uploadId);
      onForgotten();
    } catch (error) {
      tellError(`${one.fileName} could not be discarded`, error);
      setBusy(false);
    }
  };
  return (
    <li className={styles.queueRow ?? ""} aria-label={`${one.fileName}, interrupted`}>
      <CirclePause size={18} aria-hidden color="var(--warn-line)" />
      <div className={styles.queueMain ?? ""}>
        <Text size="sm" fw={600} className="truncate" title={one.fileName}>
          {one.fileName}
        </Text>
        <Progress value={(100 * one.sentBytes) / Math.max(1, one.sizeBytes)} size="sm" my={4} color="gray" aria-label={`${one.fileName}, uploaded so far`} />
        <Text size="xs" c="dimmed">
          {percent(one.sentBytes, one.sizeBytes)} of {bytes(one.sizeBytes)} · interrupted. Drop the same file to continue.
        </Text>
        {isOther && (
          <Text size="sm" role="alert" c="var(--bad-text)">
            That is another file, or it was changed since. Choose {one.fileName} with {bytes(one.sizeBytes)} as it was, or discard this upload.
          </Text>
        )}
      </div>
      <Group gap={4} wrap="nowrap" className={styles.queueActions ?? ""}>
        <ChooseFiles single size="xs" variant="light" label="Choose the file" onFiles={goOn} />
        <Button size="xs" variant="subtle" color="gray" loading={isBusy} onClick={() => void giveUp()} aria-label={`Discard ${one.fileName}`}>
          Discard
        </Button>
      </Group>
    </li>
  );
}
