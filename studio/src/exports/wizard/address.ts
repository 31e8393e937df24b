// Where the wizard is, from the address: rows of what, to where, which step.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { allOf, type Filter, parts } from "../../filter/ast";
import { filterText, parseFilter } from "../../filter/urlText";
import type { Source } from "../model";

export const STEPS = ["rows", "where", "columns", "people", "send"] as const;
export type Step = (typeof STEPS)[number];

export interface Address {
  /** null: nobody has said yet. */
  source: Source | null;
  /** What the address asks for; null when it names no step. */
  step: Step | null;
  /** Of an upload: only rows that match all of these. */
  filters: Filter[];
  /** Why the filter of the address cannot be used; no filter holds then. */
  filterError: unknown;
  /** Id of the destination. */
  to: string | null;
  connectionId: string | null;
  /** The export that is to be done again. */
  like: string | null;
  go: (step: Step, options?: { replace?: boolean }) => void;
  setSource: (source: Source) => void;
  setFilters: (filters: readonly Filter[]) => void;
  setWhere: (to: string, connectionId: string | null) => void;
  /** What the other export was asked has been taken over. */
  taken: (step: Step, source: Source, filter: Filter | null, to: string, connectionId: string | null) => void;
}

type Search = Record<string, string | undefined>;

export function useAddress(): Address {
  const { step, segment, upload, filter, to, connection, like } = useSearch({ strict: false });
  const navigate = useNavigate({ from: "/exports/new" });
  const read = useMemo(() => filtersOf(upload === undefined ? undefined : filter), [upload, filter]);
  const source = useMemo<Source | null>(() => (segment !== undefined ? { kind: "segment", id: segment } : upload !== undefined ? { kind: "upload", id: upload } : null), [segment, upload]);
  const change = useCallback(
    (changes: Search, replace: boolean) => void navigate({ search: (before: Search) => ({ ...before, ...changes }), replace, resetScroll: changes["step"] !== undefined }),
    [navigate],
  );
  const go = useCallback((next: Step, options: { replace?: boolean } = {}) => change({ step: next }, options.replace ?? false), [change]);
  const setSource = useCallback((next: Source) => change({ ...named(next), filter: undefined, step: "rows" }, true), [change]);
  const setFilters = useCallback((filters: readonly Filter[]) => change({ filter: filterText(allOf([...filters])) }, true), [change]);
  const setWhere = useCallback((destination: string, connectionId: string | null) => change({ to: destination, connection: connectionId ?? undefined }, true), [change]);
  const taken = useCallback<Address["taken"]>(
    (next, from, filtered, destination, connectionId) =>
      change({ ...named(from), step: next, like: undefined, filter: filterText(filtered), to: destination, connection: connectionId ?? undefined }, true),
    [change],
  );
  return { source, step: STEPS.find((each) => each === step) ?? null, ...read, to: to ?? null, connectionId: connection ?? null, like: like ?? null, go, setSource, setFilters, setWhere, taken };
}

const named = ({ kind, id }: Source): Search => ({ segment: kind === "segment" ? id : undefined, upload: kind === "upload" ? id : undefined });

function filtersOf(text: string | undefined): Pick<Address, "filters" | "filterError"> {
  try {
    return { filters: parts(parseFilter(text)), filterError: null };
  } catch (error) {
    return { filters: [], filterError: error };
  }
}
