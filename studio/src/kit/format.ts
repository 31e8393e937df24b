// Numbers and moments as people read them, in the browser's own language settings for digits.

const whole = new Intl.NumberFormat("en");
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export function count(value: number): string {
  return whole.format(value);
}

/** "1 row", "2 rows". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

/** Decimal units, as file managers and clouds count. */
export function bytes(value: number): string {
  if (value === 1) return "1 byte";
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(size) : one.format(size)} ${UNITS[unit] ?? ""}`;
}

export function percent(part: number, all: number): string {
  if (all === 0) return "0%";
  const share = (100 * part) / all;
  if (share > 0 && share < 0.1) return "<0.1%";
  if (share < 100 && share > 99.9) return ">99.9%";
  return `${one.format(share)}%`;
}

const price = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** An amount in the currency the prices are in, whichever that is. */
export function money(value: number): string {
  return value === 0 ? "0" : price.format(value);
}

/** "about 3 min", for a wait. */
export function duration(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${one.format(seconds / 3600)} h`;
}

const day = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric" });
const full = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

/** "5 min ago" for today, the date for longer ago. */
export function ago(moment: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return day.format(new Date(moment));
}

export function exactTime(moment: string): string {
  return full.format(new Date(moment));
}
