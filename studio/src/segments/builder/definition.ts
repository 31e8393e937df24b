// What a segment is while it is being built; pure.
import type { Filter } from "../../filter/ast";
import { type GroupNode, treeOf, write, type Written } from "../../filter/tree";
import { parseTree, treeText } from "../../filter/treeText";
import type { Dedupe, PreviewBody, Segment } from "../model";

export interface Definition {
  uploads: readonly string[];
  tree: GroupNode;
  /** null: every row by itself. */
  dedupe: Dedupe | null;
}

export const EMPTY: Definition = { uploads: [], tree: treeOf(null), dedupe: null };

export function definitionOf(segment: Segment): Definition {
  return {
    uploads: segment.uploads.map(({ upload_id }) => upload_id),
    tree: treeOf(segment.filter as Filter | null),
    dedupe: segment.dedupe as Dedupe | null,
  };
}

/** The same as the API takes it, and where each condition stands in that. */
export interface Wished extends Written {
  body: Pick<PreviewBody, "uploads" | "filter" | "dedupe">;
  /** Enough is said to ask the server. */
  isComplete: boolean;
}

export function wishOf({ uploads, tree, dedupe }: Definition): Wished {
  const written = write(tree);
  const body = { uploads: [...uploads], filter: written.filter as Record<string, never> | null, dedupe };
  return { ...written, body, isComplete: uploads.length > 0 && (dedupe?.by !== "match" || dedupe.match !== undefined) };
}

/** As it stands in the address. */
export interface Texts {
  from: string | undefined;
  def: string | undefined;
  dedupe: string | undefined;
}

/** Says that there is none, where nothing would mean: as it was. */
const NONE = "none";

export function textsOf({ uploads, tree, dedupe }: Definition, isChange: boolean): Texts {
  const empty = isChange ? NONE : undefined;
  return {
    from: uploads.length === 0 ? empty : uploads.join(","),
    def: treeText(tree) ?? empty,
    dedupe: dedupe === null ? empty : JSON.stringify(dedupe),
  };
}

/** base: what holds for a part the address does not name. Raises UnreadableFilter. */
export function readTexts({ from, def, dedupe }: Texts, base: Definition): Definition {
  return {
    uploads: from === undefined ? base.uploads : from === NONE ? [] : [...new Set(from.split(",").filter((id) => id !== ""))],
    tree: def === undefined ? base.tree : def === NONE ? treeOf(null) : parseTree(def),
    dedupe: dedupe === undefined ? base.dedupe : dedupe === NONE ? null : dedupeFrom(dedupe, base.dedupe),
  };
}

/** What cannot be read is as if it were not said; whether it makes sense the server tells. */
function dedupeFrom(text: string, base: Dedupe | null): Dedupe | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && "by" in read ? (read as Dedupe) : base;
  } catch {
    return base;
  }
}
