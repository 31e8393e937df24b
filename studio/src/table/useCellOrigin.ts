// The cell the pointer or the focus rests on, and where its value came from, in tables that were enriched.
import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Me } from "../app/session";
import type { CellPlace } from "../grid/model";
import type { Facts } from "../grid/rowSource";
import { type CellOrigin, factsOf, isEnriched, provenanceQuery, providerOf, providerTitlesQuery } from "./provenance";
import { changesQuery } from "./queries";
import { mayEnrich, mayTrace } from "./rights";

const REST_MS = 300;

export interface ShownOrigin {
  place: CellPlace;
  origin: CellOrigin;
}

interface CellOrigins {
  /** null: nothing is to be said, or it was put away. */
  shown: ShownOrigin | null;
  /** The same in words, for the foot of the table; empty when there is nothing to say. */
  note: string;
  titles: ReadonlyMap<string, string> | undefined;
  onPoint: (place: CellPlace | null) => void;
  onFocus: (place: CellPlace | null) => void;
  dismiss: () => void;
}

export function useCellOrigin(uploadId: string, facts: Facts, me: Me | undefined): CellOrigins {
  const [pointed, setPointed] = useState<CellPlace | null>(null);
  const [focused, setFocused] = useState<CellPlace | null>(null);
  const [isAway, setAway] = useState(false);
  const now = useMemo(() => ({ place: pointed ?? focused, isFocus: pointed === null }), [pointed, focused]);
  const [{ place, isFocus }] = useDebouncedValue(now, REST_MS);
  const hasColumn = facts.columns.some(({ origin }) => isEnriched(origin));
  const isTraced = me !== undefined && mayTrace(me);
  // Cells filled in columns that were there before: only the list of changes tells that there are some.
  const changes = useInfiniteQuery({ ...changesQuery(uploadId), enabled: isTraced && place !== null && !hasColumn });
  const isTable = hasColumn || changes.data?.pages.some((page) => page.changes.some(({ kind, undone_at }) => kind === "enrichment" && undone_at === null)) === true;
  const row = useQuery({ ...provenanceQuery(uploadId, place?.rowId ?? 0, facts.version), enabled: isTraced && isTable && place !== null });
  const { data: titles } = useQuery({ ...providerTitlesQuery, enabled: isTable && me !== undefined && mayEnrich(me, "read") });
  useEffect(() => setAway(false), [place]);
  const dismiss = () => {
    setAway(true);
    setPointed(null);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") setAway(true);
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
  const origin = place === null ? undefined : row.data?.find(({ column }) => column === place.name);
  // The focus that has gone on must not be covered by what was said about the cell before.
  const isPast = isFocus && focused !== place;
  const shown = place === null || origin === undefined || isAway || isPast ? null : { place, origin };
  const note = shown === null ? "" : `${shown.place.name}: ${[shown.origin.provider === null ? "edited by hand since" : `from ${providerOf(shown.origin, titles)}`, ...factsOf(shown.origin)].join(", ")}`;
  return { shown, note, titles, onPoint: setPointed, onFocus: setFocused, dismiss };
}
