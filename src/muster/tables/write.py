"""Write the files of a table. The same rows always give the same bytes, so a step may run twice."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.objects.keys import table_file, table_note
from muster.objects.store import read_whole
from muster.tables.coded import TextColumn, coded
from muster.tables.columns import TWIN_SUFFIX, ColumnFacts, ColumnState, with_kinds
from muster.tables.model import ROW_ID, ROW_NUMBER, ColumnType, Part, TableId
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


@dataclass(frozen=True, slots=True)
class ExaminedPart:
    """One portion whose types are known. table: as its file will be, twins included; texts: by physical name.

    state: what is known about columns after it.
    """

    first_row_id: int
    table: pa.Table
    texts: Mapping[str, TextColumn]
    state: ColumnState


@dataclass(frozen=True, slots=True)
class EncodedPart:
    """One portion as it will be stored. content: its Parquet file, None when it has no rows.

    columns: of the file, behind `_row_id`. state: what is known about columns after it.
    """

    first_row_id: int
    rows: int
    content: pa.Buffer | None
    columns: tuple[str, ...]
    state: ColumnState


def examine_part(
    first_row_id: int,
    table: pa.Table,
    rows: pa.Array,
    state: ColumnState,
    *,
    kinds: Mapping[str, Mapping[str, int]] | None = None,
    decimal_comma: bool = False,
) -> ExaminedPart:
    """Find the types of one portion: the only work on it that needs what the portion before it gave.

    first_row_id: rows in the portions before it. table: text columns by display name; rows: int64, where each
    row stood in what was sent. state: what the portion before gave, `ColumnState()` for the first one.
    kinds: by display name, how many values of each kind were sent.
    decimal_comma: numbers are written `1.234,56`; only their typed twins are read that way.
    """
    state = state.named(table.column_names)
    facts = {column.name: column for column in state.columns}
    arrays = [pa.arange(first_row_id, first_row_id + table.num_rows), rows]
    names = [ROW_ID, ROW_NUMBER]
    changed = {}
    texts = {}

    def examined(name: str) -> tuple[TextColumn, ColumnFacts, pa.ChunkedArray | None]:
        text = coded(_as_text(table.column(name)))
        return text, *_examined(facts[name], text, decimal_comma)

    # Two threads, though there is other work for them: this is what the portions behind wait for.
    with ThreadPoolExecutor(2) as beside:
        for name, (text, known, twin) in zip(
            table.column_names, beside.map(examined, table.column_names), strict=True
        ):
            changed[name] = with_kinds(known, (kinds or {}).get(name, {}))
            texts[known.physical] = text
            arrays.append(text.values)
            names.append(known.physical)
            if twin is not None:
                arrays.append(twin)
                names.append(f"{known.physical}_{TWIN_SUFFIX[known.candidates[0]]}")
    return ExaminedPart(first_row_id, pa.table(arrays, names=names), texts, state.updated(changed))


def encode_part(examined: ExaminedPart) -> EncodedPart:
    """Make the Parquet file of one portion, in memory: work for processors, done ahead of what is stored."""
    table = examined.table
    content = _encoded(table) if table.num_rows else None
    return EncodedPart(
        examined.first_row_id, table.num_rows, content, tuple(table.column_names[1:]), examined.state
    )


def store_part(
    room: TablesRoom, table_id: TableId, made_by: str, number: int, encoded: EncodedPart
) -> WrittenPart:
    """Store portion `number` (from 0) as a file of group 0. Raises StorageFull, Unavailable.

    Until it is noted (`note_part`) nobody knows of the file, and it may be stored again.
    """
    part = None
    if encoded.content is not None:
        key = table_file(table_id, made_by, f"g0/part-{number:05d}.parquet")
        written = _stored(room, key, encoded.rows, encoded.content)
        part = Part(
            key, encoded.first_row_id, encoded.rows, written.size_bytes, written.sha256, encoded.columns
        )
    return WrittenPart(number, part, encoded.state)


def note_part(room: TablesRoom, table_id: TableId, made_by: str, written: WrittenPart) -> None:
    """Keep beside the file what is known after it, for `load_part`. Raises StorageFull, Unavailable."""
    room.objects.put(table_note(table_id, made_by, written.number), [msgspec.json.encode(written)])


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
) -> WrittenPart:
    """Examine, encode, store and note a portion at once. Raises StorageFull, Unavailable."""
    examined = examine_part(first_row_id, table, rows, state, kinds=kinds, decimal_comma=decimal_comma)
    written = store_part(room, table_id, made_by, number, encode_part(examined))
    note_part(room, table_id, made_by, written)
    return written


def load_part(room: TablesRoom, table_id: TableId, made_by: str, number: int) -> WrittenPart:
    """What `write_part` returned for this portion. Raises NotFound.

    Names of columns may be personal data (a file without a header row), so they lie with the table and not
    in what a job remembers of its steps.
    """
    stored = read_whole(room.objects, table_note(table_id, made_by, number))
    return msgspec.json.decode(stored, type=WrittenPart)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type == pa.large_string() else pc.cast(column, pa.large_string())


def _examined(
    facts: ColumnFacts, text: TextColumn, decimal_comma: bool
) -> tuple[ColumnFacts, pa.ChunkedArray | None]:
    filled = facts.filled + len(text.values) - text.values.null_count
    left: Sequence[ColumnType] = facts.candidates
    twin = None
    if left and text.different is None:
        left, twin = typed_twin(text.values, left, decimal_comma=decimal_comma)
    elif left:
        left, twin = typed_twin(pa.chunked_array([text.different]), left, decimal_comma=decimal_comma)
        twin = None if twin is None else twin.take(text.which)
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
    return _stored(room, key, table.num_rows, _encoded(table))


def _encoded(table: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    counted = [name for name in (ROW_ID, ROW_NUMBER) if name in table.column_names]
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="lz4",
        write_page_index=True,
        write_statistics=[name for name in table.column_names if _is_told_apart(table[name])],
        use_dictionary=[name for name in table.column_names if name not in counted and _repeats(table[name])],
        column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
    ) as writer:
        writer.write_table(table, row_group_size=ROW_GROUP_ROWS)
    return sink.getvalue()


def _stored(room: TablesRoom, key: str, rows: int, content: pa.Buffer) -> WrittenFile:
    sha256 = hashlib.sha256(content).hexdigest()
    return WrittenFile(key, rows, room.objects.put(key, [memoryview(content)]), sha256)


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether values come often enough for a dictionary; for nearly unique ones it only costs time."""
    sample = column.slice(0, _SAMPLE)
    return bool(2 * pc.count_distinct(sample).as_py() <= len(sample))


def _is_told_apart(column: pa.ChunkedArray) -> bool:
    """Whether least and greatest values of row groups can tell where to look; of text, only if it is sorted.

    Else they are nearly the same for all, and to find them takes a quarter of the time of encoding.
    """
    if column.type != pa.large_string():
        return True
    # One by one: to take them from a column in pieces copies all of it first.
    found = (column[at].as_py() for at in range(0, len(column), ROW_GROUP_ROWS))
    firsts = [value for value in found if value is not None]
    return firsts in (sorted(firsts), sorted(firsts, reverse=True))
