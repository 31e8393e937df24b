"""The rows of a version as something a query can select from: over hot copies, else over Parquet files."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from muster.tables.engine import relation_sql
from muster.tables.hot import Copy
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID
from muster.tables.reading import ReadingRoom, hot_groups, whole

_SAMPLES = 16
_SAMPLE_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Relation:
    """sql: what may stand after FROM. tables: the Arrow tables it names. is_hot: no file is decompressed."""

    sql: str
    tables: dict[str, pa.Table]
    is_hot: bool


def relation(
    reading: ReadingRoom,
    shape: Layout,
    physical: Iterable[str],
    *,
    only_flagged: bool = False,
    prefix: str = "",
) -> Relation:
    """`_row_id` and the physical columns of every visible row, edited values in their place.

    only_flagged: rows with issues only. prefix: of the names of tables, for queries over several relations.
    The order of rows is not promised.
    """
    wanted = sorted(set(physical))
    groups = hot_groups(reading, shape)
    tables: dict[str, pa.Table] = {}
    if groups is None:
        sql = relation_sql(shape.manifest, wanted, reading.tables.cache.path)
    else:
        tables[f"{prefix}hot"] = _columns(shape, groups, wanted)
        sql = _hot_sql(reading, shape, wanted, tables, prefix)
    if only_flagged:
        flagged = shape.issues
        tables[f"{prefix}flagged"] = (
            pa.table({ROW_ID: pa.array([], pa.int64())})
            if flagged is None
            else whole(reading, flagged).table.select([ROW_ID])
        )
        sql = f"SELECT r.* FROM ({sql}) r SEMI JOIN {prefix}flagged flagged ON flagged.{ROW_ID} = r.{ROW_ID}"  # noqa: S608
    return Relation(f"({sql})", tables, groups is not None)


def sampled(found: Relation) -> tuple[Relation, float]:
    """The same over some rows from everywhere in a hot table, and which share of all rows they are."""
    hot = found.tables["hot"]
    step = max(1, hot.num_rows // _SAMPLES)
    pieces = [hot.slice(start, min(step, _SAMPLE_ROWS)) for start in range(0, hot.num_rows, step)]
    sample = pa.concat_tables(pieces)
    return (
        Relation(found.sql, {**found.tables, "hot": sample}, True),
        sample.num_rows / max(1, hot.num_rows),
    )


def _columns(shape: Layout, groups: list[Copy], wanted: Iterable[str]) -> pa.Table:
    """Columns of all groups side by side."""
    columns = {ROW_ID: groups[0].table.column(ROW_ID)}
    for name in wanted:
        at = next(
            at for at, group in enumerate(shape.groups) if any(name == known for known, _ in group.fields)
        )
        columns[name] = groups[at].table.column(name)
    return pa.table(columns)


def _hot_sql(
    reading: ReadingRoom, shape: Layout, wanted: Iterable[str], tables: dict[str, pa.Table], prefix: str
) -> str:
    edited_by = {}
    for column in shape.manifest.columns:
        if column.physical in shape.overlays:
            edited_by[column.physical] = (f"o_{column.physical}", "value")
            if column.typed is not None:
                edited_by[column.typed] = (f"o_{column.physical}", "typed")
    shown, joins = [f"hot.{ROW_ID} AS {ROW_ID}"], {}
    for name in wanted:
        value = f'hot."{name}"'
        if name in edited_by:
            alias, member = edited_by[name]
            tables[f"{prefix}{alias}"] = whole(reading, shape.overlays[alias.removeprefix("o_")]).table
            joins[alias] = f"LEFT JOIN {prefix}{alias} {alias} ON {alias}.{ROW_ID} = hot.{ROW_ID}"
            value = f"CASE WHEN {alias}.{ROW_ID} IS NULL THEN {value} ELSE {alias}.{member} END"
        shown.append(f'{value} AS "{name}"')
    if shape.hidden is not None:
        tables[f"{prefix}hidden"] = whole(reading, shape.hidden).table
        joins["hidden"] = f"ANTI JOIN {prefix}hidden hidden ON hidden.{ROW_ID} = hot.{ROW_ID}"
    return f"SELECT {', '.join(shown)} FROM {prefix}hot hot {' '.join(joins.values())}"  # noqa: S608
