// Which members are shown, as it stands in the address: `?version=3&part=joined&columns=email&page=2`.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { namesText, parseNames } from "../../grid/names";

export interface MembersAddress {
  /** null: the newest. */
  version: number | null;
  part: "all" | "joined" | "left";
  /** What `joined` and `left` compare with; null: the version before. */
  since: number | null;
  /** null: the first few. */
  columns: readonly string[] | null;
  /** From 1. */
  page: number;
  /** The member that is open: its place, from 1. */
  member: number | null;
}

type Change = Partial<MembersAddress>;

export function useMembersAddress(): [MembersAddress, (change: Change) => void] {
  const { version, part, since, columns, page, member } = useSearch({ strict: false });
  const navigate = useNavigate();
  const address = useMemo(
    (): MembersAddress => ({
      version: numberOf(version),
      part: part === "joined" || part === "left" ? part : "all",
      since: numberOf(since),
      columns: columns === undefined ? null : parseNames(columns),
      page: numberOf(page) ?? 1,
      member: numberOf(member),
    }),
    [version, part, since, columns, page, member],
  );
  const change = useCallback(
    (wanted: Change) => void navigate({ to: ".", search: (before: Record<string, string | undefined>) => ({ ...before, ...textsOf(wanted) }), resetScroll: false, replace: wanted.member !== undefined }),
    [navigate],
  );
  return [address, change];
}

function textsOf(change: Change): Record<string, string | undefined> {
  const texts: Record<string, string | undefined> = {};
  for (const name of ["version", "since", "page", "member"] as const) {
    const value = change[name];
    if (value !== undefined) texts[name] = value === null || (name === "page" && value === 1) ? undefined : String(value);
  }
  if (change.part !== undefined) texts.part = change.part === "all" ? undefined : change.part;
  if (change.columns !== undefined) texts.columns = change.columns === null ? undefined : namesText(change.columns);
  return texts;
}

function numberOf(text: string | undefined): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : null;
}
