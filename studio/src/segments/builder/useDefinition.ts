// The definition in the address: every change is written there, and a change of the address from outside is read.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useKept } from "../../kit/kept";
import { type Definition, EMPTY, readTexts, type Texts, textsOf } from "./definition";

const LONGEST = 6_000; // encoded; a server takes 32 KB of head, and there are cookies in it
const IN_TAB = "tab"; // the conditions are too long for an address: they are kept in the tab

export interface Defining {
  definition: Definition;
  change: (part: Partial<Definition>) => void;
  /** Why the address cannot be read; what is shown then is the base. */
  error: unknown;
  /** Back to the base. */
  reset: () => void;
}

/** name: what is built, for what is kept in the tab. base: what is changed; null for a new segment. */
export function useDefinition(name: string, base: Definition | null): Defining {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const [kept, keep] = useKept<string>(`segment:${name}:def`);
  const start = useRef(base ?? EMPTY).current;
  const texts: Texts = { from: search.from, def: search.def === IN_TAB ? (kept ?? undefined) : search.def, dedupe: search.dedupe };
  const address = JSON.stringify([search.from, search.def, search.dedupe]);
  const [held, hold] = useState(() => read(texts, start));
  const latest = useRef(held.definition);
  latest.current = held.definition;
  // The address follows a moment later, and several changes may be on their way there.
  const written = useRef(new Set([address]));

  useEffect(() => {
    if (written.current.has(address)) return;
    written.current = new Set([address]);
    hold(read(texts, start));
    // Only a change of the address counts.
  }, [address]);

  const write = useCallback(
    (next: Texts) => {
      const isLong = encodeURIComponent(next.def ?? "").length > LONGEST;
      keep(isLong ? (next.def ?? null) : null);
      const def = isLong ? IN_TAB : next.def;
      written.current.add(JSON.stringify([next.from, def, next.dedupe]));
      void navigate({ to: ".", replace: true, resetScroll: false, search: (before: Record<string, string | undefined>) => ({ ...before, from: next.from, def, dedupe: next.dedupe }) });
    },
    [keep, navigate],
  );
  const change = useCallback(
    (part: Partial<Definition>) => {
      latest.current = { ...latest.current, ...part };
      hold({ definition: latest.current, error: null });
      write(textsOf(latest.current, base !== null));
    },
    [write, base],
  );
  const reset = useCallback(() => {
    hold({ definition: start, error: null });
    write({ from: undefined, def: undefined, dedupe: undefined });
  }, [start, write]);
  return { ...held, change, reset };
}

function read(texts: Texts, base: Definition): Pick<Defining, "definition" | "error"> {
  try {
    return { definition: readTexts(texts, base), error: null };
  } catch (error) {
    return { definition: base, error };
  }
}
