"""Write the overlay of one column: the edited values of before, with the new ones on top."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.errors import StorageFull
from muster.objects.keys import table_file
from muster.predicates.readings import read_boolean, read_number
from muster.tables.grammar import DATE, NUMBER, TIMESTAMP
from muster.tables.layout import Layout, overlay_fields, twin_type
from muster.tables.model import ROW_ID, Column, ColumnType, Overlay
from muster.tables.reading import ReadingRoom, whole
from muster.tables.room import TablesRoom
from muster.tables.types import typed_twin
from muster.tables.write import ROW_GROUP_ROWS

MAX_WRITE_SECONDS = 300.0

_CHUNK_BYTES = 1024 * 1024
_PATTERNS = {
    ColumnType.INTEGER: NUMBER,
    ColumnType.NUMBER: NUMBER,
    ColumnType.DATE: DATE,
    ColumnType.TIMESTAMP: TIMESTAMP,
}
"""Types whose texts many are read at once, and the form these have."""

Text = str | None


def cells_table(column: Column, values: Mapping[int, Text]) -> pa.Table:
    """New values by row id as the columns of an overlay."""
    row_ids = sorted(values)
    texts = [values[row_id] for row_id in row_ids]
    arrays = [pa.array(row_ids, pa.int64()), pa.array(texts, pa.large_string())]
    if column.typed is not None:
        twins = {text: _twin(column, text) for text in set(texts)}
        arrays.append(pa.array([twins[text] for text in texts], twin_type(column)))
    arrays.append(pa.nulls(len(row_ids), pa.int64()))
    return pa.table(arrays, schema=overlay_schema(column))


def write_cells(
    reading: ReadingRoom, shape: Layout, made_by: str, column: Column, values: Mapping[int, Text]
) -> Overlay:
    """The overlay of a column after single cells were edited."""
    tables = {"changed": cells_table(column, values)}
    return _write(reading, shape, made_by, column, "SELECT * FROM changed", tables)


def write_filled(
    reading: ReadingRoom, shape: Layout, made_by: str, column: Column, row_ids: pa.Array, value: Text
) -> Overlay:
    """The overlay of a column after all these rows got the same value. row_ids: sorted."""
    one = cells_table(column, {0: value}).drop_columns([ROW_ID])
    tables = {"matched": pa.table({ROW_ID: row_ids}), "one": one}
    changed = f"SELECT matched.{ROW_ID}::BIGINT AS {ROW_ID}, one.* FROM matched, one"  # noqa: S608
    return _write(reading, shape, made_by, column, changed, tables)


def write_texts(
    reading: ReadingRoom, shape: Layout, made_by: str, column: Column, row_ids: pa.Array, texts: pa.Array
) -> Overlay:
    """The overlay of a column after cells got texts of their own. row_ids: each once; texts: large_string."""
    tables = {"changed": pa.Table.from_batches([texts_batch(column, row_ids, texts, None)])}
    return _write(reading, shape, made_by, column, "SELECT * FROM changed", tables)


def texts_batch(column: Column, row_ids: pa.Array, texts: pa.Array, run: int | None) -> pa.RecordBatch:
    """New texts (large_string) by row id (int64) as the columns of an overlay. run: None for what people edited."""
    twins = [] if column.typed is None else [_twins(column, texts)]
    runs = pa.repeat(pa.scalar(run, pa.int64()), len(row_ids))
    return pa.RecordBatch.from_arrays([row_ids, texts, *twins, runs], schema=overlay_schema(column))


def _write(
    reading: ReadingRoom,
    shape: Layout,
    made_by: str,
    column: Column,
    changed: str,
    tables: dict[str, pa.Table],
) -> Overlay:
    before = shape.overlays.get(column.physical)
    if before is not None:
        tables["old"] = whole(reading, before).table
        # What is new wins; what was edited before and not now stays.
        changed = (
            f"WITH new AS ({changed}) SELECT * FROM new UNION ALL BY NAME "  # noqa: S608
            f"SELECT old.* FROM old ANTI JOIN new ON new.{ROW_ID} = old.{ROW_ID}"
        )
    names = ", ".join(name for name, _ in overlay_fields(column))
    sql = f"SELECT {names} FROM ({changed}) ORDER BY {ROW_ID}"  # noqa: S608
    key = table_file(shape.manifest.table_id, made_by, f"{column.physical}.parquet")
    with reading.queries.stream(sql, tables, seconds=MAX_WRITE_SECONDS) as batches:
        return store_overlay(reading.tables, key, column, batches)


def store_overlay(room: TablesRoom, key: str, column: Column, batches: Iterable[pa.RecordBatch]) -> Overlay:
    """Store an overlay, sorted as it comes. batches: with the columns of `overlay_schema`.

    Raises StorageFull, Unavailable.
    """
    with _scratch_file(room) as path:
        rows = _write_file(path, overlay_schema(column), batches)
        room.objects.put(key, _chunks(path))
    return Overlay(column.physical, key, rows)


def _write_file(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    rows = 0
    try:
        with pq.ParquetWriter(path, schema, compression="lz4", write_page_index=True) as writer:
            for batch in batches:
                writer.write_batch(batch.cast(schema), row_group_size=ROW_GROUP_ROWS)
                rows += batch.num_rows
    except OSError as error:
        raise StorageFull("There is no room on the disk to write this edit. Free some space.") from error
    return rows


@contextmanager
def _scratch_file(room: TablesRoom) -> Iterator[Path]:
    directory = room.engine.scratch
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"edit-{secrets.token_hex(8)}.parquet"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def overlay_schema(column: Column) -> pa.Schema:
    """The schema of an overlay's file."""
    return pa.schema([pa.field(name, kind) for name, kind in overlay_fields(column)])


def _twin(column: Column, text: Text) -> object:
    """What filters and sorting read in an edited cell; None when the text is none of the column's type."""
    if text is None:
        return None
    match column.type:
        case ColumnType.INTEGER | ColumnType.NUMBER:
            return read_number(text)
        case ColumnType.BOOLEAN:
            return read_boolean(text)
    _, twin = typed_twin(pa.chunked_array([[text]], pa.large_string()), [column.type])
    return None if twin is None else twin[0].as_py()


def _twins(column: Column, texts: pa.Array) -> pa.Array:
    """`_twin` of each text; numbers, dates and times are read many at once."""
    encoded = texts.dictionary_encode()
    values = encoded.dictionary
    pattern = _PATTERNS.get(column.type)
    if pattern is None:
        twins = pa.array([_twin(column, text) for text in values.to_pylist()], twin_type(column))
        return twins.take(encoded.indices)
    fits = pc.match_substring_regex(values, rf"\A(?:{pattern})\z")
    fitting = values.filter(fits)
    pieces = [_numbers(fitting)] if pattern is NUMBER else _dates(column, fitting)
    read = pa.concat_arrays([pa.array([], twin_type(column)), *pieces])
    places = pc.if_else(fits, pc.subtract(pc.cumulative_sum(fits.cast(pa.int64())), 1), None)
    return read.take(places).take(encoded.indices)


def _numbers(texts: pa.Array) -> pa.Array:
    """Texts of numbers as numbers."""
    try:
        return pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:  # beyond the range of a float
        return pa.array([read_number(text) for text in texts.to_pylist()], pa.float64())


def _dates(column: Column, texts: pa.Array) -> Iterator[pa.Array]:
    """Texts of the right form as dates or times, null for days the calendar has not; by halves, as few have none."""
    if not len(texts):
        return
    _, twin = typed_twin(pa.chunked_array([texts]), [column.type])
    if twin is not None:
        yield from twin.cast(twin_type(column)).chunks
    elif len(texts) == 1:
        yield pa.nulls(1, twin_type(column))
    else:
        half = len(texts) // 2
        yield from _dates(column, texts.slice(0, half))
        yield from _dates(column, texts.slice(half))


def replaced(overlays: Sequence[Overlay], new: Iterable[Overlay]) -> tuple[Overlay, ...]:
    """The overlays of a version with those of some columns exchanged, in order of columns."""
    by_column = {overlay.column: overlay for overlay in (*overlays, *new)}
    return tuple(by_column[name] for name in sorted(by_column))
