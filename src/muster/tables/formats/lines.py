"""Columns of text put side by side to lines, without a Python object for a single cell."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
_AT_ONCE = 500
"""Columns joined by one call: the kernel takes them as arguments."""


def texts_of(batch: pa.RecordBatch) -> list[pa.Array]:
    """Every column as text; null stays null."""
    return [column if column.type == TEXT else pc.cast(column, TEXT) for column in batch.columns]


def joined(pieces: Sequence[pa.Array | pa.Scalar], separator: str = "") -> pa.Array:
    """Row by row the pieces with the separator in between; null counts as empty."""
    between = pa.scalar(separator, TEXT)
    parts = [
        pc.binary_join_element_wise(
            *pieces[at : at + _AT_ONCE], between, null_handling="replace", null_replacement=""
        )
        for at in range(0, len(pieces), _AT_ONCE)
    ]
    return parts[0] if len(parts) == 1 else joined(parts, separator)


def concatenated(lines: pa.Array) -> bytes:
    """The bytes of all lines, one behind the other. lines: large_string without nulls."""
    if not len(lines):
        return b""
    offsets = pa.Array.from_buffers(
        pa.int64(), len(lines) + 1, [None, lines.buffers()[1]], offset=lines.offset
    )
    return bytes(memoryview(lines.buffers()[2])[offsets[0].as_py() : offsets[len(lines)].as_py()])
