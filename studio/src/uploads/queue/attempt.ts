// One attempt to send a file, from where the server says it stands until it is there, refused, or stopped.
import { type DetailedError, Upload } from "tus-js-client";

const ENDPOINT = "/api/audience/files/tus";
/** One request carries at most this much, so that proxies with a limit on bodies let it pass. */
const CHUNK_BYTES = 32 * 1024 * 1024;

export interface Listener {
  /** The upload exists on the server. */
  onCreated: (uploadId: string) => void;
  onProgress: (sentBytes: number) => void;
  onDone: () => void;
  onError: (error: Error | DetailedError) => void;
}

export interface Attempt {
  stop: () => void;
}

export const tusPath = (uploadId: string): string => `${ENDPOINT}/${encodeURIComponent(uploadId)}`;

/**
 * uploadId: what an earlier attempt began. It is then never replaced silently: the library would make a new
 * upload after any failed HEAD, so it is given no endpoint to make one at.
 */
export function send(file: File, uploadId: string | null, listener: Listener): Attempt {
  let isStopped = false;
  const unlessStopped = (act: () => void) => {
    if (!isStopped) act();
  };
  const upload = new Upload(file, {
    endpoint: uploadId === null ? ENDPOINT : null,
    uploadUrl: uploadId === null ? null : tusPath(uploadId),
    metadata: { filename: file.name, filetype: file.type, auto: "false" },
    chunkSize: CHUNK_BYTES,
    retryDelays: null,
    storeFingerprintForResuming: false,
    onUploadUrlAvailable: () => unlessStopped(() => listener.onCreated(idOf(upload.url))),
    onProgress: (sentBytes) => unlessStopped(() => listener.onProgress(sentBytes)),
    onSuccess: () => unlessStopped(listener.onDone),
    onError: (error) => unlessStopped(() => listener.onError(error)),
    onBeforeRequest: () => {
      // Stopped while the file was being opened: nothing may go out any more.
      if (isStopped) throw new Error("stopped");
    },
  });
  upload.start();
  return {
    stop: () => {
      isStopped = true;
      void upload.abort();
    },
  };
}

function idOf(url: string | null): string {
  return decodeURIComponent(url?.split("/").at(-1) ?? "");
}
