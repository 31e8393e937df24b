"""Who is a member: the row ids of every source, by filter and by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from muster.predicates.compile import select_ids_sql
from muster.predicates.model import Predicate
from muster.segments.base import Base, rows_of
from muster.segments.narrow import narrowed
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.tables.ids import Question, all_ids
from muster.tables.model import ROW_ID
from muster.tables.vectors import ChosenRows


@dataclass(frozen=True, slots=True)
class Forced:
    """Rows that are members, or are none, whatever the filter says; for each source sorted row ids (int64).

    Only rows that stand for themselves or for their group; no row is in both.
    """

    included: tuple[pa.Array, ...]
    excluded: tuple[pa.Array, ...]

    @property
    def is_empty(self) -> bool:
        return not any(map(len, (*self.included, *self.excluded)))


def nobody_forced(sources: int) -> Forced:
    """As if nothing was done by hand."""
    nothing = tuple(pa.array([], pa.int64()) for _ in range(sources))
    return Forced(nothing, nothing)


def chosen(
    room: SegmentsRoom, base: Base, predicate: Predicate | None, forced: Forced, patience: Patience
) -> tuple[pa.Array, ...]:
    """For each source the row ids of its members, sorted; int32 or int64.

    predicate: checked against the names of all sources. What a filter finds in one version of a table is kept,
    so that of several uploads only those are searched that changed.
    Raises Overloaded, StorageFull, Unavailable.
    """
    return tuple(
        chosen_of(room, base, position, predicate, forced, patience)
        for position in range(len(base.sources.layouts))
    )


def chosen_of(
    room: SegmentsRoom,
    base: Base,
    position: int,
    predicate: Predicate | None,
    forced: Forced,
    patience: Patience,
) -> pa.Array:
    """As `chosen`, for one source."""
    patience.check()
    ids = _found(room, base, position, predicate, patience)
    return without(union(ids, forced.included[position]), forced.excluded[position])


def without(ids: pa.Array, others: pa.Array) -> pa.Array:
    """The ids that are not among `others`; both sorted, the type of `ids` stays."""
    if not len(others) or not len(ids):
        return ids
    if ids.equals(others):
        return ids.slice(0, 0)
    return ids.filter(pc.invert(pc.is_in(ids, value_set=others.cast(ids.type))))


def union(ids: pa.Array, others: pa.Array) -> pa.Array:
    """The ids of both, sorted, each once."""
    new = without(others.cast(pa.int64()), ids.cast(pa.int64()))
    if not len(new):
        return ids
    both = pa.concat_arrays([ids.cast(pa.int64()), new])
    return both.take(pc.array_sort_indices(both))


def _found(
    room: SegmentsRoom, base: Base, position: int, predicate: Predicate | None, patience: Patience
) -> pa.Array:
    layout = base.sources.layouts[position]
    if base.groups is None:
        left = True if predicate is None else narrowed(predicate, layout.columns)
        if left is False:
            return pa.array([], pa.int64())
        return all_ids(room.reading, layout, Question(None if left is True else left)).array()
    # What a group is depends on all sources, so the answer does too.
    key = ("segment", base.groups.key, position, base.dedupe, predicate)
    return room.reading.vectors.get(
        key, lambda: ChosenRows(_of_people(room, base, position, predicate, patience))
    ).array()


def _of_people(
    room: SegmentsRoom, base: Base, position: int, predicate: Predicate | None, patience: Patience
) -> pa.Array:
    rows = rows_of(room, base, position, () if predicate is None else (predicate,), patience)
    left = next((each for each in rows.conditions if each is not True), None)
    if left is False:
        return pa.array([], pa.int64())
    sql = select_ids_sql(rows.sql, left, (), rows.refs)
    found = room.reading.queries.run(sql, rows.tables, seconds=patience.query_seconds)
    return _sorted(found.column(ROW_ID).chunks)


def _sorted(chunks: Sequence[pa.Array]) -> pa.Array:
    ids = pa.concat_arrays([chunk.cast(pa.int64()) for chunk in chunks] or [pa.array([], pa.int64())])
    if pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py():
        return ids
    return ids.take(pc.array_sort_indices(ids))
