// Schedules in plain words, and their times as fields of a form take them; pure.
import { duration } from "../../kit/format";
import type { Export, Schedule } from "../model";

/** What a schedule exports each time. */
export type Asked = Pick<Export, "name" | "destination" | "connection" | "settings" | "columns" | "format" | "options" | "hashing" | "consent" | "key" | "since"> & {
  segment_id: string | null;
  upload_id: string | null;
  filter: Record<string, unknown> | null;
};

/** The description leaves the inside of it open. */
export const askedOf = ({ export: asked }: Schedule) => asked as unknown as Asked;

const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

export const momentWords = (at: string) => moment.format(new Date(at));

/** "in 3 h", "in 2 days"; due: the next look of a worker makes it. */
export function untilWords(at: string, now: number = Date.now()): string {
  const left = Date.parse(at) - now;
  if (left <= 0) return "due now";
  if (left < 2 * DAY_MS) return `in ${left < MINUTE_MS ? "under a minute" : duration(left / 1000)}`;
  return `in ${Math.round(left / DAY_MS)} days`;
}

/** The first of its times that is still to come. */
export function nextTimeAfter({ next_at, every_minutes }: Pick<Schedule, "next_at" | "every_minutes">, now: number): string {
  const every = every_minutes * MINUTE_MS;
  const missed = Math.max(0, Math.floor((now - Date.parse(next_at)) / every) + 1);
  return new Date(Date.parse(next_at) + missed * every).toISOString();
}

export const UNITS = [
  { value: "minutes", label: "minutes", minutes: 1 },
  { value: "hours", label: "hours", minutes: 60 },
  { value: "days", label: "days", minutes: 1_440 },
  { value: "weeks", label: "weeks", minutes: 10_080 },
] as const;
export type Unit = (typeof UNITS)[number]["value"];

/** 1440 → one day: the largest unit that fits. */
export function spanOf(minutes: number): { times: number; unit: Unit } {
  const [fitting] = UNITS.filter((unit) => minutes % unit.minutes === 0).slice(-1);
  const { value, minutes: size } = fitting ?? UNITS[0];
  return { times: minutes / size, unit: value };
}

export function minutesOf(times: number, unit: Unit): number {
  return times * (UNITS.find(({ value }) => value === unit)?.minutes ?? 1);
}

/** As `datetime-local` fields hold it: in the browser's own time, to the minute. */
export function localText(at: string): string {
  const time = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** null: no time at all. */
export function momentOf(text: string): string | null {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

export const zoneWords = () => Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");
