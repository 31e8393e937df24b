"""Streams of batches cut where files want it, always at the same rows however the batches came.

So a step that runs twice writes the same bytes, whatever became of the batches in between.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.write import ROW_GROUP_ROWS

PART_ROWS: Final = 50 * ROW_GROUP_ROWS
_PART_BYTES: Final = 40 * 1024**2
"""Of values in one portion, about; they are held in memory twice while its file is made."""


def row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of the batches, ROW_GROUP_ROWS at a time and each column in one piece; the last may be shorter.

    schema: the names and types their columns get, in the order they come.
    """
    waiting: list[pa.Table] = []
    rows = 0
    for batch in batches:
        table = pa.table(batch.columns, names=schema.names).cast(schema)
        while rows + table.num_rows >= ROW_GROUP_ROWS:
            wanted = ROW_GROUP_ROWS - rows
            yield pa.concat_tables([*waiting, table.slice(0, wanted)]).combine_chunks()
            table = table.slice(wanted)
            waiting, rows = [], 0
        if table.num_rows:
            waiting.append(table)
            rows += table.num_rows
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def portions(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The same as whole row groups, as many as one file takes: at most PART_ROWS and some 40 MiB."""
    waiting: list[pa.Table] = []
    rows = size_bytes = 0
    for table in row_groups(batches, schema):
        waiting.append(table)
        rows += table.num_rows
        size_bytes += sum(map(_size_bytes, table.columns))
        if rows >= PART_ROWS or size_bytes >= _PART_BYTES:
            yield pa.concat_tables(waiting)
            waiting, rows, size_bytes = [], 0, 0
    if waiting:
        yield pa.concat_tables(waiting)


def _size_bytes(column: pa.ChunkedArray) -> int:
    """The same for the same values, unlike the buffers they lie in."""
    if pa.types.is_large_string(column.type):
        return int(pc.sum(pc.binary_length(column)).as_py() or 0)
    return int(len(column) * column.type.bit_width // 8)
