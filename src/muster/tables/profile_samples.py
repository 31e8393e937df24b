"""Which values of a nearly unique column are frequent: those that come more than once in a sample."""

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nsmallest

from muster.tables.model import ROW_ID
from muster.tables.profile_counts import CountedColumn
from muster.tables.profile_model import TOP_VALUES

_SAMPLED_ROWS = 100_000
_HELD_CHARACTERS = 32 * 1024 * 1024


def sampled_sql(name: str, filled: int) -> str:
    """A condition that holds for about 100,000 of the `filled` values of a column."""
    # By the hash of the row id: chosen like dice, yet the same rows every time.
    stride = max(1, filled // _SAMPLED_ROWS)
    return f"{name} IS NOT NULL AND hash({ROW_ID}) % {stride} = 0"


def held_samples(known: Mapping[str, CountedColumn], names: Sequence[str]) -> list[str]:
    """Those of the columns whose samples, all together, are short enough to be held in memory.

    They are taken in the scan that counts different values, where they cost nothing.
    """
    held, characters = [], 0
    for name in names:
        column = known.get(name)
        if column is None or not column.filled:
            continue
        whole = sum(length * rows for length, rows in column.lengths.items())
        characters += whole // max(1, column.filled // _SAMPLED_ROWS)
        if characters > _HELD_CHARACTERS:
            break
        held.append(name)
    return held


def often_sampled(sample: Sequence[str]) -> list[str]:
    """The most frequent values of those that come more than once, as the engine would order them."""
    often = ((value, rows) for value, rows in Counter(sample).items() if rows > 1)
    return [value for value, _ in nsmallest(TOP_VALUES, often, key=lambda pair: (-pair[1], pair[0]))]
