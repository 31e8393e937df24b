// The same run sent twice, after a lost answer or a reload, is started once.
import { useCallback } from "react";
import { useKept } from "../../kit/kept";
import type { RunBody } from "../model";

const KEY_BYTES = 16;

interface IdempotencyKey {
  keyFor: (wish: RunBody) => string;
  /** The run was started: the same again is meant as another one. */
  forget: () => void;
}

export function useIdempotencyKey(uploadId: string): IdempotencyKey {
  const [kept, keep] = useKept<{ wish: string; key: string }>(`enrich:${uploadId}:key`);
  const keyFor = useCallback(
    (wish: RunBody) => {
      const text = JSON.stringify(wish);
      if (kept?.wish === text) return kept.key;
      const key = newKey();
      keep({ wish: text, key });
      return key;
    },
    [kept, keep],
  );
  return { keyFor, forget: () => keep(null) };
}

/** crypto.randomUUID exists only on https and loopback. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(KEY_BYTES))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
