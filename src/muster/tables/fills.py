"""Fill cells of columns that are there already: the found values become the column's overlay, beneath later edits."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from muster.objects.keys import table_file
from muster.tables.engine import files_sql, relation_sql
from muster.tables.layout import overlay_fields
from muster.tables.model import ROW_ID, Column, Group, Manifest, Overlay, TableId, run_number
from muster.tables.overlays import MAX_WRITE_SECONDS, store_overlay, texts_batch
from muster.tables.portions import row_groups
from muster.tables.queries import Queries
from muster.tables.room import TablesRoom

_CELLS = pa.schema([(ROW_ID, pa.int64()), ("value", pa.large_string())])


@dataclass(frozen=True, slots=True)
class Fill:
    """Values for cells of a column, in a file that is laid out as an overlay. column: its physical name."""

    column: str
    key: str
    rows: int


def write_fill(
    room: TablesRoom,
    table_id: TableId,
    run_id: str,
    column: Column,
    batches: Iterable[pa.RecordBatch],
    pause: Callable[[], None] = lambda: None,
) -> Fill:
    """Write what was found for cells of a column; it shows once a version has it as (part of) an overlay.

    batches: row ids (int64, ascending, each once) and texts (large_string); cells whose text is null stay as they are.
    pause: called before each piece; what it raises ends the work. Raises StorageFull, Unavailable.
    """
    key = table_file(table_id, run_id, f"fills/{column.physical}.parquet")
    found = store_overlay(room, key, column, _pieces(run_number(run_id), column, batches, pause))
    return Fill(column.physical, key, found.rows)


def _pieces(
    run: int, column: Column, batches: Iterable[pa.RecordBatch], pause: Callable[[], None]
) -> Iterator[pa.RecordBatch]:
    filled = (batch.filter(pc.is_valid(batch.column(1))) for batch in batches)
    for table in row_groups(filled, _CELLS):
        pause()
        (batch,) = table.to_batches()
        yield texts_batch(column, batch.column(0), batch.column(1), run)


def overlay_with(
    room: TablesRoom, planned: Manifest, newest: Manifest, run_id: str, column: Column, fill: Fill
) -> Overlay:
    """The overlay of `column` in the version after `newest`, once a fill that was made for `planned` is in it.

    A cell that changed between the two keeps what it got meanwhile. column: as it is in `newest`.
    Raises NotFound, Overloaded, StorageFull, Unavailable.
    """
    before, now = _overlay(planned, column), _overlay(newest, column)
    if before is None and now is None:
        return Overlay(fill.column, fill.key, fill.rows)
    path_of = room.cache.path
    mine = f"SELECT * FROM {files_sql([path_of(fill.key)])}"  # noqa: S608
    if before != now:
        changed = _changed_sql(before, now, path_of)
        mine = f"SELECT f.* FROM ({mine}) f ANTI JOIN ({changed}) c ON c.{ROW_ID} = f.{ROW_ID}"  # noqa: S608
    sql = f"WITH mine AS ({mine}) SELECT * FROM mine"  # noqa: S608
    if now is not None:
        sql += (
            f" UNION ALL BY NAME SELECT o.* FROM {files_sql([path_of(now.key)])} o "  # noqa: S608
            f"ANTI JOIN mine ON mine.{ROW_ID} = o.{ROW_ID}"
        )
    shown = ", ".join(name for name, _ in overlay_fields(column))
    key = table_file(newest.table_id, run_id, f"{column.physical}-{newest.version}.parquet")
    with _stream(room, f"SELECT {shown} FROM ({sql}) ORDER BY {ROW_ID}") as batches:  # noqa: S608
        return store_overlay(room, key, column, batches)


def _changed_sql(before: Overlay | None, now: Overlay | None, path_of: Callable[[str], Path]) -> str:
    """The row ids whose cells are not what they were."""
    if before is None or now is None:
        return " UNION ALL ".join(_rows_sql(each, path_of) for each in (before, now) if each is not None)
    old, new = files_sql([path_of(before.key)]), files_sql([path_of(now.key)])
    return (
        f"SELECT coalesce(a.{ROW_ID}, b.{ROW_ID}) AS {ROW_ID} FROM {old} a "  # noqa: S608
        f"FULL JOIN {new} b ON b.{ROW_ID} = a.{ROW_ID} "
        f"WHERE a.{ROW_ID} IS NULL OR b.{ROW_ID} IS NULL OR a.value IS DISTINCT FROM b.value"
    )


def fill_of_taken(
    room: TablesRoom, newest: Manifest, run_id: str, group: Group, physical: str, column: Column
) -> Fill:
    """A column that was to be new, as values for the empty cells of the one that has its name by now.

    physical: its name in the files of `group`. column: the one in `newest`. A cell that somebody emptied stays empty.
    Raises NotFound, Overloaded, StorageFull, Unavailable.
    """
    path_of = room.cache.path
    there = relation_sql(newest, [column.physical], path_of)
    sql = (
        f"SELECT g.{ROW_ID}, g.{physical} FROM {files_sql([path_of(part.key) for part in group.parts])} g "  # noqa: S608
        f"JOIN ({there}) r ON r.{ROW_ID} = g.{ROW_ID} "
    )
    overlay = _overlay(newest, column)
    if overlay is not None:
        sql += f"ANTI JOIN ({_rows_sql(overlay, path_of)}) o ON o.{ROW_ID} = g.{ROW_ID} "
    sql += f"WHERE g.{physical} IS NOT NULL AND r.{column.physical} IS NULL ORDER BY g.{ROW_ID}"
    with _stream(room, sql) as batches:
        return write_fill(room, newest.table_id, run_id, column, batches)


def _overlay(manifest: Manifest, column: Column) -> Overlay | None:
    return next((overlay for overlay in manifest.overlays if overlay.column == column.physical), None)


def _rows_sql(overlay: Overlay, path_of: Callable[[str], Path]) -> str:
    return f"SELECT {ROW_ID} FROM {files_sql([path_of(overlay.key)])}"  # noqa: S608


@contextmanager
def _stream(room: TablesRoom, sql: str) -> Iterator[Iterator[pa.RecordBatch]]:
    queries = Queries(room.engine)
    try:
        with queries.stream(sql, seconds=MAX_WRITE_SECONDS) as batches:
            yield batches
    finally:
        queries.close()
