"""Whether one record matches a filter, in memory. The other reading of the tree is compile.py.

A property test holds both to the same answer (tests/predicates/test_agreement.py).
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from muster.predicates.folding import fold
from muster.predicates.model import OPPOSITES, AllOf, AnyOf, Leaf, Not, Operator, Predicate, Scalar
from muster.predicates.readings import read_boolean, read_number

_TESTS: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.EQ: operator.eq,
    Operator.IN: operator.eq,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
# Python compares text by code points, as an engine that compares UTF-8 bytes does.
_TEXT_TESTS: Final = _TESTS | {
    Operator.CONTAINS: operator.contains,
    Operator.STARTS_WITH: str.startswith,
    Operator.ENDS_WITH: str.endswith,
}


def matches(predicate: Predicate, record: Mapping[str, str | None]) -> bool:
    """Whether `record` satisfies `predicate`.

    record: field to text, None where there is no value; a field that is missing has none either.
    """
    match predicate:
        case AllOf(parts):
            return all(matches(part, record) for part in parts)
        case AnyOf(parts):
            return any(matches(part, record) for part in parts)
        case Not(part):
            return not matches(part, record)
        case Leaf():
            opposite = OPPOSITES.get(predicate.op)
            cell = record.get(predicate.field)
            if opposite is not None:
                return not _holds(predicate, opposite, cell)
            return _holds(predicate, predicate.op, cell)


def _holds(leaf: Leaf, op: Operator, cell: str | None) -> bool:
    if op is Operator.IS_EMPTY:
        return cell is None
    if cell is None:
        return False
    if op is Operator.BETWEEN:
        low, high = leaf.values
        return _compares(Operator.GE, cell, low) and _compares(Operator.LE, cell, high)
    return any(
        _compares(op, fold(cell), fold(value))
        if leaf.ignore_case and isinstance(value, str)
        else _compares(op, cell, value)
        for value in leaf.values
    )


def _compares(op: Operator, cell: str, value: Scalar) -> bool:
    if isinstance(value, str):
        return _TEXT_TESTS[op](cell, value)
    if isinstance(value, bool):
        return read_boolean(cell) is value
    number = read_number(cell)
    return number is not None and _TESTS[op](number, value.value)
