// What a bar stands for, as words and as a filter that finds exactly its rows.
import type { Filter, Plain } from "../filter/ast";
import { kindOf } from "../filter/words";
import { count } from "../kit/format";
import type { ColumnProfile } from "./model";

export interface Bar {
  label: string;
  rows: number;
  /** null when no filter finds exactly these rows. */
  filter: Filter | null;
}

const CUT_AT = 200; // the server cuts longer values in a profile

export function bars(profile: ColumnProfile): Bar[] {
  return profile.histogram.map((bin, at) => {
    const isLast = at === profile.histogram.length - 1;
    const low = boundOf(profile, bin.low);
    const high = boundOf(profile, bin.high);
    const label = labelOf(profile, bin.low, bin.high, isLast);
    return { label, rows: bin.rows, filter: low === null || high === null ? null : rangeFilter(profile, low, high, isLast) };
  });
}

function rangeFilter(profile: ColumnProfile, low: Plain, high: Plain, isLast: boolean): Filter {
  const field = profile.name;
  // The last bin of dates ends after its last day, all others of the last kind include their end.
  if (!isLast || profile.type === "date") return { all: [{ field, op: "ge", value: low }, { field, op: "lt", value: high }] };
  return kindOf(profile.type) === "number" && low !== high ? { field, op: "between", value: [low, high] } : { field, op: "ge", value: low };
}

/** A bin's end as the cells write it: numbers as numbers, moments in the notation the frequent values show. */
function boundOf(profile: ColumnProfile, bound: number | string): Plain | null {
  if (typeof bound === "number") return profile.type === "integer" ? Math.ceil(bound) : bound;
  const sample = profile.top[0]?.value ?? (typeof profile.minimum === "string" ? profile.minimum : "");
  if (!/^\d{4}-\d{2}-\d{2}/.test(sample)) return null;
  if (profile.type === "date") return bound.slice(0, 10);
  const separator = sample[10] ?? "T";
  return separator === "T" || separator === " " ? `${bound.slice(0, 10)}${separator}${bound.slice(11, 19)}` : null;
}

function labelOf({ type }: ColumnProfile, low: number | string, high: number | string, isLast: boolean): string {
  if (type === "integer" && typeof low === "number" && typeof high === "number") {
    const [first, last] = [Math.ceil(low), isLast ? high : Math.ceil(high) - 1];
    return first >= last ? text(first) : `${text(first)} to ${text(last)}`;
  }
  return isLast ? `${text(low)} to ${text(high)}` : `${text(low)} to below ${text(high)}`;
}

function text(bound: number | string): string {
  if (typeof bound === "string") return bound.replace("T00:00:00Z", "").replace(/Z$/, "").replace("T", " ");
  return count(Number.isInteger(bound) ? bound : Number(bound.toPrecision(6)));
}

export function topBars(profile: ColumnProfile): Bar[] {
  return profile.top.map(({ value, rows }) => ({
    label: value,
    rows,
    filter: value.length >= CUT_AT ? { field: profile.name, op: "starts_with", value } : { field: profile.name, op: "eq", value },
  }));
}

/** Whether the column is drawn as a spread of numbers or moments rather than by its frequent values. */
export function hasSpread(profile: ColumnProfile): boolean {
  return profile.histogram.length > 1;
}

export function distinctWords(profile: ColumnProfile): string {
  if (profile.filled === 0) return "no values";
  if (profile.distinct_exact && profile.distinct === profile.filled) return "all different";
  return `${profile.distinct_exact ? "" : "about "}${count(profile.distinct)} distinct`;
}
