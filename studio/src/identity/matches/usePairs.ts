// The pairs looked through so far, and settling one: shown at once, taken back on the screen when the server refuses.
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { tellError } from "../../kit/toast";
import type { Pair, PairsAnswer } from "../model";
import { pairsQuery, settle } from "../queries";
import { keyOf } from "./pairView";

export function usePairs(matchId: string, band: readonly [number, number]) {
  const cache = useQueryClient();
  const wish = pairsQuery(matchId, band);
  const query = useInfiniteQuery(wish);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<Promise<unknown>>(Promise.resolve());

  const show = useCallback(
    (pair: Pair, decision: boolean | null) => {
      cache.setQueriesData<InfiniteData<PairsAnswer>>({ queryKey: ["identity", "match", matchId, "pairs"] }, (data) =>
        data === undefined ? data : { ...data, pages: data.pages.map((page) => ({ ...page, pairs: page.pairs.map((other) => (keyOf(other) === keyOf(pair) ? { ...other, decision } : other)) })) },
      );
    },
    [cache, matchId],
  );

  const decide = useCallback(
    (pair: Pair, same: boolean) => {
      if (pair.decision === same) return;
      setTouched((before) => new Set(before).add(keyOf(pair)));
      show(pair, same);
      // One after the other: the last word on a pair counts, so they must arrive in their order.
      last.current = last.current
        .then(() => settle(matchId, pair.a, pair.b, same))
        .catch((error: unknown) => {
          show(pair, pair.decision);
          tellError("This pair is not settled", error);
        });
    },
    [matchId, show],
  );
  return { ...query, touched, decide };
}
