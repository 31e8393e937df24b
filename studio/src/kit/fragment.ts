// A secret in the fragment of the address: read once, and gone from the address and the history before it is used.

/** What stands behind `#`, removed from the address; "" when there is nothing. */
export function takeFragment(): string {
  const { hash, pathname, search } = window.location;
  if (hash.length < 2) return "";
  window.history.replaceState(window.history.state, "", pathname + search);
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1); // not percent-encoded after all
  }
}
