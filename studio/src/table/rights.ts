// What the one who looks may also do.
import type { Me } from "../app/session";

/** Those who came by a link to one upload see it, and nothing else. */
function isLink(me: Me): boolean {
  return "only_upload" in me && me.only_upload !== null && me.only_upload !== undefined;
}

/** Not keys and sessions without the right to write. */
export function mayEdit(me: Me): boolean {
  return !isLink(me) && me.scopes.includes("uploads:write");
}

/** Where values came from is told to nobody who has only a link. */
export function mayTrace(me: Me): boolean {
  return !isLink(me) && me.scopes.includes("uploads:read");
}

export function mayEnrich(me: Me, what: "read" | "write"): boolean {
  return !isLink(me) && me.scopes.includes(`enrichments:${what}`);
}

export function maySegment(me: Me): boolean {
  return !isLink(me) && me.scopes.includes("segments:write");
}

export function mayExport(me: Me): boolean {
  return !isLink(me) && me.scopes.includes("exports:write");
}
