"""Paths of fixed words beside paths with ids: `/rules/try` is never the rule "try"."""

import re
from collections.abc import Iterable

from fastapi.routing import APIRoute


def keep_fixed_words_apart(routes: Iterable[APIRoute]) -> None:
    """Make no pattern match a path that another route writes out in full.

    Without it a method the fixed path lacks would fall through to the pattern beside it, and say that there
    is no such thing where 405 is the truth (RFC 9110, 15.5.6).
    """
    routes = list(routes)
    fixed = {route.path for route in routes if "{" not in route.path}
    for route in routes:
        if "{" in route.path:
            taken = sorted(path for path in fixed if route.path_regex.match(path))
            if taken:
                others = "|".join(re.escape(path) for path in taken)
                route.path_regex = re.compile(f"(?!(?:{others})$){route.path_regex.pattern}")
