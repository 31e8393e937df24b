"""One condition of a filter: from the members of a JSON object to a Leaf, or to what is wrong with them; pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from muster.errors import Issue
from muster.predicates.model import (
    FOLDABLE,
    LISTED,
    MAX_FIELD_CHARACTERS,
    MAX_FOLDED_CHARACTERS,
    MAX_FOLDED_VALUES,
    MAX_TEXT_CHARACTERS,
    MAX_VALUES,
    ORDERED,
    PARTIAL,
    VALUELESS,
    Leaf,
    Number,
    Operator,
    Scalar,
)

_MEMBERS: Final = ("field", "op", "value", "ignore_case")
# What people write who come from elsewhere. Only to say which operator is meant, never taken.
_FOREIGN: Final = {
    "=": "eq",
    "==": "eq",
    "equals": "eq",
    "is": "eq",
    "!=": "ne",
    "<>": "ne",
    "neq": "ne",
    "not_equals": "ne",
    "is_not": "ne",
    "<": "lt",
    "<=": "le",
    "lte": "le",
    ">": "gt",
    ">=": "ge",
    "gte": "ge",
    "nin": "not_in",
    "range": "between",
    "null": "is_empty",
    "is_null": "is_empty",
    "missing": "is_empty",
    "not_null": "is_not_empty",
    "is_not_null": "is_not_empty",
    "exists": "is_not_empty",
    "like": "contains",
    "ilike": "contains",
    "includes": "contains",
    "prefix": "starts_with",
    "suffix": "ends_with",
}


def read_leaf(members: Mapping[str, Any], pointer: str) -> tuple[Leaf | None, list[Issue]]:
    """The condition `members` describe and no issues, or None and at least one issue.

    pointer: of the object, for the issues.
    """
    name, op, ignore_case = members.get("field"), members.get("op"), members.get("ignore_case", False)
    field = name if isinstance(name, str) and _is_name(name) else None
    known = Operator(op) if isinstance(op, str) and op in set(Operator) else None
    issues = list(_unknown_members(members, field, pointer))
    if field is None:
        message = f"Give `field`, the name of a field, as text of 1 to {MAX_FIELD_CHARACTERS:,} characters."
        issues.append(Issue(None, None, f"{pointer}/field", "filter_field_invalid", message))
    if known is None:
        message = _unknown_operator(op)
        issues.append(Issue(None, field, f"{pointer}/op", "filter_unknown_operator", message))
        return None, issues
    values, wrong = _values(members, known)
    at = f"{pointer}/value"
    issues += [
        Issue(None, field, f"{at}{where}", "filter_value_invalid", message) for where, message in wrong
    ]
    if not wrong and ignore_case is not False:
        unfit = _unfit_to_fold(ignore_case, known, values)
        if unfit:
            issues.append(Issue(None, field, f"{pointer}/ignore_case", "filter_ignore_case_unfit", unfit))
    if field is None or issues:
        return None, issues
    return Leaf(field, known, values, ignore_case is True), []


def _is_name(name: str) -> bool:
    return 0 < len(name) <= MAX_FIELD_CHARACTERS and not _has_lone_surrogate(name)


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _unknown_members(members: Mapping[str, Any], field: str | None, pointer: str) -> Iterator[Issue]:
    if any(name not in _MEMBERS for name in members):
        message = "A condition has the members `field`, `op`, `value` and `ignore_case`; take the others out."
        yield Issue(None, field, pointer, "filter_member_unknown", message)


def _unknown_operator(op: object) -> str:
    text = op.lower() if isinstance(op, str) and len(op) <= 100 else ""
    meant = _FOREIGN.get(text) or next(iter(get_close_matches(text, list(Operator), n=1)), None)
    if meant:
        return f"There is no such operator. Did you mean `{meant}`?"
    return f"Give `op`, one of {', '.join(f'`{known}`' for known in Operator)}."


_Wrong = list[tuple[str, str]]
"""(rest of the pointer, message)"""


def _values(members: Mapping[str, Any], op: Operator) -> tuple[tuple[Scalar, ...], _Wrong]:
    given = members.get("value")
    if op in VALUELESS:
        return (), [] if given is None else [("", f"`{op}` takes no value; leave `value` out.")]
    if op in LISTED:
        return _listed(given, op)
    if "value" not in members:
        return (), [("", "Give `value`, what the field is compared with.")]
    if isinstance(given, list | tuple):
        return (), [("", f"`{op}` takes one value; arrays go with `in`, `not_in` and `between`.")]
    value, message = _scalar(given, op)
    return ((), [("", message)]) if value is None else ((value,), [])


def _listed(given: object, op: Operator) -> tuple[tuple[Scalar, ...], _Wrong]:
    if op is Operator.BETWEEN:
        if not isinstance(given, list | tuple) or len(given) != 2:
            return (), [("", "`between` takes an array of two values, the lower one first; both ends count.")]
    elif not isinstance(given, list | tuple) or not 1 <= len(given) <= MAX_VALUES:
        return (), [("", f"`{op}` takes an array of 1 to {MAX_VALUES:,} values; join several with `any`.")]
    values: list[Scalar] = []
    wrong: _Wrong = []
    for at, entry in enumerate(given):
        value, message = _scalar(entry, op)
        if value is None:
            wrong.append((f"/{at}", message))
        else:
            values.append(value)
    if op is Operator.BETWEEN and not wrong and not _is_range(values):
        wrong.append(("", "Give `between` two numbers or two texts, the lower one first."))
    return tuple(values), wrong


def _is_range(values: Sequence[Scalar]) -> bool:
    low, high = values
    if isinstance(low, Number) and isinstance(high, Number):
        return low.value <= high.value
    return isinstance(low, str) and isinstance(high, str) and low <= high


def _scalar(given: object, op: Operator) -> tuple[Scalar | None, str]:
    """The value, or None and what to do about it."""
    match given:
        case str():
            return _text(given)
        case None:
            return None, "null is not a value; ask for empty cells with `is_empty`."
        case bool() if op in ORDERED or op in PARTIAL:
            return None, f"`{op}` does not compare with true or false."
        case int() | float() if not isinstance(given, bool):
            return _number(given, op)
        case bool():
            return given, ""
    return None, "Give text, a number, or true or false."


def _text(given: str) -> tuple[Scalar | None, str]:
    if not given:
        return None, "An empty text is not a value; ask for empty cells with `is_empty`."
    if len(given) > MAX_TEXT_CHARACTERS:
        return None, f"A text has at most {MAX_TEXT_CHARACTERS:,} characters."
    if _has_lone_surrogate(given):
        return None, "The text holds half a surrogate pair, which is no character."
    return given, ""


def _number(given: float, op: Operator) -> tuple[Scalar | None, str]:
    if op in PARTIAL:
        return None, f"`{op}` looks for text; put the value in quotes."
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        return None, "A number lies between -1.8e308 and 1.8e308."
    return Number(value), ""


def _unfit_to_fold(ignore_case: object, op: Operator, values: Sequence[Scalar]) -> str | None:
    """What to do when `ignore_case` cannot be had; None when it can."""
    texts = [value for value in values if isinstance(value, str)]
    if ignore_case is not True:
        return "Give `ignore_case` as true or false."
    if op not in FOLDABLE or not texts:
        return "`ignore_case` goes with texts, and not with order or emptiness; leave it out."
    if len(texts) > MAX_FOLDED_VALUES or sum(map(len, texts)) > MAX_FOLDED_CHARACTERS:
        return (
            f"With `ignore_case` a condition takes at most {MAX_FOLDED_VALUES} values and "
            f"{MAX_FOLDED_CHARACTERS:,} characters."
        )
    return None
