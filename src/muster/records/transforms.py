"""What can be done to a value to correct it: one set of actions for rejects and for cells of a table; pure.

`trim` and `lower`/`upper` do what the rules of these names ask for. Letters change by the full case mapping of
Unicode. Empty text and no value are the same thing in a table, so an action that leaves nothing gives None.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from muster.records.checks.replacing import replace_problem, replacer
from muster.records.checks.texts import check_trim
from muster.records.suggest import Kind, suggestion

MAX_FIND_CHARACTERS: Final = 1000
MAX_REPLACE_CHARACTERS: Final = 1000
MAX_VALUE_CHARACTERS: Final = 100_000
"""Of a value to set."""
_MAX_GROWN: Final = 1_000_000

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
    return replace_problem(transform.find, transform.replace) if transform.pattern else None


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
    return _filled(
        replacer(transform.find, transform.replace)
        if transform.pattern
        else _plain(transform.find, transform.replace)
    )


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
