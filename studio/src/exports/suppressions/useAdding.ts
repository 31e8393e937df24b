// Puts many values on the list, a thousand at a time; what was cut off goes on where it was.
import { useEffect, useRef, useState } from "react";
import { plural } from "../../kit/format";
import { tell, tellError } from "../../kit/toast";
import type { Line } from "./lines";
import { type Outcome, outcomeOf, sorted } from "./outcomes";
import { checkValues, MOST_AT_ONCE, refresh, suppress } from "./queries";

export interface Wish {
  lines: readonly Line[];
  /** Two letters; null for none. */
  region: string | null;
  reason: string | null;
}

export interface Adding {
  wish: Wish;
  state: "working" | "stopped" | "done";
  /** Values that were asked about, of `total` different ones. */
  done: number;
  total: number;
  /** Entries that are new on the list. */
  entries: number;
  /** In the order of the lines. */
  outcomes: Outcome[];
  error: unknown;
}

interface UseAdding {
  adding: Adding | null;
  start: (wish: Wish) => void;
  stop: () => void;
  goOn: () => void;
  clear: () => void;
}

export function useAdding(): UseAdding {
  const [adding, setAdding] = useState<Adding | null>(null);
  const isStopping = useRef(false);
  const isHere = useRef(true);
  const isWorking = adding?.state === "working";
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  useEffect(() => {
    if (!isWorking) return;
    // Another page of Studio may be opened meanwhile; closing the tab would leave the rest out.
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isWorking]);
  const work = async (begun: Adding, fresh: readonly Line[]) => {
    isStopping.current = false;
    let now: Adding = { ...begun, state: "working", error: null };
    setAdding(now);
    try {
      while (now.done < now.total && !isStopping.current) {
        const asked = fresh.slice(now.done, now.done + MOST_AT_ONCE);
        const some = await put(asked, now.wish);
        now = { ...now, done: now.done + asked.length, entries: now.entries + some.entries, outcomes: inOrder([...now.outcomes, ...some.outcomes]) };
        setAdding(now);
      }
      now = { ...now, state: now.done < now.total ? "stopped" : "done" };
    } catch (error) {
      now = { ...now, state: "stopped", error };
    }
    setAdding(now);
    void refresh();
    if (isHere.current) return;
    if (now.error === null) tell(`${plural(now.entries, "new entry", "new entries")} on the suppression list.`);
    else tellError(`The suppression list has ${now.done} of ${plural(now.total, "value")}; add the rest anew`, now.error);
  };
  return {
    adding,
    start: (wish) => {
      const { fresh, settled } = sorted(wish.lines);
      void work({ wish, state: "working", done: 0, total: fresh.length, entries: 0, outcomes: settled, error: null }, fresh);
    },
    stop: () => {
      isStopping.current = true;
    },
    goOn: () => {
      if (adding?.state === "stopped") void work(adding, sorted(adding.wish.lines).fresh);
    },
    clear: () => setAdding(null),
  };
}

async function put(lines: readonly Line[], { region, reason }: Wish): Promise<{ outcomes: Outcome[]; entries: number }> {
  const values = lines.map(({ value }) => value);
  const checked = await checkValues(values, region);
  const outcomes = lines.flatMap((line, at) => {
    const found = checked[at];
    return found === undefined ? [] : [outcomeOf(line, found, region !== null)];
  });
  const usable = outcomes.filter(({ kind }) => kind !== null).map(({ value }) => value);
  const entries = usable.length === 0 ? 0 : (await suppress(usable, { region, reason })).added;
  return { outcomes, entries };
}

const inOrder = (outcomes: Outcome[]) => outcomes.sort((one, other) => one.number - other.number);
