"""Histograms of numbers, dates and timestamps: at most 20 bins of equal width between the ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from muster.clock import rfc3339
from muster.tables.profile_model import BINS, Bin

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - twins are UTC without saying so
_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Range:
    """The ends of a column as plain numbers: the number itself, days, or microseconds since 1970.

    unit: `number`, `day` or `microsecond`.
    """

    unit: str
    low: float
    high: float

    @property
    def shown_low(self) -> float | str:
        return _shown(self.unit, self.low)

    @property
    def shown_high(self) -> float | str:
        return _shown(self.unit, self.high)

    @property
    def width(self) -> float:
        """Of one bin; whole days for days."""
        if self.unit == "day":
            return -(-(self.high - self.low + 1) // BINS)
        return (self.high - self.low) / BINS or 1.0

    @property
    def bins(self) -> int:
        return min(BINS, int((self.high - self.low) // self.width) + 1)


def range_of(low: Any, high: Any) -> Range | None:
    """The range between two values of a twin as the engine gives them; None for a type without order."""
    if isinstance(low, bool) or low is None:
        return None
    if isinstance(low, datetime):
        return Range(
            "microsecond",
            (low - _EPOCH) // timedelta(microseconds=1),
            (high - _EPOCH) // timedelta(microseconds=1),
        )
    if isinstance(low, date):
        return Range("day", (low - _DAY).days, (high - _DAY).days)
    return Range("number", float(low), float(high))


def bin_sql(typed: str, known: Range) -> str:
    """An expression that gives the number of the bin a value of this twin lies in, counted from 0."""
    value = {
        "number": typed,
        "day": f"date_diff('day', DATE '1970-01-01', {typed})",
        "microsecond": f"epoch_us({typed})",
    }[known.unit]
    # The twin is a float64 and so are these: repr gives them to the last bit.
    place = f"floor(({value} - {float(known.low)!r}::DOUBLE) / {float(known.width)!r}::DOUBLE)"
    return f"least({known.bins - 1}, greatest(0, {place}))::INTEGER"


def bins_of(known: Range, rows: Mapping[int, int]) -> tuple[Bin, ...]:
    """The bins with their ends as shown."""
    ends = [known.low + known.width * at for at in range(known.bins + 1)]
    if known.unit != "day":
        ends[-1] = max(known.high, ends[-2])
    return tuple(
        Bin(_shown(known.unit, ends[at]), _shown(known.unit, ends[at + 1]), rows.get(at, 0))
        for at in range(known.bins)
    )


def _shown(unit: str, value: float) -> float | str:
    if unit == "day":
        return (_DAY + timedelta(days=value)).isoformat()
    if unit == "microsecond":
        return rfc3339((_EPOCH + timedelta(microseconds=round(value))).replace(tzinfo=UTC))
    return int(value) if value.is_integer() else value
