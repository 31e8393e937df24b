"""What can be done to a value to correct it: one set of actions for rejects and for cells of a table; pure.

`trim` and `lower`/`upper` do what the rules of these names ask for. Letters change by the full case mapping of
Unicode. Empty text and no value are the same thing in a table, so an action that leaves nothing gives None.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import re2

from muster.records.checks.texts import check_trim
from muster.records.suggest import Kind, suggestion

MAX_FIND_CHARACTERS: Final = 1000
MAX_REPLACE_CHARACTERS: Final = 1000
MAX_VALUE_CHARACTERS: Final = 100_000
"""Of a value to set."""
MAX_PATTERN_INPUT: Final = 10_000
"""Characters of a cell a pattern looks at; longer ones stay as they are."""
_MAX_GROWN: Final = 1_000_000
_MAX_PROGRAM_BYTES: Final = 1 << 20
_REFERENCE: Final = re.compile(r"\\(.?)", re.DOTALL)

Change = Callable[[str | None], str | None]


class Action(StrEnum):
    """What to do to a value."""

    TRIM = "trim"
    LOWER = "lower"
    UPPER = "upper"
    REPLACE = "replace"
    SET = "set"
    CLEAR = "clear"
    SUGGEST = "suggest"


@dataclass(frozen=True, slots=True)
class Transform:
    """One action on one field. find, replace: of REPLACE; value: of SET; pattern: `find` is RE2."""

    action: Action
    find: str = ""
    replace: str = ""
    value: str | None = None
    pattern: bool = False


def transform_problem(transform: Transform) -> tuple[str, str] | None:
    """(the member, a sentence) when it cannot be done, else None."""
    if transform.action is Action.SET and len(transform.value or "") > MAX_VALUE_CHARACTERS:
        return "value", f"`value` has at most {MAX_VALUE_CHARACTERS} characters."
    if transform.action is not Action.REPLACE:
        return None
    if not 1 <= len(transform.find) <= MAX_FIND_CHARACTERS:
        return "find", f"Give `find`, 1 to {MAX_FIND_CHARACTERS} characters to look for."
    if len(transform.replace) > MAX_REPLACE_CHARACTERS:
        return "replace", f"`replace` has at most {MAX_REPLACE_CHARACTERS} characters."
    if not transform.pattern:
        return None
    try:
        groups = _compiled(transform.find).groups
    except re2.error:
        return "find", "`find` is not a valid RE2 expression (no look-around, no back-references)."
    if any(each.isdigit() and int(each) > groups for each in _references(transform.replace)):
        return "replace", f"`replace` names a group that `find` does not have; it has {groups}."
    if any(not each.isdigit() and each != "\\" for each in _references(transform.replace)):
        return "replace", "In `replace` a backslash stands before the number of a group or another backslash."
    return None


def change_of(transform: Transform, kind: Kind) -> Change:
    """The function of an action that has no problem. kind: what the values of the field are, for SUGGEST."""
    match transform.action:
        case Action.SET:
            value = transform.value or None
            return lambda _: value
        case Action.CLEAR:
            return lambda _: None
        case Action.TRIM:
            return _filled(_trimmed)
        case Action.LOWER:
            return _filled(str.lower)
        case Action.UPPER:
            return _filled(str.upper)
        case Action.SUGGEST:
            return _filled(lambda text: suggestion(text, kind) or text)
    return _filled(_by_pattern(transform) if transform.pattern else _plain(transform.find, transform.replace))


def _filled(change: Callable[[str], str | None]) -> Change:
    """Only values that are there are changed; nothing left is no value."""
    return lambda text: None if text is None else change(text) or None


def _trimmed(text: str) -> str:
    fixed = check_trim(text).fixed
    return text if fixed is None else fixed


def _plain(find: str, replace: str) -> Callable[[str], str]:
    more = max(0, len(replace) - len(find))

    def change(text: str) -> str:
        if more and len(text) + text.count(find) * more > max(_MAX_GROWN, len(text)):
            return text
        return text.replace(find, replace)

    return change


def _by_pattern(transform: Transform) -> Callable[[str], str]:
    expression = _compiled(transform.find)
    pieces = _REFERENCE.split(transform.replace)  # text, reference, text, reference ... text

    def put(found: "re2._Match[str]") -> str:
        return "".join(
            piece if not at % 2 else ("\\" if piece == "\\" else found[int(piece)] or "")
            for at, piece in enumerate(pieces)
        )

    def change(text: str) -> str:
        if len(text) > MAX_PATTERN_INPUT:
            return text
        changed: str = expression.sub(put, text)
        return changed

    return change


def _references(replace: str) -> list[str]:
    return _REFERENCE.findall(replace)


@lru_cache(maxsize=64)
def _compiled(find: str) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_PROGRAM_BYTES
    return re2.compile(find, options)
