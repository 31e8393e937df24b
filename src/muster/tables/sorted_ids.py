"""Look a row id up in a sorted column of row ids, without hashing it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import pyarrow as pa


class SortedIds:
    """A sorted int64 column without nulls, in any number of chunks."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        chunks = [chunk for chunk in column.chunks if len(chunk)]
        self._chunks: list[Sequence[int]] = [_values(chunk) for chunk in chunks]
        self._last = [chunk[-1] for chunk in self._chunks]
        self._starts = [0]
        for chunk in self._chunks:
            self._starts.append(self._starts[-1] + len(chunk))

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, at: int) -> int:
        chunk = bisect_right(self._starts, at) - 1
        return self._chunks[chunk][at - self._starts[chunk]]

    def first_at(self, row_id: int) -> int:
        """The position of the first id that is not smaller; the length when all are."""
        chunk = bisect_left(self._last, row_id)
        if chunk == len(self._chunks):
            return self._starts[-1]
        return self._starts[chunk] + bisect_left(self._chunks[chunk], row_id)

    def find(self, row_id: int) -> int | None:
        """The position of the id, None when it is not there."""
        at = self.first_at(row_id)
        return at if at < len(self) and self[at] == row_id else None


def _values(chunk: pa.Array) -> Sequence[int]:
    data = chunk.cast(pa.int64()).buffers()[1]
    # A view on the mapped bytes: only the pages a search touches are read.
    return memoryview(data).cast("B").cast("q")[chunk.offset : chunk.offset + len(chunk)]
