// Unfinished uploads, kept in this browser: a reload loses the file itself, but not where its sending stood.

export interface Unfinished {
  readonly fingerprint: string;
  readonly uploadId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  /** When a tab last said that it is sending this, in ms. */
  readonly beatAt: number;
}

const BEAT_MS = 10_000;

const keyOf = (userId: string): string => `muster.unfinished.${userId}`;

/** A file counts as the same by name, size and time of its last change, as file tools do. */
export function fingerprintOf(file: File): string {
  return JSON.stringify([file.name, file.size, file.lastModified]);
}

export function unfinished(userId: string): readonly Unfinished[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? "[]");
    return Array.isArray(kept) ? (kept as Unfinished[]) : [];
  } catch {
    return []; // no storage, or not what we wrote: then nothing can be gone on with
  }
}

export function found(userId: string, fingerprint: string): Unfinished | undefined {
  return unfinished(userId).find((one) => one.fingerprint === fingerprint);
}

export function remember(userId: string, one: Unfinished): void {
  write(userId, [...unfinished(userId).filter(({ uploadId }) => uploadId !== one.uploadId), one]);
}

export function forget(userId: string, uploadId: string): void {
  write(userId, unfinished(userId).filter((one) => one.uploadId !== uploadId));
}

/** Whether a tab of this browser is sending it now. */
export function isBeingSent(one: Unfinished, now: number = Date.now()): boolean {
  return now - one.beatAt < BEAT_MS;
}

function write(userId: string, all: readonly Unfinished[]): void {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(all));
  } catch {
    // Storage is full or forbidden: the upload itself goes on, only a reload would lose its place.
  }
}
