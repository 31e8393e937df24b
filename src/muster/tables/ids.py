"""Filter and sort → row ids: all of them, or those of the first window before all are known."""

from collections.abc import Hashable, Sequence
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import Unavailable
from muster.predicates.compile import physical_columns, select_ids_sql
from muster.predicates.model import Predicate
from muster.predicates.sort import SortKey
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, Manifest
from muster.tables.reading import ReadingRoom, layout, whole
from muster.tables.relation import Relation, relation, sampled
from muster.tables.vectors import AllRows, ChosenRows, IdVector

EXACT_ROWS = 2_000_000
"""Tables of fewer rows always get an exact total."""
_TOP_ROWS = 2_000
"""How far down a first window may end to be found without sorting everything."""
_TOP_FROM_ROWS = 100_000
"""Smaller tables are sorted as a whole in no time."""
_FIRST_LOOK_ROWS = 1_000_000
"""How many rows are looked through first for the first matches of a filter."""
_PATIENCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows, in which order. only_flagged: rows with issues only."""

    predicate: Predicate | None = None
    sort: tuple[SortKey, ...] = ()
    only_flagged: bool = False

    @property
    def is_everything(self) -> bool:
        return self.predicate is None and not self.only_flagged


@dataclass(frozen=True, slots=True)
class WindowIds:
    """The ids of one window, and how many rows there are in all; about, unless total_exact."""

    ids: Sequence[int]
    total: int
    total_exact: bool


def ids(
    reading: ReadingRoom, manifest: Manifest, predicate: Predicate | None, sort: Sequence[SortKey] = ()
) -> IdVector:
    """The ids of all rows that match, in order; kept for the next call.

    predicate, sort: checked against the columns of the table. Raises Overloaded (`query_too_slow`,
    `query_too_large`), Unavailable.
    """
    return all_ids(reading, layout(reading, manifest), Question(predicate, tuple(sort)))


def all_ids(reading: ReadingRoom, shape: Layout, question: Question) -> IdVector:
    """As `ids`, for a layout at hand."""
    everything = _everything(reading, shape, question)
    if everything is not None:
        return everything
    return reading.vectors.get(_key(shape, question), lambda: _computed(reading, shape, question))


def window_ids(
    reading: ReadingRoom, shape: Layout, question: Question, offset: int, limit: int, *, exact_total: bool
) -> WindowIds:
    """The ids of one window.

    A window near the top is found before the whole order is known; that is then worked out in the
    background for the windows that follow. exact_total: wait until the total is exact.
    """
    vector = _everything(reading, shape, question) or reading.vectors.ready(_key(shape, question))
    if vector is None and _may_start_at_the_top(shape, question, offset + limit, exact_total):
        vector = _arriving(reading, shape, question)
        if vector is None:
            return _from_the_top(reading, shape, question, offset, limit)
    if vector is None:
        vector = all_ids(reading, shape, question)
    return WindowIds(vector.window(offset, limit), len(vector), True)


def _everything(reading: ReadingRoom, shape: Layout, question: Question) -> IdVector | None:
    """All rows in their own order need no query."""
    if question.sort or not question.is_everything:
        return None
    hidden = None if shape.hidden is None else whole(reading, shape.hidden).row_ids
    return AllRows(shape.manifest.rows, hidden)


def _key(shape: Layout, question: Question) -> Hashable:
    return (shape.manifest.table_id, shape.manifest.version, question)


def _may_start_at_the_top(shape: Layout, question: Question, stop: int, exact_total: bool) -> bool:
    rows = shape.manifest.rows
    if stop > _TOP_ROWS or rows < _TOP_FROM_ROWS:
        return False
    if not question.sort:
        # In a smaller one, finding all matches takes no longer than a glance.
        return rows >= EXACT_ROWS and not exact_total
    return not exact_total or question.is_everything or rows < EXACT_ROWS


def _arriving(reading: ReadingRoom, shape: Layout, question: Question) -> IdVector | None:
    """The vector if it is on its way and comes within a moment."""
    future = reading.vectors.running(_key(shape, question))
    if future is not None:
        with suppress(NotYet):
            return future.result(_PATIENCE_SECONDS)
    return None


def _from_the_top(
    reading: ReadingRoom, shape: Layout, question: Question, offset: int, limit: int
) -> WindowIds:
    stop, key = offset + limit, _key(shape, question)
    if question.sort:
        found, source = _query(reading, shape, question, limit=stop)
        is_all = len(found) < stop
    else:
        found, source, is_all = _first_matches(reading, shape, question, stop)
    if is_all:
        vector = reading.vectors.get(key, lambda: ChosenRows(found))
        return WindowIds(vector.window(offset, limit), len(vector), True)
    total, is_exact = _total(reading, shape, question, source, len(found))
    reading.vectors.start(key, lambda: _computed(reading, shape, question))
    return WindowIds(found.slice(offset, limit).to_pylist(), total, is_exact)


def _first_matches(
    reading: ReadingRoom, shape: Layout, question: Question, stop: int
) -> tuple[pa.Array, Relation, bool]:
    """At least the first `stop` matches in the order of rows, and whether these are all there are.

    Looks through twice as many rows each time, so nothing is looked at that a full search would not.
    """
    source, sql = _asked(reading, shape, question)
    if not source.is_hot:
        return _query(reading, shape, question)[0], source, True
    hot = source.tables["hot"]
    pieces: list[pa.Array] = []
    begin, step = 0, _FIRST_LOOK_ROWS
    while begin < hot.num_rows and sum(map(len, pieces)) < stop:
        tables = {**source.tables, "hot": hot.slice(begin, step)}
        pieces.append(_in_order(_narrowed(shape, reading.queries.run(sql, tables))))
        begin, step = begin + step, step * 2
    return pa.concat_arrays(pieces), source, begin >= hot.num_rows


def _total(
    reading: ReadingRoom, shape: Layout, question: Question, source: Relation, found: int
) -> tuple[int, bool]:
    """How many rows match, and whether that is exact."""
    if question.is_everything:
        return shape.manifest.visible_rows, True
    unsorted = Question(question.predicate, (), question.only_flagged)
    known = reading.vectors.ready(_key(shape, unsorted))
    if known is not None:
        return len(known), True
    if shape.manifest.rows < EXACT_ROWS or not source.is_hot:
        return _count(reading, shape, unsorted, source), True
    sample, share = sampled(source)
    about = round(_count(reading, shape, unsorted, sample) / share)
    return min(max(about, found), shape.manifest.visible_rows), False


def _computed(reading: ReadingRoom, shape: Layout, question: Question) -> IdVector:
    return ChosenRows(_query(reading, shape, question)[0])


def _query(
    reading: ReadingRoom, shape: Layout, question: Question, *, limit: int | None = None
) -> tuple[pa.Array, Relation]:
    try:
        return _queried(reading, shape, question, limit)
    except Unavailable:
        # A fetched file left the cache between naming and opening it; naming it again fetches it.
        return _queried(reading, shape, question, limit)


def _queried(
    reading: ReadingRoom, shape: Layout, question: Question, limit: int | None
) -> tuple[pa.Array, Relation]:
    source, sql = _asked(reading, shape, question)
    if limit is not None:
        sql += f" LIMIT {limit}"
    found = _narrowed(shape, reading.queries.run(sql, source.tables))
    return (found if question.sort else _in_order(found)), source


def _asked(reading: ReadingRoom, shape: Layout, question: Question) -> tuple[Relation, str]:
    """What to select from, and the query for all ids."""
    touched = physical_columns(question.predicate, question.sort, shape.refs)
    source = relation(reading, shape, touched, only_flagged=question.only_flagged)
    return source, select_ids_sql(source.sql, question.predicate, question.sort, shape.refs)


def _narrowed(shape: Layout, result: pa.Table) -> pa.Array:
    """The ids of a result, in half the memory where they fit."""
    narrow = pa.int32() if shape.manifest.rows < 2**31 else pa.int64()
    chunks = result.column(ROW_ID).chunks
    return pa.concat_arrays([chunk.cast(narrow) for chunk in chunks] or [pa.array([], narrow)])


def _in_order(found: pa.Array) -> pa.Array:
    """Sorted; joins may have changed the order, which is seldom."""
    if pc.all(pc.less(found[:-1], found[1:]), min_count=0).as_py():
        return found
    return found.take(pc.array_sort_indices(found))


def _count(reading: ReadingRoom, shape: Layout, question: Question, source: Relation) -> int:
    matching = select_ids_sql(source.sql, question.predicate, (), shape.refs)
    counted = reading.queries.run(f"SELECT count(*) AS n FROM ({matching})", source.tables)  # noqa: S608
    return int(counted.column("n")[0].as_py())
