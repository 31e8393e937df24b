"""The one filter tree: groups, `not`, and leaves that compare one field; pure.

Every cell is text or null (missing, JSON null and empty text are all null), and every node is true or false
for every record: null is found by `is_empty` and by the negative operators (`ne`, `not_in`, `not_contains`)
only, so that each of them finds exactly what its opposite does not. Source: docs/api/filters.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

MAX_DEPTH: Final = 16
"""Levels of nodes, the outermost included."""
MAX_LEAVES: Final = 500
MAX_VALUES: Final = 1_000
"""Values in the list of one `in` or `not_in`."""
MAX_FIELD_CHARACTERS: Final = 1_000
MAX_TEXT_CHARACTERS: Final = 10_000
MAX_FILTER_CHARACTERS: Final = 262_144
"""Text of all values and field names of a filter together."""
MAX_FOLDED_VALUES: Final = 100
MAX_FOLDED_CHARACTERS: Final = 4_000
"""Text in one leaf that ignores case. It becomes a regular expression, which slows down with its length."""

_EXACT_INTEGERS: Final = 2**53


class Operator(StrEnum):
    """How a leaf compares its field with its value."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    NOT_IN = "not_in"
    BETWEEN = "between"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"


OPPOSITES: Final = {
    Operator.NE: Operator.EQ,
    Operator.NOT_IN: Operator.IN,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.IS_NOT_EMPTY: Operator.IS_EMPTY,
}
"""Operators that are true exactly where another one is false."""
ORDERED: Final = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.BETWEEN})
LISTED: Final = frozenset({Operator.IN, Operator.NOT_IN, Operator.BETWEEN})
"""Operators whose value is a list."""
VALUELESS: Final = frozenset({Operator.IS_EMPTY, Operator.IS_NOT_EMPTY})
PARTIAL: Final = frozenset(
    {Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH}
)
"""Operators that look for a text inside the cell."""
FOLDABLE: Final = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN}) | PARTIAL
"""Operators that may ignore case."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number to compare with: a finite float64. A class of its own because Python holds `True == 1.0`."""

    value: float

    def __post_init__(self) -> None:
        # An integer becomes the nearest float64, as the text of a cell does; adding zero drops its sign.
        object.__setattr__(self, "value", float(self.value) + 0.0)

    @property
    def is_exact_integer(self) -> bool:
        """A whole number small enough that every integer around it is a float64 too."""
        return self.value.is_integer() and abs(self.value) < _EXACT_INTEGERS

    def to_json(self) -> int | float:
        return int(self.value) if self.is_exact_integer else self.value


Scalar: TypeAlias = str | bool | Number
"""Text, true or false, or a number: the kind decides how the cell is read (readings.py)."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison. values: none for the empty tests, two for `between`, any number for the lists, else one."""

    field: str
    op: Operator
    values: tuple[Scalar, ...] = ()
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is. At least one part."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is. At least one part."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is not."""

    part: "Predicate"


Predicate: TypeAlias = AllOf | AnyOf | Not | Leaf


def to_json(predicate: Predicate) -> dict[str, Any]:
    """The tree as JSON objects; parsing them gives an equal tree."""
    match predicate:
        case AllOf(parts):
            return {"all": [to_json(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Leaf():
            return _leaf_to_json(predicate)


def _leaf_to_json(leaf: Leaf) -> dict[str, Any]:
    made: dict[str, Any] = {"field": leaf.field, "op": str(leaf.op)}
    values = [value.to_json() if isinstance(value, Number) else value for value in leaf.values]
    if leaf.op in LISTED:
        made["value"] = values
    elif leaf.op not in VALUELESS:
        made["value"] = values[0]
    return made | ({"ignore_case": True} if leaf.ignore_case else {})
