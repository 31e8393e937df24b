// The things of exports, as the API describes them.
import type { Schemas } from "../api/client";
import type { operations } from "../api/schema";

export type JsonObject = Record<string, unknown>;

export type Destination = Schemas["DestinationJson"];
export type Connection = Schemas["ExportConnectionJson"];
export type Schedule = Schemas["ScheduleJson"];
export type Outcome = Schemas["ExportOutcomeJson"];
export type Outcomes = Outcome["outcome"];
export type Failure = Schemas["FailuresJson"];
export type Unhashed = Schemas["UnhashedJson"];

/** A column as it leaves. outputs: all the names it gets; `as` is the first of them. */
export interface LeavingColumn {
  column: string;
  as: string;
  outputs: string[];
  field: Field | null;
  hashed: boolean;
}

export interface Consent {
  column: string;
  values: string[];
}

export interface Hashing {
  platform: Platform;
  region: string | null;
}

// The description leaves the inside of these open.
export type Export = Omit<Schemas["ExportJson"], "columns" | "consent" | "hashing"> & { columns: LeavingColumn[]; consent: Consent | null; hashing: Hashing | null };
export type Preview = Omit<Schemas["ExportPreviewJson"], "columns"> & { columns: LeavingColumn[] };

/** What an export would do, guesses filled in; of a dry run. */
export interface Definition {
  name: string;
  columns: LeavingColumn[];
  key: string[];
  consent: Consent | null;
}

export type ExportBody = operations["createExport"]["requestBody"]["content"]["application/json"];
export type ScheduleBody = operations["createExportSchedule"]["requestBody"]["content"]["application/json"];
type ColumnWish = Exclude<NonNullable<ExportBody["columns"]>[number], string>;
/** What a column holds. */
export type Field = NonNullable<ColumnWish["field"]>;
export type Format = NonNullable<ExportBody["format"]>;
/** Whose rules hashes follow. */
export type Platform = NonNullable<ExportBody["hashing"]>["platform"];

export type Source = { kind: "segment"; id: string } | { kind: "upload"; id: string };
