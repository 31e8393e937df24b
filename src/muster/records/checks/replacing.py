"""Replacing what an RE2 expression finds, in time and memory bounded by the length of the text."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2

MAX_CHARACTERS: Final = 10_000
"""Of a text a pattern looks at; longer ones stay as they are."""
_MAX_PROGRAM_BYTES: Final = 1 << 20
_REFERENCE: Final = re.compile(r"\\(.?)", re.DOTALL)


def replace_problem(find: str, replace: str) -> tuple[str, str] | None:
    """(`find` or `replace`, a sentence) when they cannot be used, else None."""
    try:
        groups = _compiled(find).groups
    except re2.error:
        return "find", "`find` is not a valid RE2 expression (no look-around, no back-references)."
    named = _REFERENCE.findall(replace)
    if any(not _is_digit(each) and each != "\\" for each in named):
        return "replace", "In `replace` a backslash stands before the number of a group or another backslash."
    if any(_is_digit(each) and int(each) > groups for each in named):
        return "replace", f"`replace` names a group that `find` does not have; it has {groups}."
    return None


def replacer(find: str, replace: str) -> Callable[[str], str]:
    """Replaces every match; `\\1` in `replace` is what group 1 matched, `\\0` all of it."""
    expression = _compiled(find)
    pieces = _REFERENCE.split(replace)  # text, reference, text, reference ... text

    def put(found: "re2._Match[str]") -> str:
        return "".join(
            piece if at % 2 == 0 else (found[int(piece)] or "") if piece != "\\" else piece
            for at, piece in enumerate(pieces)
        )

    def change(text: str) -> str:
        if len(text) > MAX_CHARACTERS:
            return text
        changed: str = expression.sub(put, text)
        return changed

    return change


def _is_digit(text: str) -> bool:
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=64)
def _compiled(find: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_PROGRAM_BYTES
    return re2.compile(find, options)
