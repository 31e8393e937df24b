// Identities, policies and evidence in plain words.
import { count } from "../kit/format";
import type { By, CompareKind, Keep, MemberRow, Policy } from "./model";

export const BYS: readonly { value: By; label: string; hint: string }[] = [
  { value: "email", label: "The same e-mail address", hint: "Capitals and blanks around it do not count. ana@gmail.com and ana+news@gmail.com are two addresses." },
  { value: "phone", label: "The same telephone number", hint: "However it is written. Numbers without a country code count only when you name their country." },
  { value: "domain_name", label: "The same domain and name", hint: "One person at one company: the domain of an e-mail or web address, and the name beside it." },
  { value: "match", label: "A probable match", hint: "Pairs that were found alike though spelled differently, from the probability you trust." },
];

export const KEEPS: readonly { value: Keep; label: string }[] = [
  { value: "newest", label: "The newest row" },
  { value: "most_complete", label: "The most complete row" },
];

/** What stands where a policy is chosen, and after a value that it chose. */
export const POLICIES: readonly { value: Policy; label: string; short: string; hint: string }[] = [
  { value: "winner", label: "Of the row that is kept", short: "row kept", hint: "Also when it is empty" },
  { value: "newest", label: "Newest value", short: "newest", hint: "The last one that is filled in" },
  { value: "first", label: "First value", short: "first", hint: "The earliest one that is filled in" },
  { value: "most_complete", label: "Of the most complete row", short: "most complete row", hint: "Of the row with most cells filled" },
  { value: "longest", label: "Longest value", short: "longest", hint: "Of equals the newest" },
];

export function policyShort(policy: string): string {
  return POLICIES.find(({ value }) => value === policy)?.short ?? policy;
}

export const KINDS: readonly { value: CompareKind; label: string }[] = [
  { value: "name", label: "a name" },
  { value: "email", label: "an e-mail address" },
  { value: "phone", label: "a telephone number" },
  { value: "text", label: "other text, typing errors allowed" },
  { value: "exact", label: "the same or not" },
];

/** "CRM, row 8". Rows are counted from 1, as in tables. */
export function rowWords(row: Pick<MemberRow, "_upload_id" | "_row_id">, names: ReadonlyMap<string, string>): string {
  return `${names.get(row._upload_id) ?? row._upload_id}, row ${count(row._row_id + 1)}`;
}

const precise = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** A share from 0 to 1, never rounded to certainty. */
export function shareWords(share: number | null): string {
  if (share === null) return "not known";
  if (share < 1 && share > 0.999) return ">99.9%";
  return share > 0 && share < 0.001 ? "<0.1%" : precise.format(share);
}

export function weightWords(bits: number): string {
  if (bits === 0) return "0";
  return `${bits > 0 ? "+" : "−"}${Math.abs(bits).toFixed(1)}`;
}
