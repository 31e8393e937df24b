"""What a profile says about a table and its columns; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from muster.tables.model import ColumnType

TOP_VALUES = 10
BINS = 20
SHOWN_CHARACTERS = 200
"""Longer values are cut in a profile."""


@dataclass(frozen=True, slots=True)
class TopValue:
    """A frequent value and in how many rows it stands."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose value lies from low up to high (exclusive; inclusive in the last bin of numbers and timestamps).

    Numbers for numbers and lengths, RFC 3339 text for dates and timestamps.
    """

    low: float | str
    high: float | str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. filled + empty = rows of the table.

    distinct: different values; about, unless distinct_exact, and never more than `filled`.
    top: the most frequent values, the most frequent first, with exact counts. Unless top_exact another value
        may belong among them: the column has too many different ones to count each.
    minimum, maximum: of numbers, dates and timestamps; None for other types.
    length_*: characters of the values as text; None in an empty column. lengths: how they spread, for text.
    kinds: how many values of each kind were sent (text, number, null ...); empty when they were not told apart.
    rows_with_issues: rows a rule warned about or fixed in this column.
    """

    name: str
    physical: str
    type: ColumnType
    filled: int
    empty: int
    distinct: int
    distinct_exact: bool
    top: tuple[TopValue, ...]
    top_exact: bool
    minimum: float | str | None = None
    maximum: float | str | None = None
    histogram: tuple[Bin, ...] = ()
    length_min: int | None = None
    length_max: int | None = None
    length_mean: float | None = None
    lengths: tuple[Bin, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    rows_with_issues: int = 0

    @property
    def invalid_share(self) -> float:
        """Of the filled values, how many have an issue; 0 to 1."""
        return min(1.0, self.rows_with_issues / self.filled) if self.filled else 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """rows: visible rows of the version it was made from."""

    rows: int
    columns: tuple[ColumnProfile, ...]


def binned(counts: Mapping[int, int]) -> tuple[Bin, ...]:
    """At most BINS bins of equal width over whole numbers and how often each occurs."""
    if not counts:
        return ()
    low, high = min(counts), max(counts)
    width = max(1, -(-(high - low + 1) // BINS))
    rows: dict[int, int] = {}
    for value, count in counts.items():
        rows[(value - low) // width] = rows.get((value - low) // width, 0) + count
    return tuple(
        Bin(low + width * at, low + width * (at + 1), rows.get(at, 0))
        for at in range((high - low) // width + 1)
    )
