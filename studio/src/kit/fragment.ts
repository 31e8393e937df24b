// A secret in the fragment of the address: read once, and gone from the address and the history before it is used.
import { useEffect, useState } from "react";

/** What stands behind `#`, removed from the address; "" when there is nothing. */
function takeFragment(): string {
  const { hash, pathname, search } = window.location;
  if (hash.length < 2) return "";
  window.history.replaceState(window.history.state, "", pathname + search);
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1); // not percent-encoded after all
  }
}

/** The secret the page was opened with, or the one pasted since: that changes the fragment and loads nothing. */
export function useFragmentSecret(): string {
  const [secret, setSecret] = useState(takeFragment);
  useEffect(() => {
    const take = () => {
      const pasted = takeFragment();
      if (pasted !== "") setSecret(pasted);
    };
    window.addEventListener("hashchange", take);
    return () => window.removeEventListener("hashchange", take);
  }, []);
  return secret;
}
