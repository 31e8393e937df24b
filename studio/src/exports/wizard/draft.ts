// An export while it is being put together: kept in the tab until it is started; pure but for the keeping.
import { useCallback, useRef } from "react";
import type { Filter } from "../../filter/ast";
import { useKept } from "../../kit/kept";
import type { Consent, Export, Field, Format, JsonObject, LeavingColumn, Platform, Source } from "../model";

/** What somebody said of a column; what nobody said is null, and guessed. */
export interface ColumnDraft {
  column: string;
  as: string;
  field: Field | null;
  isIn: boolean | null;
}

export interface Draft {
  name: string | null;
  /** By destination. */
  settings: Record<string, JsonObject>;
  format: Format | null;
  bom: boolean;
  formulaSafe: boolean | null;
  /** Of destinations that take hashes only where somebody wants them. */
  platform: Platform | null;
  region: string;
  /** In their order; null: as they are in the source. */
  columns: ColumnDraft[] | null;
  /** values: empty for what usually means yes. */
  consent: Consent | null;
  /** Columns of the source that tell people apart; null: guessed. */
  key: string[] | null;
  isChangesOnly: boolean;
  /** null: once, now. */
  everyMinutes: number | null;
  /** As a field for date and time has it; empty: now. */
  startsAt: string;
}

export const EMPTY: Draft = {
  name: null,
  settings: {},
  format: null,
  bom: false,
  formulaSafe: null,
  platform: null,
  region: "",
  columns: null,
  consent: null,
  key: null,
  isChangesOnly: false,
  everyMinutes: null,
  startsAt: "",
};

export type ChangeDraft = (part: Partial<Draft> | null) => void;

/** Kept for one source; null forgets it. */
export function useDraft(sourceId: string): [Draft, ChangeDraft] {
  const [kept, keep] = useKept<Draft>(draftKey(sourceId));
  const draft = kept ?? EMPTY;
  const newest = useRef(draft);
  newest.current = draft;
  // Always the same function, also for two changes in a row.
  const change = useCallback(
    (part: Partial<Draft> | null) => {
      newest.current = part === null ? EMPTY : { ...newest.current, ...part };
      keep(part === null ? null : newest.current);
    },
    [keep],
  );
  return [draft, change];
}

export const draftKey = (sourceId: string) => `export:${sourceId}`;

interface Before {
  draft: Draft;
  source: Source;
  filter: Filter | null;
}

/** What an export was asked as a draft, and of which rows. */
export function draftOf(one: Export): Before | null {
  const { segment_id, upload_id, filter } = one.source;
  const source: Source | null = segment_id !== null ? { kind: "segment", id: segment_id } : upload_id !== null ? { kind: "upload", id: upload_id } : null;
  if (source === null) return null;
  const { hashing, options } = one;
  const keyed = one.key.map((name) => one.columns.find(({ outputs }) => outputs.includes(name))?.column ?? name);
  const draft: Draft = {
    ...EMPTY,
    name: one.name,
    settings: { [one.destination]: one.settings },
    format: one.format as Format | null,
    bom: options?.["bom"] ?? false,
    formulaSafe: one.format === "csv" ? (options?.["formula_safe"] ?? null) : null,
    platform: hashing?.platform ?? null,
    region: hashing?.region ?? "",
    columns: one.columns.map((column) => ({ column: column.column, as: givenName(column, hashing !== null), field: column.field, isIn: true })),
    consent: one.consent,
    key: keyed.length > 0 ? keyed : null,
    isChangesOnly: one.since === "last",
  };
  return { draft, source, filter: (filter ?? null) as Filter | null };
}

/** The name somebody gave a column, as far as what became of it tells. */
function givenName({ column, outputs }: LeavingColumn, isHashed: boolean): string {
  const [name = "", ...others] = outputs;
  if (others.length === 0) return !isHashed && name === column ? "" : name;
  // Several parts: what stands before the platform's own names, `birth_` of `birth_doby` and `birth_dobm`.
  const end = [...name].findIndex((letter, at) => others.some((other) => other[at] !== letter));
  const common = name.slice(0, Math.max(0, end));
  return common.includes("_") ? common.slice(0, common.lastIndexOf("_")) : "";
}
