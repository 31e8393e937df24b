// Where the wizard is, from the address: which upload, which step, and how the file is to be read instead of as detected.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { LAYOUT_MEMBERS, type Overrides } from "./layout";

export const STEPS = ["file", "match", "check", "done"] as const;
export type Step = (typeof STEPS)[number];

const ROUTE = "/inside/uploads/$uploadId/import";

export interface Address {
  uploadId: string;
  /** What the address asks for; null when it names no step. */
  step: Step | null;
  overrides: Overrides;
  go: (step: Step, options?: { replace?: boolean }) => void;
  /** Everything in the address, and a change to it; null takes a parameter away. */
  search: Readonly<Record<string, string | undefined>>;
  set: (changes: Record<string, string | null>) => void;
}

export function useAddress(): Address {
  const { uploadId } = useParams({ from: ROUTE });
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate({ from: "/uploads/$uploadId/import" });
  const overrides = useMemo(() => {
    const said = LAYOUT_MEMBERS.flatMap((member) => {
      const value = search[member];
      return value === undefined ? [] : [[member, value] as const];
    });
    return Object.fromEntries(said) as Overrides;
  }, [search]);
  const go = useCallback(
    (step: Step, options: { replace?: boolean } = {}) =>
      void navigate({ search: (before: Record<string, string | undefined>) => ({ ...before, step }), replace: options.replace ?? false }),
    [navigate],
  );
  const set = useCallback(
    (changes: Record<string, string | null>) =>
      void navigate({
        replace: true,
        resetScroll: false,
        search: (before: Record<string, string | undefined>) => ({
          ...before,
          ...Object.fromEntries(Object.entries(changes).map(([member, value]) => [member, value ?? undefined])),
        }),
      }),
    [navigate],
  );
  const step = STEPS.find((each) => each === search.step) ?? null;
  return { uploadId, step, overrides, search, go, set };
}
