// Following work by its event stream; the browser reconnects and asks for what it missed by itself.
import { useEffect, useRef, useState } from "react";

export interface Progress {
  state: string;
  phase: string;
  done: number;
  total: number | null;
  unit: string;
  rows_accepted?: number;
  rows_rejected?: number;
  rows_per_second?: number | null;
  seconds_left?: number | null;
}

interface Listener {
  onProgress: (progress: Progress) => void;
  /** The work has ended, well or not. */
  onDone: () => void;
}

/** Listens to an upload's progress while `uploadId` is given. */
export function useUploadEvents(uploadId: string | null, listener: Listener): void {
  useEvents(uploadId === null ? null : `/api/audience/batch-upload/${encodeURIComponent(uploadId)}/events`, listener);
}

/** Listens to a run of enrichment while `runId` is given. */
export function useRunEvents(runId: string | null, listener: Listener): void {
  useEvents(runId === null ? null : `/api/audience/enrichments/${encodeURIComponent(runId)}/events`, listener);
}

/** Listens to an export while `exportId` is given. */
export function useExportEvents(exportId: string | null, listener: Listener): void {
  useEvents(exportId === null ? null : `/api/audience/exports/${encodeURIComponent(exportId)}/events`, listener);
}

/** What was told since the page came, and whom to tell; `refresh` when the thing itself is another: not `status` any more, or over. */
export function useTold(status: string, refresh: () => void): [told: Partial<Progress>, listener: Listener] {
  const [told, setTold] = useState<Partial<Progress>>({});
  const onProgress = (news: Progress) => {
    // A change of state comes without numbers; those known before stay.
    setTold((before) => ({ ...before, ...news }));
    if (news.state !== undefined && news.state !== status) refresh();
  };
  return [told, { onProgress, onDone: refresh }];
}

function useEvents(address: string | null, listener: Listener): void {
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => {
    if (address === null) return;
    const source = new EventSource(address);
    const tell = (event: MessageEvent<string>) => newest.current.onProgress(JSON.parse(event.data) as Progress);
    source.addEventListener("progress", tell);
    source.addEventListener("state", tell);
    source.addEventListener("done", () => {
      source.close();
      newest.current.onDone();
    });
    return () => source.close();
  }, [address]);
}
