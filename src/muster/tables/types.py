"""Which types all values of a column have, and the values as that type; grammars in `grammar.py`.

A type is either true of every value or not a type of the column at all: one house number `12a` and the
column is text. Nothing is changed for it; the text stays what is shown.
"""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables import grammar
from muster.tables.columns import CANDIDATES
from muster.tables.model import ColumnType

_SAMPLE = 64
_GRAMMARS = {
    ColumnType.INTEGER: grammar.INTEGER,
    ColumnType.NUMBER: grammar.NUMBER,
    ColumnType.BOOLEAN: grammar.BOOLEAN,
    ColumnType.DATE: grammar.DATE,
    ColumnType.TIMESTAMP: grammar.TIMESTAMP,
}
_LIMIT = float(10**grammar.MAX_INTEGER_DIGITS)


def typed_twin(
    column: pa.ChunkedArray, candidates: Sequence[ColumnType], *, decimal_comma: bool = False
) -> tuple[tuple[ColumnType, ...], pa.ChunkedArray | None]:
    """Which of the candidates every non-null value satisfies, and the column as the first of them.

    column: large_string. Null stays null. Without any value all candidates survive and there is no twin.
    integer and number are both given as float64.
    """
    if column.null_count == len(column):
        return tuple(candidates), None
    left = [wanted for wanted in candidates if _fits_sample(column, wanted, decimal_comma)]
    twin = None
    # An integer column is a number column as well, so one twin serves both.
    if ColumnType.NUMBER in left or ColumnType.INTEGER in left:
        for wanted in (ColumnType.INTEGER, ColumnType.NUMBER):  # what is an integer is a number too
            if wanted in left and twin is None:
                twin = _twin(column, wanted, decimal_comma)
                if twin is None:
                    left.remove(wanted)
        if twin is None or not _is_exact(twin):
            left = [wanted for wanted in left if wanted not in {ColumnType.INTEGER, ColumnType.NUMBER}]
            twin = None
    for wanted in (ColumnType.BOOLEAN, ColumnType.DATE, ColumnType.TIMESTAMP):
        if wanted in left and twin is None:
            twin = _twin(column, wanted, decimal_comma)
            if twin is None:
                left.remove(wanted)
        elif wanted in left:
            left.remove(wanted)  # no text is two of these at once
    return tuple(wanted for wanted in CANDIDATES if wanted in left), twin


def _pattern(wanted: ColumnType, decimal_comma: bool) -> str:
    if decimal_comma and wanted is ColumnType.NUMBER:
        return grammar.DECIMAL_COMMA
    return _GRAMMARS[wanted]


def _fits_sample(column: pa.ChunkedArray, wanted: ColumnType, decimal_comma: bool) -> bool:
    """Whether some values at both ends fit: text columns, which most are, then cost next to nothing."""
    fits = re.compile(_pattern(wanted, decimal_comma)).fullmatch
    for start in (0, max(0, len(column) - _SAMPLE)):
        values = column.slice(start, _SAMPLE).to_pylist()
        if not all(value is None or fits(value) for value in values):
            return False
    return True


def _matches(column: pa.ChunkedArray, pattern: str) -> bool:
    """Whether every non-null value matches as a whole."""
    # \A and \z: in RE2 `$` would do too, but `$` of other engines lets a line feed pass.
    return bool(pc.all(pc.match_substring_regex(column, rf"\A(?:{pattern})\z")).as_py())


def _twin(column: pa.ChunkedArray, wanted: ColumnType, decimal_comma: bool) -> pa.ChunkedArray | None:
    """The column as this type, None when a value is not one."""
    if not _matches(column, _pattern(wanted, decimal_comma)):
        return None
    try:
        match wanted:
            case ColumnType.INTEGER | ColumnType.NUMBER:
                return pc.cast(_with_point(column) if decimal_comma else column, pa.float64())
            case ColumnType.BOOLEAN:
                return pc.cast(column, pa.bool_())
            case ColumnType.DATE:
                return pc.cast(column, pa.date32())
            case _:
                return _timestamps(column)
    except pa.ArrowInvalid:  # the thirtieth of February
        return None


def _with_point(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")


def _timestamps(column: pa.ChunkedArray) -> pa.ChunkedArray:
    has_zone = pc.match_substring_regex(column, rf"[0-9](?:{grammar.TIME_ZONE})\z")
    # The hour has a colon behind it, so a zone is never mistaken: only `-05:30` after the minutes is one.
    marked = pc.binary_join_element_wise(column, _text("Z"), _text(""))
    zoned = pc.if_else(has_zone, column, marked)
    return pc.cast(pc.cast(zoned, pa.timestamp("us", "UTC")), pa.timestamp("us"))


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _is_exact(twin: pa.ChunkedArray) -> bool:
    """Whether no value is too long to be held exactly."""
    found = pc.min_max(twin).as_py()
    return bool(found["min"] > -_LIMIT and found["max"] < _LIMIT)
