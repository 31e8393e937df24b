// Sends files two at a time; what is cut off goes on by itself, at the byte the server has.
import { send as request } from "../../api/client";
import { ApiError } from "../../api/errors";
import { type Attempt, send, tusPath } from "./attempt";
import { refusalOf } from "./refusal";
import { fingerprintOf, forget, found, remember } from "./remember";
import { Speedometer } from "./speed";
import { change, current, find, put, remove } from "./store";

const AT_ONCE = 2;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000];
const SHOW_MS = 200;
const BEAT_MS = 2_000;

interface Sending {
  readonly file: File;
  readonly userId: string;
  readonly speed: Speedometer;
  attempt: Attempt | null;
  timer: ReturnType<typeof setTimeout> | null;
  failures: number;
  /** Whether bytes have gone out since the page was loaded. */
  hasSent: boolean;
  shownAt: number;
  beatAt: number;
}

const sendings = new Map<string, Sending>();
const doneListeners = new Set<(uploadId: string) => void>();
let nextId = 1;

/** Hears of every file that is there as a whole; answers how to stop hearing. */
export function onFileDone(listener: (uploadId: string) => void): () => void {
  doneListeners.add(listener);
  return () => doneListeners.delete(listener);
}

/** Puts a file in the queue. problem: why it cannot be sent, when that is clear already. */
export function add(userId: string, file: File, problem: string | null): void {
  const fingerprint = fingerprintOf(file);
  for (const [id, sending] of sendings) {
    if (sending.userId !== userId || fingerprintOf(sending.file) !== fingerprint) continue;
    const state = find(id)?.state;
    if (state === "paused" || state === "failed") retry(id);
    if (state !== undefined && state !== "done") return;
  }
  const id = String(nextId++);
  const begun = problem === null ? found(userId, fingerprint) : undefined;
  put({
    id,
    fileName: file.name,
    sizeBytes: file.size,
    sentBytes: begun?.sentBytes ?? 0,
    state: problem === null ? "queued" : "failed",
    uploadId: begun?.uploadId ?? null,
    message: problem,
    canRetry: false,
    resumedAtBytes: null,
    bytesPerSecond: null,
  });
  if (problem !== null) return;
  sendings.set(id, { file, userId, speed: new Speedometer(), attempt: null, timer: null, failures: 0, hasSent: false, shownAt: 0, beatAt: 0 });
  pump();
}

export function pause(id: string): void {
  stop(id);
  change(id, { state: "paused", bytesPerSecond: null, message: null });
  pump();
}

/** Goes on with what was paused, or tries again what failed. */
export function retry(id: string): void {
  const sending = sendings.get(id);
  if (sending !== undefined) sending.failures = 0;
  change(id, { state: "queued", message: null });
  pump();
}

/** Gives a file up, also on the server. Throws when the server could not be told. */
export async function cancel(id: string): Promise<void> {
  const item = find(id);
  const userId = sendings.get(id)?.userId;
  stop(id);
  change(id, { state: "paused" });
  if (item !== undefined && item.uploadId !== null && userId !== undefined) await discard(userId, item.uploadId);
  sendings.delete(id);
  remove(id);
  pump();
}

/** Takes a file that is done or refused off the list. */
export function dismiss(id: string): void {
  stop(id);
  sendings.delete(id);
  remove(id);
}

/** Deletes what the server has of an unfinished upload. */
export async function discard(userId: string, uploadId: string): Promise<void> {
  try {
    await request(tusPath(uploadId), { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" } });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 410)) throw error;
  }
  forget(userId, uploadId);
}

/** Another person has signed in on this page: what the one before was sending stops, and is not shown to them. */
export function keepOnly(userId: string): void {
  for (const [id, sending] of [...sendings]) if (sending.userId !== userId) dismiss(id);
}

function stop(id: string): void {
  const sending = sendings.get(id);
  if (sending === undefined) return;
  sending.attempt?.stop();
  sending.attempt = null;
  if (sending.timer !== null) clearTimeout(sending.timer);
  sending.timer = null;
  sending.speed.reset();
}

function pump(): void {
  for (const item of current()) {
    const running = current().filter(({ state }) => state === "sending" || state === "waiting").length;
    if (running >= AT_ONCE) return;
    if (item.state === "queued") begin(item.id);
  }
}

function begin(id: string): void {
  const sending = sendings.get(id);
  const item = find(id);
  if (sending === undefined || item === undefined) return;
  stop(id);
  // What waits for the connection goes on saying so until bytes move.
  if (item.state !== "waiting") change(id, { state: "sending", bytesPerSecond: null });
  const isGoingOn = item.uploadId !== null;
  let isFirst = true;
  sending.attempt = send(sending.file, item.uploadId, {
    onCreated: (uploadId) => {
      change(id, { uploadId });
      beat(id, sending);
    },
    onProgress: (sentBytes) => {
      // The first number is the server's word where it stands; only the ones after it are bytes that went out.
      if (isFirst && isGoingOn) change(id, { resumedAtBytes: sentBytes });
      if (!isFirst) sending.failures = 0;
      sending.hasSent ||= !isFirst;
      isFirst = false;
      show(id, sending, sentBytes);
    },
    onDone: () => finish(id, sending),
    onError: (error) => refused(id, sending, refusalOf(error)),
  });
}

function show(id: string, sending: Sending, sentBytes: number): void {
  const now = performance.now();
  const item = find(id);
  if (item === undefined || (now - sending.shownAt < SHOW_MS && sentBytes < item.sizeBytes)) return;
  sending.shownAt = now;
  change(id, { sentBytes, bytesPerSecond: sending.speed.at(sentBytes, now), message: null, state: "sending" });
  if (now - sending.beatAt > BEAT_MS) beat(id, sending);
}

/** Notes in this browser where it stands, and that this tab is at it. */
function beat(id: string, sending: Sending, beatAt: number = Date.now()): void {
  const item = find(id);
  if (item === undefined || item.uploadId === null) return;
  sending.beatAt = performance.now();
  const { uploadId, fileName, sizeBytes, sentBytes } = item;
  remember(sending.userId, { fingerprint: fingerprintOf(sending.file), uploadId, fileName, sizeBytes, sentBytes, beatAt });
}

function finish(id: string, sending: Sending): void {
  const uploadId = find(id)?.uploadId ?? null;
  stop(id);
  sendings.delete(id);
  change(id, { state: "done", message: null, bytesPerSecond: null });
  if (uploadId !== null) {
    forget(sending.userId, uploadId);
    for (const listener of doneListeners) listener(uploadId);
  }
  pump();
}

function refused(id: string, sending: Sending, refusal: ReturnType<typeof refusalOf>): void {
  const uploadId = find(id)?.uploadId ?? null;
  stop(id);
  if (refusal.next === "anew" && uploadId !== null) {
    forget(sending.userId, uploadId);
    change(id, { uploadId: null, sentBytes: 0, resumedAtBytes: null });
    // Found gone on arrival: it has expired meanwhile. Gone in the middle: somebody deleted it, and meant it.
    if (!sending.hasSent) {
      change(id, { state: "sending" });
      begin(id);
      return;
    }
  }
  if (refusal.next !== "later") {
    change(id, { state: "failed", message: refusal.message, canRetry: true, bytesPerSecond: null });
    pump();
    return;
  }
  const wait = BACKOFF_MS[Math.min(sending.failures, BACKOFF_MS.length - 1)];
  sending.failures += 1;
  change(id, { state: "waiting", message: refusal.message, bytesPerSecond: null });
  sending.timer = setTimeout(() => begin(id), wait);
}

// The browser knows first when the network is back.
window.addEventListener("online", () => {
  for (const item of current()) if (item.state === "waiting") begin(item.id);
});

// After a reload the file can be asked for at once, without waiting for the last beat to grow old.
window.addEventListener("pagehide", () => {
  for (const [id, sending] of sendings) beat(id, sending, 0);
});
