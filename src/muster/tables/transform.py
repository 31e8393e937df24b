"""Change the cells of a column by what stands in them: the same actions as for rejects (records/transforms.py)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import InputError, Issue
from muster.predicates.model import Predicate
from muster.records.suggest import kind_of
from muster.records.transforms import Change, Transform, change_of
from muster.tables.ids import Question, all_ids
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, Column, Overlay
from muster.tables.overlays import MAX_WRITE_SECONDS, write_texts
from muster.tables.reading import ReadingRoom
from muster.tables.relation import relation
from muster.tables.window import check_question, refuse_unknown_columns

MAX_CHANGED_BYTES: Final = 256 * 1024**2
"""New values of one column that one change may have."""
_TEXT: Final = pa.large_string()


@dataclass(frozen=True, slots=True)
class TransformEdit:
    """Actions by column name, in order, for every row that matches. predicate None: all rows.

    only_flagged: of these, rows with issues only. max_bytes: new values of one column, at most.
    """

    transforms: Mapping[str, tuple[Transform, ...]]
    predicate: Predicate | None = None
    only_flagged: bool = False
    max_bytes: int = MAX_CHANGED_BYTES


def transformed(
    reading: ReadingRoom, shape: Layout, made_by: str, wanted: TransformEdit
) -> tuple[tuple[str, ...], int, list[Overlay]]:
    """Names of the columns that change, number of rows, and their new overlays; cells that stay are in none.

    Raises InputError (`column_unknown`, `filter_invalid`, `edit_too_large`), Overloaded, StorageFull.
    """
    refuse_unknown_columns(shape, [(name, f"/transform/{_escaped(name)}") for name in wanted.transforms])
    question = Question(wanted.predicate, (), wanted.only_flagged)
    check_question(shape, question)
    matching = pa.table({ROW_ID: all_ids(reading, shape, question).array()})
    names: list[str] = []
    rows: list[pa.Array] = []
    overlays: list[Overlay] = []
    for name, transforms in wanted.transforms.items():
        column = shape.columns[name]
        changed = _changed(reading, shape, column, matching, transforms, wanted.max_bytes)
        if changed is not None:
            names.append(name)
            rows.append(changed[0])
            overlays.append(write_texts(reading, shape, made_by, column, *changed))
    return tuple(names), _different(rows), overlays


def _changed(
    reading: ReadingRoom,
    shape: Layout,
    column: Column,
    matching: pa.Table,
    transforms: Sequence[Transform],
    max_bytes: int,
) -> tuple[pa.Array, pa.Array] | None:
    """Row ids and new texts of the cells that change; None when none does."""
    change = _all_of([change_of(transform, kind_of(column.name)) for transform in transforms])
    source = relation(reading, shape, [column.physical])
    sql = (
        f'SELECT r.{ROW_ID}, r."{column.physical}" AS value FROM {source.sql} r '  # noqa: S608
        f"SEMI JOIN matching ON matching.{ROW_ID} = r.{ROW_ID}"
    )
    ids: list[pa.Array] = []
    texts: list[pa.Array] = []
    size = 0
    tables = {**source.tables, "matching": matching}
    with reading.queries.stream(sql, tables, seconds=MAX_WRITE_SECONDS) as batches:
        for row_ids, after in _differing(batches, change):
            ids.append(row_ids)
            texts.append(after)
            size += after.nbytes
            if size > max_bytes:
                raise _too_large(column.name, max_bytes)
    if not ids:
        return None
    return pa.concat_arrays(ids), pa.concat_arrays(texts)


def _differing(batches: Iterator[pa.RecordBatch], change: Change) -> Iterator[tuple[pa.Array, pa.Array]]:
    for batch in batches:
        before = batch.column("value").cast(_TEXT)
        encoded = before.dictionary_encode()
        # Equal cells are changed once; an empty one is asked of its own, for it may be set.
        changed = pa.array([change(value) for value in encoded.dictionary.to_pylist()], _TEXT)
        after = changed.take(encoded.indices)
        empty = change(None)
        if empty is not None and before.null_count:
            after = pc.if_else(pc.is_null(before), pa.scalar(empty, _TEXT), after)
        same = pc.or_kleene(
            pc.equal(before, after), pc.and_(pc.is_null(before), pc.is_null(after))
        ).fill_null(False)
        if not pc.all(same, min_count=0).as_py():
            keep = pc.invert(same)
            yield batch.column(ROW_ID).cast(pa.int64()).filter(keep), after.filter(keep)


def _all_of(changes: Sequence[Change]) -> Change:
    if len(changes) == 1:
        return changes[0]

    def change(text: str | None) -> str | None:
        for each in changes:
            text = each(text)
        return text

    return change


def _different(rows: Sequence[pa.Array]) -> int:
    """How many different rows these are."""
    if len(rows) < 2:
        return sum(map(len, rows))
    return len(pc.unique(pa.concat_arrays(rows)))


def _too_large(name: str, max_bytes: int) -> InputError:
    message = f"This would change more than {max_bytes // 2**20} MiB of a column. Narrow the filter."
    issue = Issue(None, name, f"/transform/{_escaped(name)}", "edit_too_large", message)
    return InputError(message, code="edit_too_large", issues=[issue])


def _escaped(name: str) -> str:
    """As RFC 6901 asks for in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
