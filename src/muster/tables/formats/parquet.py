"""Parquet, written while it is sent."""

import io
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

_ROW_GROUP_ROWS: Final = 64 * 1024


class _Sink(io.RawIOBase):
    """Takes what is written, until it is drained."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def drain(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def write(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """zstd, row groups of about 64 Ki rows."""
    sink = _Sink()
    writer = pq.ParquetWriter(sink, schema, compression="zstd", write_page_index=True)
    try:
        for batch in batches:
            writer.write_batch(batch, row_group_size=_ROW_GROUP_ROWS)
            if piece := sink.drain():
                yield piece
    finally:
        writer.close()
    yield sink.drain()
