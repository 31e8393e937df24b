// Where the wizard is, from the address: which upload, which step, which rows.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { allOf, type Filter, parts } from "../../filter/ast";
import { filterText, parseFilter } from "../../filter/urlText";

export const STEPS = ["goal", "providers", "map", "estimate"] as const;
export type Step = (typeof STEPS)[number];

export interface Address {
  uploadId: string;
  /** What the address asks for; null when it names no step. */
  step: Step | null;
  /** Only rows that match all of these. */
  filters: Filter[];
  /** Why the filter of the address cannot be used; no filter holds then. */
  filterError: unknown;
  /** The run whose plan is to be used again. */
  like: string | null;
  go: (step: Step, options?: { replace?: boolean }) => void;
  setFilters: (filters: readonly Filter[]) => void;
  /** The plan of the other run has been taken over. */
  taken: (step: Step, filters: readonly Filter[]) => void;
}

type Search = Record<string, string | undefined>;

export function useAddress(): Address {
  const { uploadId } = useParams({ from: "/inside/uploads/$uploadId/enrich" });
  const { step, filter, like } = useSearch({ strict: false });
  const navigate = useNavigate({ from: "/uploads/$uploadId/enrich" });
  const read = useMemo(() => filtersOf(filter), [filter]);
  const change = useCallback(
    (changes: Search, replace: boolean) => void navigate({ search: (before: Search) => ({ ...before, ...changes }), replace, resetScroll: changes.step !== undefined }),
    [navigate],
  );
  const go = useCallback((to: Step, options: { replace?: boolean } = {}) => change({ step: to }, options.replace ?? false), [change]);
  const setFilters = useCallback((filters: readonly Filter[]) => change({ filter: filterText(allOf([...filters])) }, true), [change]);
  const taken = useCallback((to: Step, filters: readonly Filter[]) => change({ step: to, like: undefined, filter: filterText(allOf([...filters])) }, true), [change]);
  return { uploadId, step: STEPS.find((each) => each === step) ?? null, ...read, like: like ?? null, go, setFilters, taken };
}

function filtersOf(text: string | undefined): Pick<Address, "filters" | "filterError"> {
  try {
    return { filters: parts(parseFilter(text)), filterError: null };
  } catch (error) {
    return { filters: [], filterError: error };
  }
}
