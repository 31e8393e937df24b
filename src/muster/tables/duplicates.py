"""Rows that say again what an earlier row said; for rules over a whole upload."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from muster.tables.engine import connect, relation_sql
from muster.tables.model import ROW_ID, ROW_NUMBER, Manifest
from muster.tables.room import TablesRoom

_BATCH_ROWS = 20_000


def duplicate_rows(
    room: TablesRoom, manifest: Manifest, fields: Sequence[str], *, ignore_case: bool
) -> Iterator[pa.RecordBatch]:
    """Every row whose `fields` hold the same text as those of an earlier row, whole, by row id.

    fields: names of columns; a row with one of them null is no duplicate, and neither is any row of a table
    that lacks one. Batches hold `_row_id`, `_row` and every text column by its physical name.
    Raises Unavailable, StorageFull.
    """
    columns = [manifest.column(name) for name in fields]
    if not fields or any(column is None for column in columns):
        return
    keys = [column.physical for column in columns if column is not None]
    shown = [ROW_NUMBER, *(column.physical for column in manifest.columns)]
    every = relation_sql(manifest, shown, room.cache.path)
    keyed = relation_sql(manifest, keys, room.cache.path)
    folded = [f"lower({key})" if ignore_case else key for key in keys]
    names = [f"k{number}" for number in range(len(keys))]
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    named = ", ".join(f"{value} AS {name}" for value, name in zip(folded, names, strict=True))
    # Names and paths of our own; what users write never becomes part of a query.
    query = f"""
        WITH keyed AS MATERIALIZED (SELECT {ROW_ID} AS id, {named} FROM ({keyed}) WHERE {filled}),
        again AS (
            SELECT {", ".join(names)}, min(id) AS first_id FROM keyed GROUP BY ALL HAVING count(*) > 1
        ),
        later AS (SELECT id FROM keyed JOIN again USING ({", ".join(names)}) WHERE id <> first_id)
        SELECT every.* FROM ({every}) every SEMI JOIN later ON later.id = every.{ROW_ID} ORDER BY {ROW_ID}
    """  # noqa: S608
    with connect(room.engine) as engine:
        yield from engine.sql(query).to_arrow_reader(_BATCH_ROWS)
