// The same wish sent twice, after a lost answer or a reload, is carried out once.
import { useCallback } from "react";
import { useKept } from "./kept";

const KEY_BYTES = 16;

interface IdempotencyKey {
  keyFor: (wish: unknown) => string;
  /** It was carried out: the same again is meant as another one. */
  forget: () => void;
}

/** name: of what is being put together, such as `enrich:ID`. */
export function useIdempotencyKey(name: string): IdempotencyKey {
  const [kept, keep] = useKept<{ wish: string; key: string }>(`${name}:key`);
  const keyFor = useCallback(
    (wish: unknown) => {
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
