"""Write the edited values of one column: those of before, with the new ones on top."""

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
from muster.tables.grammar import DATE, TIMESTAMP
from muster.tables.layout import Layout, overlay_fields, twin_type
from muster.tables.model import ROW_ID, Column, ColumnType, Overlay
from muster.tables.reading import ReadingRoom, whole
from muster.tables.types import typed_twin
from muster.tables.write import ROW_GROUP_ROWS

MAX_WRITE_SECONDS = 300.0

_CHUNK_BYTES = 1024 * 1024

Text = str | None


def cells_table(column: Column, values: Mapping[int, Text]) -> pa.Table:
    """New values by row id as the columns of an overlay."""
    row_ids = sorted(values)
    texts = [values[row_id] for row_id in row_ids]
    arrays = [pa.array(row_ids, pa.int64()), pa.array(texts, pa.large_string())]
    if column.typed is not None:
        twins = {text: _twin(column, text) for text in set(texts)}
        arrays.append(pa.array([twins[text] for text in texts], twin_type(column)))
    return pa.table(arrays, schema=_schema(column))


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
    arrays = [row_ids, texts]
    if column.typed is not None:
        arrays.append(_twins(column, texts))
    tables = {"changed": pa.table(arrays, schema=_schema(column))}
    return _write(reading, shape, made_by, column, "SELECT * FROM changed", tables)


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
    with (
        _scratch_file(reading) as path,
        reading.queries.stream(sql, tables, seconds=MAX_WRITE_SECONDS) as batches,
    ):
        rows = _write_file(path, _schema(column), batches)
        reading.tables.objects.put(key, _chunks(path))
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
def _scratch_file(reading: ReadingRoom) -> Iterator[Path]:
    directory = reading.tables.engine.scratch
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


def _schema(column: Column) -> pa.Schema:
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
    """`_twin` of each text; those that have the form of a date or time are read many at once."""
    encoded = texts.dictionary_encode()
    values = encoded.dictionary
    pattern = {ColumnType.DATE: DATE, ColumnType.TIMESTAMP: TIMESTAMP}.get(column.type)
    if pattern is None:
        twins = pa.array([_twin(column, text) for text in values.to_pylist()], twin_type(column))
        return twins.take(encoded.indices)
    fits = pc.match_substring_regex(values, rf"\A(?:{pattern})\z")
    read = pa.concat_arrays([pa.array([], twin_type(column)), *_dates(column, values.filter(fits))])
    places = pc.if_else(fits, pc.subtract(pc.cumulative_sum(fits.cast(pa.int64())), 1), None)
    return read.take(places).take(encoded.indices)


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
