// Providers and runs in plain words.
import { count, duration, money, percent, plural } from "../kit/format";
import type { Run, RunStep, Terms } from "./model";

export function priceWords({ price, price_per }: Pick<Terms, "price" | "price_per">): string {
  return price === 0 ? "Free" : `${money(price)} for each ${price_per === "found" ? "one found" : "one asked"}`;
}

export const amountWords = (amount: number | null) => (amount === null ? "not known" : money(amount));

export function rateWords(rate: Terms["rate"]): string | null {
  if (rate === null) return null;
  const { calls, seconds } = rate;
  const span = seconds === 1 ? "a second" : seconds === 60 ? "a minute" : seconds === 3600 ? "an hour" : `in ${duration(seconds)}`;
  return `${plural(calls, "call")} ${span}`;
}

export function keptWords(days: Terms["cached_days"]): string | null {
  if (days === null) return null;
  return days.found === days.empty ? `answers kept ${daysWords(days.found)}` : `answers kept ${daysWords(days.found)}, “nothing” ${daysWords(days.empty)}`;
}

const daysWords = (days: number) => (days < 1 ? duration(days * 86_400) : plural(days, "day"));

export const sum = (steps: readonly RunStep[], name: keyof RunStep["counts"]) => steps.reduce((total, { counts }) => total + counts[name], 0);

/** "84% of 6,151 rows", "4,100 found", or what is to be said instead. */
export function howFar(run: Run): string {
  const { progress } = run;
  if (run.status === "queued") return "waiting for its turn";
  if (progress !== null && progress.total !== null && progress.total > 0 && (run.status === "running" || run.status === "paused")) {
    const left = run.status === "paused" || progress.seconds_left === null ? "" : ` · ${duration(progress.seconds_left)} left`;
    return `${percent(progress.done, progress.total)} of ${count(progress.total)} ${progress.unit}${left}`;
  }
  return run.status === "running" ? "about to start" : "";
}

const CAUSES: Record<string, string> = {
  http_4xx: "The service refused",
  http_5xx: "The service failed",
  timeout: "No answer in time",
  rate_limited: "Asked too often",
};

/** A stable code as a headline. */
export function causeTitle(code: string): string {
  const words = CAUSES[code] ?? code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function confidenceWords(confidence: number | null): string {
  return confidence === null || confidence >= 1 ? "certain" : `${Math.round(100 * confidence)}% sure`;
}
