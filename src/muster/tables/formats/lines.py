"""Columns of text put side by side to lines, without a Python object for a single cell."""

from collections.abc import Iterator, Sequence

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


def joined_lines(texts: Sequence[pa.Array], separator: str, ending: str) -> pa.Array:
    """Row by row the texts with the separator in between and the ending behind; null counts as empty."""
    if len(texts) > _AT_ONCE:
        return joined([joined(texts, separator), pa.scalar(ending, TEXT)])
    last = pc.binary_join_element_wise(
        texts[-1], pa.scalar(ending, TEXT), pa.scalar("", TEXT), null_handling="replace", null_replacement=""
    )
    return last if len(texts) == 1 else joined([*texts[:-1], last], separator)


def concatenated(lines: pa.Array) -> bytes:
    """The bytes of all lines, one behind the other. lines: large_string without nulls."""
    return bytes(_content(lines))


def has_any(texts: pa.Array, patterns: Sequence[bytes]) -> bool:
    """Whether any of these stands anywhere in the column. texts: large_string."""
    return next(_present(texts, patterns), None) is not None


def present(texts: pa.Array, patterns: Sequence[bytes]) -> list[bytes]:
    """Those of the patterns that stand anywhere in the column. texts: large_string."""
    return list(_present(texts, patterns))


def _present(texts: pa.Array, patterns: Sequence[bytes]) -> Iterator[bytes]:
    content = bytes(_content(texts))
    return (pattern for pattern in patterns if pattern in content)


def _content(texts: pa.Array) -> memoryview:
    """The bytes of all values, one behind the other."""
    _, starts, content = texts.buffers()
    if not len(texts) or content is None:
        return memoryview(b"")
    offsets = pa.Array.from_buffers(pa.int64(), len(texts) + 1, [None, starts], offset=texts.offset)
    return memoryview(content)[offsets[0].as_py() : offsets[len(texts)].as_py()]
