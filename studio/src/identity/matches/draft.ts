// A match while it is put together, as it stands in the address; pure.
import type { SearchText } from "../../app/search";
import { uploadsOf } from "../address";
import type { Compare, CompareKind, MatchBody } from "../model";
import { KINDS } from "../words";

export const LEAST_COMPARED = 2;
export const MOST_COMPARED = 8;
const USUAL_THRESHOLD = 0.95;

export interface MatchDraft {
  uploads: readonly string[];
  /** null: nobody chose yet, so columns are proposed. */
  compare: readonly Compare[] | null;
  threshold: number;
}

export function draftOf(search: SearchText): MatchDraft {
  const threshold = Number(search.threshold ?? USUAL_THRESHOLD);
  return { uploads: uploadsOf(search.uploads), compare: compareOf(search.compare), threshold: threshold >= 0.5 && threshold <= 1 ? threshold : USUAL_THRESHOLD };
}

function compareOf(text: string | undefined): Compare[] | null {
  if (text === undefined) return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(read) ? read.flatMap(oneOf) : null;
}

function oneOf(node: unknown): Compare[] {
  if (typeof node !== "object" || node === null || !("column" in node) || typeof node.column !== "string" || !("kind" in node)) return [];
  const kind = KINDS.find(({ value }) => value === node.kind)?.value;
  return kind === undefined ? [] : [{ column: node.column, kind }];
}

export function draftTexts({ uploads, compare, threshold }: Partial<MatchDraft>): SearchText {
  return {
    ...(uploads === undefined ? {} : { uploads: uploads.join(",") || undefined }),
    ...(compare === undefined ? {} : { compare: compare === null ? undefined : JSON.stringify(compare) }),
    ...(threshold === undefined ? {} : { threshold: threshold === USUAL_THRESHOLD ? undefined : String(threshold) }),
  };
}

/** How a column is best compared, by what its name says; null for one that tells nothing of who somebody is. */
export function kindFor(column: string): CompareKind | null {
  const name = column.toLowerCase().replace(/[^a-z]+/g, " ").trim();
  if (/\be ?mail\b|\bmail\b/.test(name)) return "email";
  if (/\b(phone|telephone|tel|mobile)\b/.test(name)) return "phone";
  if (/\b(full name|first name|last name|name|company|company name|organi[sz]ation)\b/.test(name)) return "name";
  if (/\b(city|town|zip|postcode|postal code|country|state|birth)\b/.test(name)) return "exact";
  return null;
}

const SURER: readonly CompareKind[] = ["email", "name", "phone", "exact"];
const MOST_PROPOSED = 5;

/** Columns worth comparing: those that tell most first. */
export function proposed(columns: readonly string[]): Compare[] {
  const known = columns.flatMap((column) => {
    const kind = kindFor(column);
    return kind === null ? [] : [{ column, kind }];
  });
  return known.sort((one, other) => SURER.indexOf(one.kind) - SURER.indexOf(other.kind)).slice(0, MOST_PROPOSED);
}

/** What still has to be decided; null when it can start. */
export function lackOf({ uploads }: MatchDraft, compare: readonly Compare[]): string | null {
  if (uploads.length === 0) return "Choose the uploads to look at.";
  if (compare.length < LEAST_COMPARED) return `Compare at least ${LEAST_COMPARED} columns: one alone cannot tell people apart.`;
  return null;
}

export function bodyOf({ uploads, threshold }: MatchDraft, compare: readonly Compare[]): MatchBody {
  return { uploads: [...uploads], compare: [...compare], threshold };
}
