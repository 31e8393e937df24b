"""A filter as an English sentence for the people who use the list, not for those who wrote the filter; pure.

Nothing is left to the order of `and` and `or`: a group inside a group stands in parentheses, and a name or
text that could be taken for a word of the sentence, a number or two names stands in quotes.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Operator, Predicate, Scalar

MAX_TEXT_SHOWN: Final = 80
"""Characters of one text; the rest is told by its length."""
MAX_VALUES_SHOWN: Final = 10

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_@.-]*")
_WORDS_OF_ORDER: Final = {
    Operator.LT: "before",
    Operator.LE: "at or before",
    Operator.GT: "after",
    Operator.GE: "at or after",
}
_WORDS_OF_SIZE: Final = {
    Operator.LT: "less than",
    Operator.LE: "at most",
    Operator.GT: "more than",
    Operator.GE: "at least",
}
_WORDS_OF_PARTS: Final = {
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "does not contain",
    Operator.STARTS_WITH: "starts with",
    Operator.ENDS_WITH: "ends with",
}
# Words a sentence is made of; as a name or a text they stand in quotes.
_RESERVED: Final = frozenset(
    {
        "true",
        "false",
        "and",
        "or",
        "not",
        "is",
        "are",
        "one",
        "of",
        "empty",
        "contains",
        "does",
        "starts",
        "ends",
        "between",
        "before",
        "after",
        "at",
        "less",
        "more",
    }
)


def describe(predicate: Predicate) -> str:
    """One sentence without a full stop, such as `country is US and (employees is at least 50 or city is empty)`.

    Total: every tree has one. Texts longer than MAX_TEXT_SHOWN and lists longer than MAX_VALUES_SHOWN are
    cut, saying how much is left out. Holds the values of the filter: for its owner's eyes, never for logs.
    """
    match predicate:
        case AllOf((part,)) | AnyOf((part,)):
            return describe(part)
        case AllOf(parts):
            return " and ".join(map(_part, parts))
        case AnyOf(parts):
            return " or ".join(map(_part, parts))
        case Not(part):
            return f"not ({describe(part)})"
        case Leaf():
            return f"{_name(predicate.field)} {_test(predicate)}{' (ignoring case)' if predicate.ignore_case else ''}"


def _part(predicate: Predicate) -> str:
    """A part of a group of several: groups of several stand in parentheses."""
    while isinstance(predicate, AllOf | AnyOf) and len(predicate.parts) == 1:
        predicate = predicate.parts[0]
    told = describe(predicate)
    return f"({told})" if isinstance(predicate, AllOf | AnyOf) else told


def _name(name: str) -> str:
    plain = _PLAIN_NAME.fullmatch(name) and name.lower() not in _RESERVED
    return _quoted(name) if not plain or len(name) > MAX_TEXT_SHOWN else name


def _test(leaf: Leaf) -> str:
    match leaf.op:
        case Operator.IS_EMPTY:
            return "is empty"
        case Operator.IS_NOT_EMPTY:
            return "is not empty"
        case Operator.EQ:
            return f"is {_value(leaf.values[0])}"
        case Operator.NE:
            return f"is not {_value(leaf.values[0])}"
        case Operator.IN:
            return f"is one of {_list(leaf.values)}"
        case Operator.NOT_IN:
            return f"is not one of {_list(leaf.values)}"
        case Operator.BETWEEN:
            return f"is between {_value(leaf.values[0])} and {_value(leaf.values[1])}"
    value = leaf.values[0]
    if leaf.op in _WORDS_OF_PARTS:
        return f"{_WORDS_OF_PARTS[leaf.op]} {_quoted(str(value))}"
    words = _WORDS_OF_SIZE if isinstance(value, Number) else _WORDS_OF_ORDER
    return f"is {words[leaf.op]} {_value(value)}"


def _list(values: Sequence[Scalar]) -> str:
    shown = ", ".join(map(_value, values[:MAX_VALUES_SHOWN]))
    left_out = len(values) - MAX_VALUES_SHOWN
    return f"({shown} and {left_out:,} more)" if left_out > 0 else f"({shown})"


def _value(value: Scalar) -> str:
    if isinstance(value, Number):
        return _digits(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = _PLAIN_TEXT.fullmatch(value) and value.lower() not in _RESERVED
    return value if plain and len(value) <= MAX_TEXT_SHOWN else _quoted(value)


def _digits(value: Number) -> str:
    number = value.to_json()
    return f"{number:,}" if isinstance(number, int) else repr(number)


def _quoted(text: str) -> str:
    """In double quotes; quotes, backslashes and what cannot be seen as escapes (as JSON writes them)."""
    cut = text[:MAX_TEXT_SHOWN]
    rest = f" ({len(text):,} characters)" if len(text) > MAX_TEXT_SHOWN else ""
    shown = "".join(
        character if character.isprintable() else json.dumps(character)[1:-1]
        for character in json.dumps(cut, ensure_ascii=False)
    )
    return f"{shown}{'…' if rest else ''}{rest}"
