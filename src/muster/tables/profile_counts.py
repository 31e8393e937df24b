"""Values of columns counted while their rows are written, so that a profile need not read them again; in memory.

Only a saving: whoever has no counts, after a crash for instance, gets the same profile from the files.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.coded import TextColumn

MOST_COLUMNS = 64
"""Of wide tables the profile reads the columns anyway, many at a time."""
MOST_VALUES = 50_000
"""Different ones of a column; one with more is left to the engine, but for its lengths."""
MOST_BYTES = 2 * 1024 * 1024
MOST_LENGTHS = 100_000


@dataclass(frozen=True, slots=True)
class CountedColumn:
    """One column. filled: values that are not null; lengths: how many have each length in characters.

    values: how often each different one comes; None: there are too many.
    """

    filled: int
    lengths: dict[int, int]
    values: dict[str, int] | None


@dataclass(slots=True)
class _Column:
    filled: int = 0
    lengths: dict[int, int] = field(default_factory=dict)
    values: list[pa.Table] = field(default_factory=list)
    is_counted: bool = True


class ValueCounts:
    """What was counted so far, by physical name of the columns."""

    def __init__(self) -> None:
        self.rows = 0
        self._columns: dict[str, _Column] = {}
        self._is_given_up = False

    def add(self, columns: Mapping[str, TextColumn], rows: int) -> None:
        """Count the values of `rows` more rows. columns: one that is missing is null throughout."""
        self.rows += rows
        if self._is_given_up or len(self._columns.keys() | columns.keys()) > MOST_COLUMNS:
            self._give_up()
            return
        for name, text in columns.items():
            column = self._columns.setdefault(name, _Column())
            column.filled += len(text.values) - text.values.null_count
            _count(column, text)
        if any(len(column.lengths) > MOST_LENGTHS for column in self._columns.values()):
            self._give_up()

    def _give_up(self) -> None:
        self._is_given_up = True
        self._columns.clear()

    def counted(self, name: str) -> CountedColumn | None:
        """What is known of a column; None when it was not counted."""
        column = self._columns.get(name)
        if column is None:
            return None
        if column.is_counted:
            _merge(column)
        if not column.is_counted:
            return CountedColumn(column.filled, column.lengths, None)
        values = dict(_pairs(column.values[0]))
        lengths: dict[int, int] = {}
        for value, rows in values.items():
            lengths[len(value)] = lengths.get(len(value), 0) + rows
        return CountedColumn(column.filled, lengths, values)


def _count(column: _Column, text: TextColumn) -> None:
    """Count each value; where there are too many, only their lengths."""
    counted = _counted(text) if column.is_counted else None
    if counted is None:
        _give_up_values(column)
        _measure(column, text.values)
        return
    column.values.append(counted)
    # Not each time: what was counted before would be looked at again and again.
    if _is_more_than(2, column.values):
        _merge(column)


def _merge(column: _Column) -> None:
    grouped = pa.concat_tables(column.values).group_by("value", use_threads=False)
    column.values = [grouped.aggregate([("rows", "sum")]).rename_columns(["value", "rows"])]
    if _is_more_than(1, column.values):
        _give_up_values(column)


def _give_up_values(column: _Column) -> None:
    """What is left of them is their lengths."""
    for value, rows in chain.from_iterable(map(_pairs, column.values)):
        column.lengths[len(value)] = column.lengths.get(len(value), 0) + rows
    column.values.clear()
    column.is_counted = False


def _is_more_than(times: int, counted: Sequence[pa.Table]) -> bool:
    values: int = sum(each.num_rows for each in counted)
    size_bytes: int = sum(each.nbytes for each in counted)
    return values > times * MOST_VALUES or size_bytes > times * MOST_BYTES


def _counted(text: TextColumn) -> pa.Table | None:
    if text.different is None or text.which is None or len(text.different) > MOST_VALUES:
        return None
    found = text.which.drop_null().value_counts()
    # Values of this type are grouped twice as fast as large ones; those of a portion are never 2 GiB.
    values = text.different.take(found.field("values")).cast(pa.string())
    return pa.table({"value": values, "rows": found.field("counts")})


def _measure(column: _Column, values: pa.ChunkedArray) -> None:
    found = pc.utf8_length(values.drop_null()).value_counts()
    for length, rows in zip(
        found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True
    ):
        column.lengths[length] = column.lengths.get(length, 0) + rows


def _pairs(counted: pa.Table) -> Iterable[tuple[str, int]]:
    return zip(counted["value"].to_pylist(), counted["rows"].to_pylist(), strict=True)
