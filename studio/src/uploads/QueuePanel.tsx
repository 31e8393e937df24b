// Files on their way, on top of the list, and those a reload has interrupted.
import { Paper, Stack, Title } from "@mantine/core";
import { useState } from "react";
import { plural } from "../kit/format";
import { isOnItsWay } from "./queue/model";
import { isBeingSent, unfinished, type Unfinished } from "./queue/remember";
import { useQueue } from "./queue/store";
import { QueueRow } from "./QueueRow";
import styles from "./uploads.module.css";
import { UnfinishedRow } from "./UnfinishedRow";

interface QueuePanelProps {
  userId: string;
  onFiles: (files: readonly File[]) => void;
}

/** Unfinished uploads of this browser that no tab is sending. */
export function useInterrupted(userId: string): readonly Unfinished[] {
  const sent = new Set(useQueue().map(({ uploadId }) => uploadId));
  return unfinished(userId).filter((one) => !sent.has(one.uploadId) && !isBeingSent(one));
}

export function QueuePanel({ userId, onFiles }: QueuePanelProps) {
  const queue = useQueue();
  const interrupted = useInterrupted(userId);
  const [, setForgotten] = useState(0);
  if (queue.length + interrupted.length === 0) return null;
  const running = queue.filter(isOnItsWay).length;
  return (
    <Paper withBorder mb="md" component="section" aria-labelledby="queue-title" className={styles.queue ?? ""}>
      <Title order={2} id="queue-title" fz="md" px="md" py="xs">
        {running > 0 ? `Uploading ${plural(running, "file")}` : "Your files"}
      </Title>
      <Stack gap={0} component="ul" className={styles.plainList ?? ""}>
        {queue.map((item) => (
          <QueueRow key={item.id} item={item} />
        ))}
        {interrupted.map((one) => (
          <UnfinishedRow key={one.uploadId} userId={userId} one={one} onFiles={onFiles} onForgotten={() => setForgotten((times) => times + 1)} />
        ))}
      </Stack>
    </Paper>
  );
}
