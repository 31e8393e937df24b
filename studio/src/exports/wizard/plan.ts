// From a draft to what is sent, and what keeps it from being sent; pure.
import type { Filter } from "../../filter/ast";
import { shapeOf } from "../../form/shape";
import { cleaned, lackingIn } from "../../form/values";
import type { Connection, Destination, ExportBody, Field, Format, JsonObject, LeavingColumn, Platform, ScheduleBody, Source } from "../model";
import { PLATFORMS } from "../words";
import type { ColumnDraft, Draft } from "./draft";

/** A column with everything said or guessed. */
export interface PlannedColumn extends ColumnDraft {
  isIn: boolean;
  /** What its name says it holds. */
  guess: Field | null;
}

/** Whose hashes: what the destination takes, or what somebody wants in a file. */
export function platformOf(destination: Destination | null, draft: Draft): Platform | null {
  if (destination?.hashing != null) return destination.hashing as Platform;
  return draft.platform;
}

/** All columns of the source, those of the draft in its order, new ones behind. */
export function plannedColumns(known: readonly LeavingColumn[], draft: readonly ColumnDraft[] | null, platform: Platform | null): PlannedColumn[] {
  const guesses = new Map(known.map(({ column, field }) => [column, field]));
  const said = (draft ?? []).filter(({ column }) => guesses.has(column));
  const names = new Set(said.map(({ column }) => column));
  // An order of some columns is a choice of them: others that came later are not taken in by themselves.
  const others = known.filter(({ column }) => !names.has(column)).map(({ column }): ColumnDraft => ({ column, as: "", field: null, isIn: draft === null ? null : false }));
  return [...said, ...others].map((column) => {
    const guess = guesses.get(column.column) ?? null;
    const field = column.field ?? guess;
    return { ...column, field, guess, isIn: column.isIn ?? isInByItself(platform, field) };
  });
}

/** Unless somebody says otherwise: every column, of a hashed export those the platform knows. */
export const isInByItself = (platform: Platform | null, field: Field | null) => platform === null || takes(platform, field);

export const takes = (platform: Platform, field: Field | null) => field !== null && PLATFORMS[platform].fields.includes(field);

export const formatOf = (destination: Destination, draft: Draft): Format | null => {
  if (destination.takes !== "file") return null;
  return (destination.formats.find((format) => format === draft.format) ?? destination.formats[0] ?? null) as Format | null;
};

/** A file that people open is made harmless unless somebody says otherwise; one that programs read is not. */
export const isFormulaSafe = (destination: Destination, draft: Draft) => draft.formulaSafe ?? destination.id === "download";

/** Why the place is not settled yet; null when it is. */
export function whereFault(destination: Destination | null, connection: Connection | null, draft: Draft): string | null {
  if (destination === null) return "Choose where it goes.";
  if (destination.connection !== null && connection === null) return "Choose a connection.";
  const lacking = lackingIn(shapeOf(destination.settings), draft.settings[destination.id] ?? {});
  if (lacking.length > 0) return `Fill in ${lacking.join(", ")}.`;
  if (draft.region !== "" && !/^[A-Za-z]{2}$/.test(draft.region)) return "A country has two letters, such as DE.";
  return null;
}

/** Columns that tell people apart unless somebody says otherwise; the server guesses the same. */
export function guessedKey(columns: readonly PlannedColumn[]): string[] {
  for (const wanted of ["email", "phone", "external_id"] as const) {
    const found = columns.find(({ field, isIn }) => isIn && field === wanted);
    if (found !== undefined) return [found.column];
  }
  return [];
}

/** Names outside of columns; a platform's own names are known from the server alone. */
export function namesOutside(names: readonly string[], columns: readonly PlannedColumn[], platform: Platform | null, outputs: ReadonlyMap<string, readonly string[]>): string[] {
  const taken = new Map(columns.filter(({ isIn }) => isIn).map((column) => [column.column, column]));
  return names.flatMap((name) => {
    const column = taken.get(name);
    return column === undefined ? [] : platform === null ? [column.as || name] : (outputs.get(name) ?? []);
  });
}

/** What is wrong with the columns, by name. */
export function columnFaults(columns: readonly PlannedColumn[], platform: Platform | null): Map<string, string> {
  const faults = new Map<string, string>();
  const seen = new Set<string>();
  for (const { column, as, field, isIn } of columns) {
    if (!isIn) continue;
    if (platform !== null && !takes(platform, field)) faults.set(column, "Say what it holds, or leave it out: a hashed export has no other columns.");
    if (platform !== null && as === "") continue; // the platform's own names, numbered by the server
    const name = as || column;
    if (seen.has(name)) faults.set(column, `Two columns would be called “${name}”.`);
    seen.add(name);
  }
  return faults;
}

interface Whole {
  source: Source;
  filter: Filter | null;
  draft: Draft;
  destination: Destination;
  connection: Connection | null;
  columns: readonly PlannedColumn[];
  platform: Platform | null;
}

/** Which rows, as every request names them. */
export function rowsWish(source: Source, filter: Filter | null): ExportBody {
  const filtered = filter === null ? {} : { filter: filter as unknown as Record<string, never> };
  return source.kind === "segment" ? { segment_id: source.id } : { upload_id: source.id, ...filtered };
}

/** Which columns of which rows, hashed or not; enough to learn their names outside. */
export function shapeWish({ source, filter, columns, platform, draft }: Pick<Whole, "source" | "filter" | "columns" | "platform" | "draft">): ExportBody {
  const wanted = columns
    .filter(({ isIn }) => isIn)
    .map(({ column, as, field, guess }) => ({ column, ...(as === "" ? {} : { as }), ...(field === null || (platform === null && field === guess) ? {} : { field }) }));
  return {
    ...rowsWish(source, filter),
    ...(wanted.length === 0 ? {} : { columns: wanted }),
    ...(platform === null ? {} : { hashing: { platform, region: draft.region === "" ? null : draft.region.toUpperCase() } }),
  };
}

/** Everything but the name and when. key: names outside; null: guessed. */
export function wishOf(whole: Whole, key: readonly string[] | null): ExportBody {
  const { draft, destination, connection } = whole;
  const format = formatOf(destination, draft);
  const settings = cleaned(shapeOf(destination.settings), draft.settings[destination.id] ?? {}) as JsonObject | undefined;
  const { consent } = draft;
  return {
    ...shapeWish(whole),
    destination: destination.id,
    ...(destination.connection === null || connection === null ? {} : { connection: connection.id }),
    ...(settings === undefined || Object.keys(settings).length === 0 ? {} : { settings: settings as Record<string, never> }),
    ...(format === null ? {} : { format }),
    ...(format === "csv" ? { options: { bom: draft.bom, ...(draft.formulaSafe === null ? {} : { formula_safe: draft.formulaSafe }) } } : {}),
    ...(consent === null ? {} : { consent: { column: consent.column, ...(consent.values.length === 0 ? {} : { values: consent.values }) } }),
    ...(key === null || key.length === 0 ? {} : { key: [...key] }),
    ...(draft.isChangesOnly ? { since: "last" as const } : {}),
  };
}

export function scheduleOf(wish: ExportBody, draft: Draft, name: string): ScheduleBody {
  return {
    name,
    every_minutes: draft.everyMinutes ?? 1_440,
    ...(draft.startsAt === "" ? {} : { starts_at: new Date(draft.startsAt).toISOString() }),
    export: { ...wish, name },
  };
}
