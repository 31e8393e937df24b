"""Batches handed to a destination: refused ones are split until the bad rows stand alone, all others get through."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from muster.errors import OutsideError
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    Operation,
    Receipt,
    Refusal,
    RowDestination,
)

MAX_SPLITS: Final = 200
"""Deliveries one refused batch may cost. A batch that is bad all through would else be sent row by row."""
_TRIES: Final = 3
"""Of one delivery when nobody answers, before the whole portion waits; the job's own retries come behind."""
_FIRST_WAIT_SECONDS: Final = 0.5


@dataclass(slots=True)
class Splitting:
    """How many more deliveries the batch at hand may cost."""

    left: int = MAX_SPLITS
    refused: dict[int, Refusal] = field(default_factory=dict)


def deliver(
    destination: RowDestination, batch: Batch, call: Call, wait: Callable[[float], None] = time.sleep
) -> dict[int, Refusal]:
    """Hand over a batch; returns the rows (by their place in it) that were refused, and why.

    wait: rests between two tries, and raises when the job is to stop. Raises Unavailable and other OutsideErrors when
    nobody answered after some tries, and whatever the destination says holds for every row.
    """
    splitting = Splitting()
    _deliver(destination, batch, list(range(batch.rows.num_rows)), call, splitting, wait)
    return splitting.refused


def _deliver(
    destination: RowDestination,
    batch: Batch,
    places: list[int],
    call: Call,
    splitting: Splitting,
    wait: Callable[[float], None],
) -> None:
    """places: of the batch's rows in the one that was to be delivered at first."""
    splitting.left -= 1
    try:
        receipt = _tried(destination, batch, call, wait)
    except BatchRefused as refused:
        for part, inside in _parts(batch, places, refused, splitting):
            _deliver(destination, part, inside, call, splitting, wait)
        return
    for row, refusal in receipt.refused.items():
        splitting.refused[places[row]] = refusal


def _parts(
    batch: Batch, places: list[int], refused: BatchRefused, splitting: Splitting
) -> Iterator[tuple[Batch, list[int]]]:
    """What is tried next of a refused batch: all but the rows that are named, or its halves; nothing of one row."""
    rows = batch.rows.num_rows
    named = {row for row in refused.rows if 0 <= row < rows}
    if named:
        for row in named:
            splitting.refused[places[row]] = refused.refusal
        others = [row for row in range(rows) if row not in named]
        if others and splitting.left > 0:
            rest = batch.rows.take(pa.array(others, pa.int64()))
            yield Batch(f"{batch.id}-r", batch.operation, rest), [places[row] for row in others]
        elif others:
            _give_up(others, places, splitting)
        return
    if rows == 1 or splitting.left < 2:
        for row in range(rows):
            splitting.refused[places[row]] = refused.refusal
        return
    half = rows // 2
    for name, start, stop in (("a", 0, half), ("b", half, rows)):
        if splitting.left <= 0:
            _give_up(range(start, stop), places, splitting, refused.refusal)
            continue
        part = Batch(f"{batch.id}-{name}", batch.operation, batch.rows.slice(start, stop - start))
        yield part, places[start:stop]


def _give_up(
    rows: "range | list[int]", places: list[int], splitting: Splitting, refusal: Refusal | None = None
) -> None:
    """These rows were not tried by themselves: too many of their batch are refused."""
    why = refusal or Refusal(
        "batch_refused",
        "The destination refused the batch this row was in, and too much of it to find out why.",
    )
    for row in rows:
        splitting.refused[places[row]] = why


def _tried(destination: RowDestination, batch: Batch, call: Call, wait: Callable[[float], None]) -> Receipt:
    seconds = _FIRST_WAIT_SECONDS
    for attempt in range(_TRIES):
        try:
            return destination.deliver(batch, call)
        except OutsideError as error:
            if attempt == _TRIES - 1:
                raise
            wait(min(max(seconds, float(error.retry_after_seconds or 0)), 30.0))
            seconds *= 2
    raise AssertionError("unreachable")


def batch_id(export_id: str, operation: Operation, first: int) -> str:
    """Names a batch by what it begins with: the same whenever the same rows are sent again."""
    return f"{export_id}-{operation.value[0]}{first}"
