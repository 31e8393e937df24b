"""Write the files of a table. The same rows always give the same bytes, so a step may run twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.objects.keys import table_file
from muster.objects.store import read_whole
from muster.tables.columns import TWIN_SUFFIX, ColumnFacts, ColumnState, with_kinds
from muster.tables.model import ROW_ID, ROW_NUMBER, ColumnType, Part, TableId
from muster.tables.profile_counts import ValueCounts
from muster.tables.room import TablesRoom
from muster.tables.types import typed_twin

ROW_GROUP_ROWS = 20_480
_SAMPLE = 2_048


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """One portion as written. part: None when it had no rows. state: what is known about columns after it."""

    number: int
    part: Part | None
    state: ColumnState


def write_part(
    room: TablesRoom,
    table_id: TableId,
    made_by: str,
    number: int,
    first_row_id: int,
    table: pa.Table,
    rows: pa.Array,
    state: ColumnState,
    *,
    kinds: Mapping[str, Mapping[str, int]] | None = None,
    decimal_comma: bool = False,
    counts: ValueCounts | None = None,
) -> WrittenPart:
    """Write one portion as a Parquet file of group 0, and beside it what is known after it (`load_part`).

    number: of the portion, from 0; first_row_id: rows in the portions before it.
    table: text columns by display name; rows: int64, where each row stood in what was sent.
    state: what the portion before gave, `ColumnState()` for the first one.
    kinds: by display name, how many values of each kind were sent.
    decimal_comma: numbers are written `1.234,56`; only their typed twins are read that way.
    counts: counts the values of these rows too, once they are written.
    Raises StorageFull, Unavailable.
    """
    state = state.named(table.column_names)
    facts = {column.name: column for column in state.columns}
    arrays = [pa.arange(first_row_id, first_row_id + table.num_rows), rows]
    names = [ROW_ID, ROW_NUMBER]
    changed = {}
    texts = {}
    for name in table.column_names:
        column = _as_text(table.column(name))
        known, twin = _examined(facts[name], column, decimal_comma)
        changed[name] = with_kinds(known, (kinds or {}).get(name, {}))
        texts[known.physical] = column
        arrays.append(column)
        names.append(known.physical)
        if twin is not None:
            arrays.append(twin)
            names.append(f"{known.physical}_{TWIN_SUFFIX[known.candidates[0]]}")
    state = state.updated(changed)
    part = None
    if table.num_rows:
        key = table_file(table_id, made_by, f"g0/part-{number:05d}.parquet")
        written = write_parquet(room, key, pa.table(arrays, names=names))
        part = Part(key, first_row_id, table.num_rows, written.size_bytes, written.sha256, tuple(names[1:]))
    whole = WrittenPart(number, part, state)
    room.objects.put(_note_key(table_id, made_by, number), [msgspec.json.encode(whole)])
    if counts is not None:
        counts.add(texts, table.num_rows)
    return whole


def load_part(room: TablesRoom, table_id: TableId, made_by: str, number: int) -> WrittenPart:
    """What `write_part` returned for this portion. Raises NotFound.

    Names of columns may be personal data (a file without a header row), so they lie with the table and not
    in what a job remembers of its steps.
    """
    stored = read_whole(room.objects, _note_key(table_id, made_by, number))
    return msgspec.json.decode(stored, type=WrittenPart)


def _note_key(table_id: TableId, made_by: str, number: int) -> str:
    return table_file(table_id, made_by, f"notes/part-{number:05d}.json")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type == pa.large_string() else pc.cast(column, pa.large_string())


def _examined(
    facts: ColumnFacts, column: pa.ChunkedArray, decimal_comma: bool
) -> tuple[ColumnFacts, pa.ChunkedArray | None]:
    filled = facts.filled + len(column) - column.null_count
    left: Sequence[ColumnType] = facts.candidates
    twin = None
    if left:
        left, twin = typed_twin(column, left, decimal_comma=decimal_comma)
    return replace(facts, filled=filled, candidates=tuple(left)), twin


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A Parquet file as it lies in the object store."""

    key: str
    rows: int
    size_bytes: int
    sha256: str


def write_parquet(room: TablesRoom, key: str, table: pa.Table) -> WrittenFile:
    """Store a table of bounded size as Parquet: lz4, small row groups, statistics and page index.

    Raises StorageFull, Unavailable.
    """
    sink = pa.BufferOutputStream()
    counted = [name for name in (ROW_ID, ROW_NUMBER) if name in table.column_names]
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="lz4",
        write_page_index=True,
        use_dictionary=[name for name in table.column_names if name not in counted and _repeats(table[name])],
        column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
    ) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
    content = sink.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    return WrittenFile(key, table.num_rows, room.objects.put(key, [memoryview(content)]), sha256)


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether values come often enough for a dictionary; for nearly unique ones it only costs time."""
    sample = column.slice(0, _SAMPLE)
    return bool(2 * pc.count_distinct(sample).as_py() <= len(sample))
