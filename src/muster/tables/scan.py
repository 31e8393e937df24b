"""All rows of a version in order, a bounded piece at a time: what downloads and exports are made of.

A sort of the whole table would have to spill. So the table is cut where its files end, and each stretch of at
most SCAN_ROWS rows is read and sorted by itself; only the files that hold rows of the stretch are opened.
Where nothing was edited and nothing is filtered, the files are read as they lie, without the engine.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from muster.tables.engine import relation_sql
from muster.tables.model import ROW_ID, ROW_NUMBER, Group, Manifest, Part
from muster.tables.queries import Queries
from muster.tables.room import TablesRoom

Order = Literal["_row", "_row_id"]

SCAN_ROWS: Final = 64 * 1024
_SCAN_CELLS: Final = 4_000_000
_BATCH_ROWS: Final = 16 * 1024
_SECONDS: Final = 300.0
"""For one stretch; somebody may read slowly, but the engine is only asked for one stretch at a time."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows. sql: true for them, over unqualified, quoted physical columns; columns: those it names."""

    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A part and the values of the ordering column it holds: first to last (inclusive), ascending."""

    part: Part
    first: int
    last: int


def scan(
    room: TablesRoom,
    manifest: Manifest,
    columns: Sequence[str],
    *,
    order: Order,
    between: tuple[int, int] | None = None,
    only: Condition | None = None,
) -> Iterator[pa.RecordBatch]:
    """The visible rows as they are now, edits included, in constant memory.

    columns: physical names, `_row` and `_row_id` may be among them; the batches have them in this order.
    order: as in what was sent, or as rows joined the table. between: only rows whose ordering column lies there,
    both ends included. only: of those the ones that match. Raises NotFound, Overloaded, StorageFull, Unavailable.
    """
    runs = _runs(room, manifest, order)
    if order == ROW_ID and only is None and _is_plain(manifest, columns):
        yield from _plain(room, runs, columns, between)
        return
    queries = Queries(room.engine)
    try:
        for first, last, within in _stretches(runs, len(columns), between):
            sql = _stretch_sql(room, manifest, columns, order, (first, last), within, only)
            yield from queries.run(sql, seconds=_SECONDS).to_batches(max_chunksize=_BATCH_ROWS)
    finally:
        queries.close()


def scan_window(
    room: TablesRoom, manifest: Manifest, columns: Sequence[str], offset: int, limit: int
) -> Iterator[pa.RecordBatch]:
    """Rows offset to offset + limit (exclusive) in the order of what was sent; otherwise as `scan`."""
    runs = _runs(room, manifest, ROW_NUMBER)
    if manifest.hidden_key is None and all(before.last < after.first for before, after in pairwise(runs)):
        # No row is gone and none came later, so places are row ids.
        return scan(room, manifest, columns, order="_row_id", between=(offset, offset + limit - 1))
    source = relation_sql(manifest, [ROW_NUMBER], room.cache.path)
    page = f"SELECT {ROW_NUMBER} FROM ({source}) ORDER BY {ROW_NUMBER} LIMIT {limit:d} OFFSET {offset:d}"  # noqa: S608
    queries = Queries(room.engine)
    try:
        found = queries.run(f"SELECT min({ROW_NUMBER}) AS low, max({ROW_NUMBER}) AS high FROM ({page})")  # noqa: S608
    finally:
        queries.close()
    low, high = found["low"][0].as_py(), found["high"][0].as_py()
    return iter(()) if low is None else scan(room, manifest, columns, order="_row", between=(low, high))


def _is_plain(manifest: Manifest, columns: Sequence[str]) -> bool:
    """Whether the rows lie in the files of group 0 just as they are to be given."""
    ours = {column.physical for column in manifest.columns if not column.group} | {ROW_ID, ROW_NUMBER}
    return (
        manifest.hidden_key is None
        and ours.issuperset(columns)
        and not any(overlay.column in columns for overlay in manifest.overlays)
    )


def _plain(
    room: TablesRoom, runs: Sequence[_Run], columns: Sequence[str], between: tuple[int, int] | None
) -> Iterator[pa.RecordBatch]:
    """The files as they lie; a column a file lacks is null."""
    low, high = between or (0, max((run.last for run in runs), default=-1))
    for run in runs:
        if run.last < low or run.first > high:
            continue
        with pq.ParquetFile(room.cache.path(run.part.key), memory_map=True) as file:
            there = [name for name in columns if name in file.schema_arrow.names]
            groups, start = _row_groups(file, run, low, high)
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=groups, columns=there):
                first = min(max(0, low - start), batch.num_rows)
                cut = batch.slice(first, max(0, high + 1 - start - first))
                start += batch.num_rows
                if cut.num_rows:
                    yield pa.record_batch(
                        [
                            cut.column(name) if name in there else pa.nulls(cut.num_rows, pa.large_string())
                            for name in columns
                        ],
                        names=list(columns),
                    )


def _row_groups(file: pq.ParquetFile, run: _Run, low: int, high: int) -> tuple[list[int], int]:
    """The row groups of a file that hold any of these row ids, and the first row id of the first of them."""
    chosen: list[int] = []
    start, begin = run.first, run.first
    for number in range(file.num_row_groups):
        stop = begin + file.metadata.row_group(number).num_rows
        if begin <= high and stop > low:
            start = start if chosen else begin
            chosen.append(number)
        begin = stop
    return chosen, start


def _runs(room: TablesRoom, manifest: Manifest, order: str) -> list[_Run]:
    parts = manifest.groups[0].parts if manifest.groups else ()
    if order == ROW_ID:
        return [_Run(part, part.first_row_id, part.first_row_id + part.rows - 1) for part in parts]
    return [_Run(part, *_numbers(room, part)) for part in parts]


def _numbers(room: TablesRoom, part: Part) -> tuple[int, int]:
    """The smallest and the largest `_row` in a part; told by the file's footer."""
    with pq.ParquetFile(room.cache.path(part.key), memory_map=True) as file:
        at = file.schema_arrow.get_field_index(ROW_NUMBER)
        groups = range(file.metadata.num_row_groups)
        found = [file.metadata.row_group(number).column(at).statistics for number in groups]
    return min(each.min for each in found), max(each.max for each in found)


def _stretches(
    runs: Iterable[_Run], columns: int, between: tuple[int, int] | None
) -> Iterator[tuple[int, int, list[Part]]]:
    """Where each stretch starts and ends, and the parts it is in."""
    if between is not None:
        low, high = between
        runs = [
            _Run(run.part, max(run.first, low), min(run.last, high))
            for run in runs
            if run.first <= high and run.last >= low
        ]
    runs = list(runs)
    step = max(1, min(SCAN_ROWS, _SCAN_CELLS // max(1, columns)))
    edges = sorted({edge for run in runs for edge in (run.first, run.last + 1)})
    for start, stop in pairwise(edges):
        within = [run.part for run in runs if run.first < stop and run.last >= start]
        if within:
            for first in range(start, stop, step):
                yield first, min(first + step, stop) - 1, within


def _stretch_sql(
    room: TablesRoom,
    manifest: Manifest,
    columns: Sequence[str],
    order: Order,
    bounds: tuple[int, int],
    within: Sequence[Part],
    only: Condition | None,
) -> str:
    others = (Group(tuple(_overlapping(group, within))) for group in manifest.groups[1:])
    piece = replace(manifest, groups=(Group(tuple(within)), *others))
    wanted = [name for name in (*columns, *(only.columns if only else ())) if name != ROW_ID]
    source = relation_sql(piece, [ROW_NUMBER, *wanted], room.cache.path)
    where = f" AND ({only.sql})" if only else ""
    shown = ", ".join(f'"{name}"' for name in columns)
    first, last = bounds
    # Names are ours (`c3`), bounds are integers.
    return (
        f"SELECT {shown} FROM ({source}) WHERE {order} BETWEEN {first:d} AND {last:d}{where} "  # noqa: S608
        f"ORDER BY {order}, {ROW_ID}"
    )


def _overlapping(group: Group, parts: Sequence[Part]) -> Iterator[Part]:
    """The parts of a column group that hold any row of these."""
    for part in group.parts:
        stop = part.first_row_id + part.rows
        if any(
            part.first_row_id < each.first_row_id + each.rows and each.first_row_id < stop for each in parts
        ):
            yield part
