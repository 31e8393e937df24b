// What the page of duplicates shows, as it stands in the address, and the same as the API wants it; pure.
import type { SearchText } from "../app/search";
import { namesText, parseNames } from "../grid/names";
import type { By, Dedupe, Fields, Keep, Policy } from "./model";
import { BYS, KEEPS, POLICIES } from "./words";

/** The policy of every field that is not named. */
export const ALL_OTHERS = "*";

export interface Wish {
  uploads: readonly string[];
  dedupe: Dedupe;
  /** From 1. */
  page: number;
  /** Every field of a group, also those all of its rows agree in. */
  isWhole: boolean;
}

export function uploadsOf(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(",").filter((id) => id !== ""))];
}

export function wishOf(search: SearchText): Wish {
  const by = BYS.find(({ value }) => value === search.by)?.value ?? "email";
  const page = Number(search.page ?? "1");
  return {
    uploads: uploadsOf(search.uploads),
    dedupe: { by, ...identityOf(by, search), keep: KEEPS.find(({ value }) => value === search.keep)?.value ?? "newest", fields: fieldsOf(search.fields) },
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    isWhole: search.whole === "1",
  };
}

/** Only what goes with the kind of identity; the API refuses the rest. */
function identityOf(by: By, { columns, names, region, match, threshold }: SearchText): Partial<Dedupe> {
  if (by === "match") {
    const least = Number(threshold);
    return { ...(match === undefined ? {} : { match }), ...(threshold !== undefined && least > 0 && least <= 1 ? { threshold: least } : {}) };
  }
  const chosen = parseNames(columns ?? "");
  const named = parseNames(names ?? "");
  return {
    ...(chosen.length > 0 ? { columns: chosen } : {}),
    ...(by === "domain_name" && named.length > 0 ? { names: named } : {}),
    ...(by === "phone" && region !== undefined ? { region: region.toUpperCase() } : {}),
  };
}

function fieldsOf(text: string | undefined): Fields {
  if (text === undefined) return {};
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) return {};
  return Object.fromEntries(Object.entries(read).flatMap(([name, policy]) => POLICIES.filter(({ value }) => value === policy).map(({ value }) => [name, value])));
}

export interface Change extends Partial<Omit<Dedupe, "keep">> {
  uploads?: readonly string[];
  keep?: Keep;
  page?: number;
  isWhole?: boolean;
}

/** The address after a change; null and "" leave it out. Another question begins at its first page. */
export function textsOf(change: Change): SearchText {
  const texts: SearchText = {};
  if (change.uploads !== undefined) texts.uploads = change.uploads.join(",") || undefined;
  if (change.by !== undefined) {
    Object.assign(texts, { columns: undefined, names: undefined, region: undefined, match: undefined, threshold: undefined });
    texts.by = change.by === "email" ? undefined : change.by;
  }
  if (change.columns !== undefined) texts.columns = namesText(change.columns) || undefined;
  if (change.names !== undefined) texts.names = namesText(change.names) || undefined;
  if (change.region !== undefined) texts.region = change.region || undefined;
  if (change.match !== undefined) Object.assign(texts, { match: change.match || undefined, threshold: undefined });
  if (change.threshold !== undefined) texts.threshold = String(change.threshold);
  if (change.keep !== undefined) texts.keep = change.keep === "newest" ? undefined : change.keep;
  if (change.fields !== undefined) texts.fields = Object.keys(change.fields).length === 0 ? undefined : JSON.stringify(change.fields);
  if (change.isWhole !== undefined) texts.whole = change.isWhole ? "1" : undefined;
  else texts.page = change.page === undefined || change.page === 1 ? undefined : String(change.page);
  return texts;
}

/** The policy of one field; `winner` is the usual one and needs no words. null takes its own policy away. */
export function withPolicy(fields: Readonly<Fields>, name: string, policy: Policy | null): Fields {
  const { [name]: _before, ...others } = fields;
  if (policy === null || (name === ALL_OTHERS && policy === "winner")) return others;
  return { ...others, [name]: policy };
}

export function policyOf(fields: Readonly<Fields>, name: string): Policy {
  return fields[name] ?? fields[ALL_OTHERS] ?? "winner";
}

/** What a segment's page reads from its address: the choice as it was made, without what is usual. */
export function dedupeText({ fields, ...rest }: Dedupe): string {
  return JSON.stringify(fields === undefined || Object.keys(fields).length === 0 ? rest : { ...rest, fields });
}

/** Whether there is enough to ask the server. */
export function isComplete({ uploads, dedupe }: Wish): boolean {
  return uploads.length > 0 && (dedupe.by !== "match" || dedupe.match !== undefined);
}
