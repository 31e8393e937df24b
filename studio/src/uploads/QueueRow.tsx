// One file on its way: how far, how fast, how long still, and what can be done with it.
import { ActionIcon, Group, Progress, Text, Tooltip } from "@mantine/core";
import { CircleAlert, CircleCheck, Clock, CloudUpload, type LucideIcon, Pause, Play, RotateCw, WifiOff, X } from "lucide-react";
import { bytes, duration, percent } from "../kit/format";
import { LinkButton } from "../kit/links";
import { tellError } from "../kit/toast";
import { type QueueItem, secondsLeft, type SendState } from "./queue/model";
import { cancel, dismiss, pause, retry } from "./queue/queue";
import styles from "./uploads.module.css";

const ICONS: Record<SendState, LucideIcon> = {
  queued: Clock,
  sending: CloudUpload,
  waiting: WifiOff,
  paused: Pause,
  failed: CircleAlert,
  done: CircleCheck,
};

/** Where it stands, in words. */
export function progressText(item: QueueItem): string {
  const part = `${percent(item.sentBytes, item.sizeBytes)} of ${bytes(item.sizeBytes)}`;
  if (item.state === "done") return `${bytes(item.sizeBytes)} uploaded`;
  if (item.state === "queued") return item.sentBytes > 0 ? `${part} · goes on after the files before it` : `${bytes(item.sizeBytes)} · waits for the files before it`;
  if (item.state === "paused") return `${part} · paused`;
  if (item.state !== "sending") return part;
  const left = secondsLeft(item);
  const speed = item.bytesPerSecond === null ? "" : ` · ${bytes(item.bytesPerSecond)}/s`;
  return `${part}${speed}${left === null ? "" : ` · ${duration(left)} left`}`;
}

export function QueueRow({ item }: { item: QueueItem }) {
  const Icon = ICONS[item.state];
  const isRefused = item.state === "failed" && !item.canRetry;
  const giveUp = () => {
    cancel(item.id).catch((error: unknown) => tellError(`${item.fileName} could not be cancelled`, error));
  };
  return (
    <li className={styles.queueRow ?? ""} aria-label={item.fileName}>
      <Icon size={18} aria-hidden color={item.state === "failed" ? "var(--bad-line)" : item.state === "done" ? "var(--good-text)" : "var(--muted)"} />
      <div className={styles.queueMain ?? ""}>
        <Text size="sm" fw={600} className="truncate" title={item.fileName}>
          {item.fileName}
        </Text>
        {!isRefused && (
          <Progress
            value={item.state === "done" ? 100 : (100 * item.sentBytes) / Math.max(1, item.sizeBytes)}
            size="sm"
            my={4}
            color={item.state === "failed" ? "red" : item.state === "done" ? "teal" : item.state === "sending" ? "indigo" : "gray"}
            aria-label={`${item.fileName}, uploaded`}
          />
        )}
        <Text size="xs" c="dimmed" data-testid="progress">
          {isRefused ? bytes(item.sizeBytes) : progressText(item)}
          {item.resumedAtBytes !== null && item.resumedAtBytes > 0 && item.state === "sending" && ` · went on at ${bytes(item.resumedAtBytes)}`}
        </Text>
        {item.message !== null && (
          <Text size="sm" role={item.state === "failed" ? "alert" : "status"} c={item.state === "failed" ? "var(--bad-text)" : "var(--text)"}>
            {item.message}
          </Text>
        )}
      </div>
      <Group gap={4} wrap="nowrap">
        {item.state === "done" && item.uploadId !== null && (
          <LinkButton size="xs" variant="light" to="/uploads/$uploadId/import" params={{ uploadId: item.uploadId }}>
            Continue import
          </LinkButton>
        )}
        {(item.state === "sending" || item.state === "waiting" || item.state === "queued") && (
          <Action label={`Pause ${item.fileName}`} tip="Pause" icon={Pause} onClick={() => pause(item.id)} />
        )}
        {item.state === "paused" && <Action label={`Resume ${item.fileName}`} tip="Resume" icon={Play} onClick={() => retry(item.id)} />}
        {item.state === "failed" && item.canRetry && (
          <Action label={`Try ${item.fileName} again`} tip="Try again" icon={RotateCw} onClick={() => retry(item.id)} />
        )}
        {item.state === "done" || isRefused ? (
          <Action label={`Take ${item.fileName} off the list`} tip="Dismiss" icon={X} onClick={() => dismiss(item.id)} />
        ) : (
          <Action label={`Cancel ${item.fileName}`} tip="Cancel and discard" icon={X} onClick={giveUp} />
        )}
      </Group>
    </li>
  );
}

function Action({ label, tip, icon: Icon, onClick }: { label: string; tip: string; icon: LucideIcon; onClick: () => void }) {
  return (
    <Tooltip label={tip}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
