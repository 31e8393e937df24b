// Whether the one who looks may also change.
import type { Me } from "../app/session";

/** Not those who came by a link to one upload, nor keys and sessions without the right to write. */
export function mayEdit(me: Me): boolean {
  const isLink = "only_upload" in me && me.only_upload !== null && me.only_upload !== undefined;
  return !isLink && me.scopes.includes("uploads:write");
}
