// Choices that are not sent yet survive a reload of the tab; they end with it.
import { useCallback, useState } from "react";

function read<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null; // storage may be switched off or hold something else; then nothing is remembered
  }
}

/** For whoever reads it next; null forgets it. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or switched off: the choices live as long as the page.
  }
}

/** State under a key such as `import:ID:edits`; `null` forgets it. */
export function useKept<T>(key: string): [T | null, (value: T | null) => void] {
  const [held, setHeld] = useState<{ key: string; value: T | null }>(() => ({ key, value: read<T>(key) }));
  const value = held.key === key ? held.value : read<T>(key);
  const keep = useCallback(
    (next: T | null) => {
      remember(key, next);
      setHeld({ key, value: next });
    },
    [key],
  );
  return [value, keep];
}
