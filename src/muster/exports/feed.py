"""Batches of the source, prepared and made into something, ahead of their use: reading, preparing and using overlap."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import pyarrow as pa

from muster.exports.prepare import Prepared, Preparer
from muster.exports.source import UPLOAD_ID, Place, Rows
from muster.tables.model import ROW_ID
from muster.uploads.build_ahead import Ahead

T = TypeVar("T")
_PREPARED_AHEAD: Final = 4
_MADE_AHEAD: Final = 16
"""Batches that may wait, some 2 MB each: enough to go on with while a portion is synced to disk and noted."""


@dataclass(frozen=True, slots=True)
class Fed(Generic[T]):
    """One batch. made: of what leaves of it; seen: rows of the source; place: of its last row."""

    prepared: Prepared
    made: T
    seen: int
    place: Place


class Feed(Generic[T]):
    """Goes through a source from a place on; `close` when done.

    at_once: the most rows of one batch, None: as the source gives them. make: called in a thread.
    """

    def __init__(
        self,
        rows: Rows,
        preparer: Preparer,
        make: Callable[[Prepared], T],
        *,
        after: Place | None,
        position: int,
        at_once: int | None = None,
    ) -> None:
        self.position = position
        self.place = after
        self._numbers = {upload_id: number for number, upload_id in enumerate(rows.upload_ids)}
        prepared = Ahead(
            self._prepared(rows, preparer, after, position, at_once), "export-rows", most=_PREPARED_AHEAD
        )
        self._ahead = Ahead(_made(prepared, make), "export-made", most=_MADE_AHEAD)
        self._prepared_ahead = prepared

    def next(self, meanwhile: Callable[[], None]) -> Fed[T] | None:
        """The next batch, None behind the last one. Raises what reading and making raise, and what `meanwhile` does."""
        fed = self._ahead.next(meanwhile)
        if fed is not None:
            self.position += fed.seen
            self.place = fed.place
        return fed

    def close(self) -> None:
        self._ahead.close()
        self._prepared_ahead.close()

    def _prepared(
        self, rows: Rows, preparer: Preparer, after: Place | None, position: int, at_once: int | None
    ) -> Iterator[tuple[Prepared, int, Place]]:
        for whole in rows.scan(preparer.source_columns, after):
            for batch in _slices(whole, at_once):
                yield preparer.prepare(batch, position), batch.num_rows, self._place(batch)
                position += batch.num_rows

    def _place(self, batch: pa.RecordBatch) -> Place:
        last = batch.num_rows - 1
        return self._numbers[batch.column(UPLOAD_ID)[last].as_py()], batch.column(ROW_ID)[last].as_py()


def _made(prepared: "Ahead[tuple[Prepared, int, Place]]", make: Callable[[Prepared], T]) -> Iterator[Fed[T]]:
    while (found := prepared.next(_nothing)) is not None:
        batch, seen, place = found
        yield Fed(batch, make(batch), seen, place)


def _nothing() -> None:
    """Whoever uses the feed is the one who waits."""


def _slices(batch: pa.RecordBatch, at_once: int | None) -> Iterator[pa.RecordBatch]:
    if at_once is None or batch.num_rows <= at_once:
        yield batch
        return
    for start in range(0, batch.num_rows, at_once):
        yield batch.slice(start, at_once)
