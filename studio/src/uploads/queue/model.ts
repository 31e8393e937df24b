// What is known about a file on its way to the server.

/** waiting: the connection is away and sending goes on by itself; failed: a person has to decide. */
export type SendState = "queued" | "sending" | "waiting" | "paused" | "failed" | "done";

export interface QueueItem {
  readonly id: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly state: SendState;
  /** The upload on the server, once there is one. */
  readonly uploadId: string | null;
  /** Why it waits or has failed, and what to do about it. */
  readonly message: string | null;
  /** Whether sending again can help. */
  readonly canRetry: boolean;
  /** Where sending went on when it did not begin at the first byte. */
  readonly resumedAtBytes: number | null;
  readonly bytesPerSecond: number | null;
}

export function isOnItsWay(item: QueueItem): boolean {
  return item.state === "queued" || item.state === "sending" || item.state === "waiting";
}

export function secondsLeft(item: QueueItem): number | null {
  if (item.state !== "sending" || item.bytesPerSecond === null || item.bytesPerSecond <= 0) return null;
  return (item.sizeBytes - item.sentBytes) / item.bytesPerSecond;
}
