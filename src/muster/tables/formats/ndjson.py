"""JSON objects: one a line, or joined by commas for an array."""

from collections.abc import Iterable, Iterator

import msgspec
import pyarrow as pa

_encode = msgspec.json.Encoder().encode_lines
_AT_ONCE = 4096


def write(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """One object a line, with every column in order; text stays text, whatever it looks like, and null null."""
    names = schema.names
    for batch in batches:
        for start in range(0, batch.num_rows, _AT_ONCE):
            columns = [column.to_pylist() for column in batch.slice(start, _AT_ONCE).columns]
            yield _encode([dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)])


def elements(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """The same objects as the inside of a JSON array."""
    between = b""
    for lines in write(schema, batches):
        # JSON has no raw line break inside a string, so each one ends an object.
        yield between + lines[:-1].replace(b"\n", b",")
        between = b","
