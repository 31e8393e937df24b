"""Values of columns counted while their rows are written, so that a profile need not read them again; in memory.

Only a saving: whoever has no counts, after a crash for instance, gets the same profile from the files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
    values: pa.Table | None = None
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
            if column.is_counted:
                column.is_counted = _count(column, text)
            if not column.is_counted:
                _measure(column, text.values)
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
        if not column.is_counted:
            return CountedColumn(column.filled, column.lengths, None)
        values = {} if column.values is None else dict(_pairs(column.values))
        lengths: dict[int, int] = {}
        for value, rows in values.items():
            lengths[len(value)] = lengths.get(len(value), 0) + rows
        return CountedColumn(column.filled, lengths, values)


def _count(column: _Column, text: TextColumn) -> bool:
    """Count each value; False when there are too many, and then only lengths are left of those before."""
    counted = _counted(column.values, text)
    if counted is not None and counted.num_rows <= MOST_VALUES and counted.nbytes <= MOST_BYTES:
        column.values = counted
        return True
    if column.values is not None:
        for value, rows in _pairs(column.values):
            column.lengths[len(value)] = column.lengths.get(len(value), 0) + rows
        column.values = None
    return False


def _counted(before: pa.Table | None, text: TextColumn) -> pa.Table | None:
    if text.different is None or text.which is None or len(text.different) > MOST_VALUES:
        return None
    found = text.which.drop_null().value_counts()
    added = pa.table({"value": text.different.take(found.field("values")), "rows": found.field("counts")})
    if before is None:
        return added
    both = pa.concat_tables([before, added]).group_by("value", use_threads=False)
    return both.aggregate([("rows", "sum")]).rename_columns(["value", "rows"])


def _measure(column: _Column, values: pa.ChunkedArray) -> None:
    found = pc.utf8_length(values.drop_null()).value_counts()
    for length, rows in zip(
        found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True
    ):
        column.lengths[length] = column.lengths.get(length, 0) + rows


def _pairs(counted: pa.Table) -> Iterable[tuple[str, int]]:
    return zip(counted["value"].to_pylist(), counted["rows"].to_pylist(), strict=True)
