"""Cross-site requests that ride on a cookie: told apart by what browsers say about themselves; pure.

Source: OWASP CSRF Prevention Cheat Sheet, "Fetch Metadata"; SameSite=Lax alone lets sibling hosts through.
"""

from collections.abc import Collection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def rides_along(
    method: str, sec_fetch_site: str | None, origin: str | None, own_origins: Collection[str]
) -> bool:
    """Whether a request authenticated by cookie may have been made by another site.

    sec_fetch_site, origin: the headers, None when absent. own_origins: `scheme://host[:port]`, lower case.
    Safe methods never change anything and pass. Without either header it is no browser we know: refused.
    """
    if method in SAFE_METHODS:
        return False
    if sec_fetch_site is not None:
        return sec_fetch_site.strip().lower() not in {"same-origin", "none"}
    return origin is None or origin.lower() not in own_origins
