"""The values of some rows, in the order asked for, with edited values in their place."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa

from muster.tables.engine import relation_sql
from muster.tables.hot import Copy
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, ROW_NUMBER, Column
from muster.tables.reading import ReadingRoom, hot_groups, whole

_FEW_ROW_GROUPS = 3
"""Up to here row groups are read whole; beyond, the engine picks the rows out."""
_DENSE = 8
"""Rows wanted of one chunk from which on taking them together is faster than one by one."""

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as columns of values, all as long as row_ids.

    numbers: where each row stood in what was sent. values: text by column. edited: for each row the names
    of the columns that people edited, None for most.
    """

    row_ids: Sequence[int]
    numbers: Sequence[Value]
    values: Sequence[Sequence[Value]]
    edited: Sequence[list[str] | None]


def page(reading: ReadingRoom, shape: Layout, row_ids: Sequence[int], columns: Sequence[Column]) -> Page:
    """These rows and columns. row_ids: of visible rows. Raises Overloaded, Unavailable."""
    if not row_ids:
        return Page((), (), [()] * len(columns), ())
    wanted = [ROW_NUMBER, *(column.physical for column in columns)]
    found = _base(reading, shape, row_ids, wanted)
    edited: list[list[str] | None] = [None] * len(row_ids)
    for column in columns:
        if column.physical in shape.overlays:
            overlay = whole(reading, shape.overlays[column.physical])
            found[column.physical] = _edited(overlay, row_ids, column, found[column.physical], edited)
    return Page(row_ids, found[ROW_NUMBER], [found[column.physical] for column in columns], edited)


def _edited(
    overlay: Copy,
    row_ids: Sequence[int],
    column: Column,
    values: Sequence[Value],
    edited: list[list[str] | None],
) -> Sequence[Value]:
    """The values with those of the overlay in their place; marks what people edited in `edited`."""
    patched = list(values)
    texts, runs = overlay.table.column("value"), overlay.table.column("run")
    for at, row_id in enumerate(row_ids):
        position = overlay.row_ids.find(row_id)
        if position is not None:
            patched[at] = texts[position].as_py()
            if not runs[position].is_valid:
                names = edited[at] = edited[at] or []
                names.append(column.name)
    return patched


def _base(
    reading: ReadingRoom, shape: Layout, row_ids: Sequence[int], wanted: Sequence[str]
) -> dict[str, Sequence[Value]]:
    """The values as they were written, before any edit."""
    copies = hot_groups(reading, shape)
    found: dict[str, Sequence[Value]] = {}
    for number, group in enumerate(shape.groups):
        there = {name for name, _ in group.fields}
        names = [name for name in wanted if name in there]
        if not names:
            continue
        if copies is not None:
            found |= _from_copy(copies[number], row_ids, names)
        else:
            found |= _from_parquet(reading, shape, number, row_ids, names)
    return found


def _from_copy(copy: Copy, row_ids: Sequence[int], names: Sequence[str]) -> Mapping[str, Sequence[Value]]:
    starts = copy.starts
    spots = [(bisect_right(starts, row_id) - 1, row_id) for row_id in row_ids]
    first = spots[0][0]
    if row_ids[-1] - row_ids[0] == len(row_ids) - 1 and _is_run(row_ids) and spots[-1][0] == first:
        begin = row_ids[0] - starts[first]
        return {name: copy.chunks(name)[first].slice(begin, len(row_ids)).to_pylist() for name in names}
    if len(row_ids) < _DENSE * len({chunk for chunk, _ in spots}):
        return {name: _one_by_one(copy.chunks(name), starts, spots) for name in names}
    return _together(copy, starts, spots, names)


def _is_run(row_ids: Sequence[int]) -> bool:
    if isinstance(row_ids, range):
        return True
    return all(after - before == 1 for before, after in pairwise(row_ids))


def _one_by_one(
    chunks: Sequence[pa.Array], starts: Sequence[int], spots: Sequence[tuple[int, int]]
) -> list[Value]:
    return [chunks[chunk][row_id - starts[chunk]].as_py() for chunk, row_id in spots]


def _together(
    copy: Copy, starts: Sequence[int], spots: Sequence[tuple[int, int]], names: Sequence[str]
) -> dict[str, Sequence[Value]]:
    """Chunk by chunk, then back into the order asked for."""
    by_chunk: dict[int, list[int]] = {}
    for at, (chunk, _) in enumerate(spots):
        by_chunk.setdefault(chunk, []).append(at)
    made: dict[str, list[Value]] = {name: [None] * len(spots) for name in names}
    for chunk, places in by_chunk.items():
        inside = pa.array([spots[at][1] - starts[chunk] for at in places], pa.int64())
        for name in names:
            values = made[name]
            for at, value in zip(places, copy.chunks(name)[chunk].take(inside).to_pylist(), strict=True):
                values[at] = value
    return dict(made)


def _from_parquet(
    reading: ReadingRoom, shape: Layout, number: int, row_ids: Sequence[int], names: Sequence[str]
) -> dict[str, Sequence[Value]]:
    parts = shape.manifest.groups[number].parts
    touched = reading.files.row_groups(parts, row_ids)
    rows = (
        _read_row_groups(reading, shape, number, row_ids, names, touched)
        if len(touched) <= _FEW_ROW_GROUPS
        else _picked_out(reading, shape, row_ids, names)
    )
    at = {row_id: values for row_id, *values in rows}
    nothing: list[Value] = [None] * len(names)
    ordered = [at.get(row_id, nothing) for row_id in row_ids]
    return dict(zip(names, zip(*ordered, strict=True), strict=True))


def _read_row_groups(
    reading: ReadingRoom,
    shape: Layout,
    number: int,
    row_ids: Sequence[int],
    names: Sequence[str],
    touched: set[tuple[int, int]],
) -> Iterator[tuple[int, ...]]:
    kinds = dict(shape.groups[number].fields)
    schema = pa.schema([pa.field(name, kinds[name]) for name in names])
    for first, batch in reading.files.read(shape.manifest.groups[number].parts, touched, schema):
        inside = sorted({row_id for row_id in row_ids if first <= row_id < first + batch.num_rows})
        taken = batch.take(pa.array([row_id - first for row_id in inside], pa.int64()))
        yield from zip(inside, *(column.to_pylist() for column in taken.columns), strict=True)


def _picked_out(
    reading: ReadingRoom, shape: Layout, row_ids: Sequence[int], names: Sequence[str]
) -> Iterator[tuple[int, ...]]:
    """By the engine, from all row groups these rows lie in. Edits are left out: they come on top of all paths."""
    plain = shape.without_edits
    listed = ", ".join(str(int(row_id)) for row_id in row_ids)
    source = relation_sql(plain, names, reading.tables.cache.path)
    sql = f"SELECT * FROM ({source}) WHERE {ROW_ID} IN ({listed})"  # noqa: S608  (integers)
    table = reading.queries.run(sql)
    yield from zip(*(column.to_pylist() for column in table.columns), strict=True)
