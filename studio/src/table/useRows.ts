// The row source of the page's question, and what it knows so far.
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { RowQuestion } from "../grid/model";
import { type Facts, RowSource } from "../grid/rowSource";

interface Rows {
  source: RowSource;
  facts: Facts;
  /** The count of the question before, while the new one is not answered. */
  oldTotal: number | null;
}

export function useRows(question: RowQuestion, isReady: boolean): Rows {
  const key = JSON.stringify(question);
  const source = useMemo(() => new RowSource(JSON.parse(key) as RowQuestion), [key]);
  const facts = useSyncExternalStore(source.subscribe, source.read);
  const [oldTotal, setOldTotal] = useState<number | null>(null);
  useEffect(() => {
    if (!isReady) return;
    // The first rows are on their way while the grid itself is still being loaded.
    source.block(0).catch(() => undefined); // told through facts.error
    return () => source.clear();
  }, [source, isReady]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") void source.check();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [source]);
  useEffect(() => {
    if (facts.total !== null) setOldTotal(facts.total);
  }, [facts.total]);
  return { source, facts, oldTotal };
}
