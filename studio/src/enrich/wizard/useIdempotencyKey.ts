// The same run sent twice, after a lost answer or a reload, is started once.
import { useCallback } from "react";
import { useKept } from "../../kit/kept";
import type { RunBody } from "../model";

const KEY_BYTES = 16;

export function useIdempotencyKey(uploadId: string): (wish: RunBody) => string {
  const [kept, keep] = useKept<{ wish: string; key: string }>(`enrich:${uploadId}:key`);
  return useCallback(
    (wish) => {
      const text = JSON.stringify(wish);
      if (kept?.wish === text) return kept.key;
      const key = newKey();
      keep({ wish: text, key });
      return key;
    },
    [kept, keep],
  );
}

/** crypto.randomUUID exists only on https and loopback. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
