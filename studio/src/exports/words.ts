// Exports in plain words.
import { bytes, count, duration, percent, plural } from "../kit/format";
import type { Export, Field, Format, Platform } from "./model";

/** Rooms beside this one, led to by their address. */
/** id: "new" for one that is to be made. */
export const connectionPath = (id: string): string => `/exports/connections/${id}`;
export const SCHEDULES: string = "/exports/schedules";
export const SUPPRESSIONS: string = "/exports/suppressions";

export const FORMATS: Record<Format, { label: string; text: string }> = {
  csv: { label: "CSV", text: "Text with commas, for nearly every tool." },
  xlsx: { label: "Excel", text: "A workbook, for up to 1,048,575 rows." },
  ndjson: { label: "JSON lines", text: "One JSON object a line, for programs." },
  parquet: { label: "Parquet", text: "Columns, small and typed, for data tools." },
};

export const PLATFORMS: Record<Platform, { label: string; text: string; fields: readonly Field[] }> = {
  google: {
    label: "Google Customer Match",
    text: "As Google's upload form wants it. Countries and postal codes stay readable.",
    fields: ["email", "phone", "first_name", "last_name", "country", "zip"],
  },
  meta: {
    label: "Meta Custom Audiences",
    text: "As Meta's upload form wants it. Ids stay readable.",
    fields: ["email", "phone", "first_name", "last_name", "city", "state", "zip", "country", "gender", "birth_date", "external_id", "mobile_id"],
  },
  sha256: {
    label: "SHA-256",
    text: "For anyone else who takes hashes: lower case, no blanks around.",
    fields: ["email", "phone", "first_name", "last_name", "city", "state", "zip", "country", "gender", "birth_date", "external_id", "mobile_id", "text"],
  },
};

export const FIELDS: Record<Field, string> = {
  email: "E-mail address",
  phone: "Phone number",
  first_name: "First name",
  last_name: "Last name",
  city: "City",
  state: "State",
  zip: "Postal code",
  country: "Country",
  gender: "Gender",
  birth_date: "Date of birth",
  external_id: "Id of your own",
  mobile_id: "Advertising id of a phone",
  text: "Other text",
};

const REASONS: Record<string, string> = {
  suppressed: "on the suppression list",
  no_consent: "without consent",
  nothing_to_match: "with nothing left to find the person by",
  unchanged: "unchanged since the last export",
  repeated_key: "with the key of an earlier row",
  key_empty: "with an empty key",
  dismissed: "dismissed after they were refused",
  gone: "no longer there",
};

/** Why a row was left out: "12 rows without consent". */
export const reasonWords = (code: string) => REASONS[code] ?? code.replaceAll("_", " ");

const UNHASHED: Record<string, string> = {
  email_invalid: "is no e-mail address",
  phone_invalid: "is no phone number, or its country is not known",
  country_unknown: "is no country",
  date_invalid: "is no date, or its day could be a month",
  gender_unknown: "is no gender the platform knows",
  value_invalid: "cannot be brought into the platform's form",
};

/** Why a cell could not be hashed. */
export const unhashedWords = (code: string) => UNHASHED[code] ?? code.replaceAll("_", " ");

const CAUSES: Record<string, string> = {
  row_refused: "Refused by the destination",
  http_400: "The endpoint refused the row",
  http_413: "The endpoint found it too large",
  http_422: "The endpoint refused the row",
};

/** A stable code as a headline. */
export function causeTitle(code: string): string {
  const words = CAUSES[code] ?? (code.startsWith("sql_") ? "Refused by the database" : code.replaceAll("_", " "));
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Where it goes: "HTTP endpoint, CRM", "Download, CSV". */
export function whereWords({ destination_title, connection_name, format }: Pick<Export, "destination_title" | "connection_name" | "format">): string {
  const more = connection_name ?? (format === null ? null : (FORMATS[format as Format]?.label ?? format));
  return more === null ? destination_title : `${destination_title}, ${more}`;
}

/** What happened to rows that left: a file holds them, a destination took them. */
export const writtenWord = ({ destination }: Pick<Export, "destination">) => (destination === "download" || destination === "object_store" ? "in the file" : "sent");

/** "84% of 6,151 rows", or what is to be said instead. */
export function howFar(one: Export): string {
  const { progress, status } = one;
  if (status === "queued") return "waiting for its turn";
  if (status === "running" && progress !== null && progress.total !== null && progress.total > 0) {
    const left = progress.seconds_left === null ? "" : ` · ${duration(progress.seconds_left)} left`;
    const whole = progress.unit === "bytes" ? bytes(progress.total) : `${count(progress.total)} ${progress.unit}`;
    return `${percent(progress.done, progress.total)} of ${whole}${left}`;
  }
  if (status === "running") return "about to start";
  return status === "done_with_failures" ? `${plural(one.failed, "row")} refused` : "";
}

/** "every day", "every 90 minutes". */
export function everyWords(minutes: number): string {
  const [unit, size] = minutes % 10_080 === 0 ? ["week", 10_080] : minutes % 1_440 === 0 ? ["day", 1_440] : minutes % 60 === 0 ? ["hour", 60] : ["minute", 1];
  const times = minutes / Number(size);
  return times === 1 ? `every ${unit}` : `every ${count(times)} ${unit}s`;
}
