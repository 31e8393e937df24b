// Where to go after signing in: a page of Studio on this very origin, or the uploads.

export const HOME = "/uploads";

/** `next` when it is a path of this origin that leads inside, HOME for anything else. */
export function safeNext(next: string | undefined, origin: string = window.location.origin): string {
  // Browsers read `//host` and `/\host` as another host, whatever the rest looks like.
  if (next === undefined || !/^\/(?![/\\])/.test(next)) return HOME;
  let url: URL;
  try {
    url = new URL(next, origin);
  } catch {
    return HOME;
  }
  if (url.origin !== origin || /^\/(api|assets|sign-in|open)(\/|$)/.test(url.pathname)) return HOME;
  return url.pathname + url.search + url.hash;
}
