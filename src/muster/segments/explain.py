"""Why one row is in a segment, or not: by hand, by another row of its group, or condition by condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from muster.accounts.model import Principal
from muster.errors import InputError, Issue
from muster.predicates.check import leaves
from muster.predicates.describe import describe
from muster.predicates.matches import matches
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Predicate
from muster.segments.base import Base, base_of
from muster.segments.force import is_there
from muster.segments.members import open_version
from muster.segments.model import Segment
from muster.segments.patience import Patience, of_request
from muster.segments.refresh import current
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources
from muster.segments.values import MemberRow, Row, chosen_columns, rows_shown
from muster.tables.model import ColumnType
from muster.tables.sorted_ids import SortedIds
from muster.tables.stop import Stop


class Because(StrEnum):
    """What decided."""

    FILTER = "filter"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the filter and whether it holds. field, value, origin: of a condition; parts: of a group.

    origin: the row a joined value comes from, None when it is the row's own.
    """

    pointer: str
    holds: bool
    sentence: str
    field: str | None = None
    value: str | None = None
    origin: Row | None = None
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """version: the count that is explained. sources: tell positions of rows apart. group: rows that are the same person, the one that stands for them first.

    tree: None without a filter, and for a row that is gone.
    """

    segment: Segment
    version: int
    sources: Sources
    upload_id: str
    row_id: int
    is_member: bool
    because: Because
    sentence: str
    tree: Node | None
    group: tuple[Row, ...]


def explain(
    room: SegmentsRoom,
    principal: Principal,
    segment_id: str,
    upload_id: str | None,
    row_id: int | None,
    stop: Stop,
) -> Explanation:
    """By the newest count, which a live segment gets first.

    upload_id: may be None where there is one upload. Raises InputError (`row_missing`, `upload_unclear`), NotFound,
    Forbidden, Conflict, Overloaded, Unavailable.
    """
    patience = of_request(stop)
    segment = current(room, principal, segment_id)
    found = open_version(room, principal, segment_id, None)
    sources, definition = found.base.sources, found.version.definition
    if row_id is None:
        raise _unclear("row", "row_missing", "Give `row`, the `_row_id` of a row.")
    chosen = upload_id or (definition.uploads[0] if len(definition.uploads) == 1 else None)
    if chosen not in definition.uploads:
        message = "Give `upload_id`, one of the uploads of this segment."
        raise _unclear("upload_id", "upload_unclear", message)
    version = found.version.number
    if not is_there(room, sources, chosen, row_id):
        sentence = "Not in: the table has no such row, or it was taken out."
        return Explanation(segment, version, sources, chosen, row_id, False, Because.GONE, sentence, None, ())
    base = base_of(room, sources, definition.dedupe, patience)
    row = (definition.uploads.index(chosen), row_id)
    winner, group = _group(base, row)
    tree = _tree(room, base, winner, definition.predicate, patience)
    is_member = SortedIds(pa.chunked_array([found.vectors[row[0]].array()])).find(row_id) is not None
    because = _because(is_member, row == winner, tree is None or tree.holds)
    sentence = _sentence(is_member, because, tree)
    return Explanation(segment, version, sources, chosen, row_id, is_member, because, sentence, tree, group)


def _unclear(parameter: str, code: str, message: str) -> InputError:
    return InputError(message, code=code, issues=[Issue(None, parameter, f"/{parameter}", code, message)])


def _because(is_member: bool, stands_for_itself: bool, filter_holds: bool) -> Because:
    """The filter says what the newest count said, unless somebody decided otherwise by hand."""
    if not stands_for_itself:
        return Because.DUPLICATE
    if is_member == filter_holds:
        return Because.FILTER
    return Because.INCLUDED if is_member else Because.EXCLUDED


def _group(base: Base, row: Row) -> tuple[Row, tuple[Row, ...]]:
    """The row that stands for this one, and all rows of the group, that one first; none when it is alone."""
    if base.groups is None:
        return row, ()
    sources = base.sources
    winner = base.groups.winner(sources.place(*row))
    rows = [sources.row_of(place) for place in base.groups.rows_of(winner)]
    if len(rows) == 1:
        return row, ()
    first = sources.row_of(winner)
    return first, (first, *(each for each in rows if each != first))


def _tree(
    room: SegmentsRoom, base: Base, row: Row, predicate: Predicate | None, patience: Patience
) -> Node | None:
    if predicate is None:
        return None
    names = list(dict.fromkeys(leaf.field for _, leaf in leaves(predicate)))
    columns = chosen_columns(base.sources, [name for name in names if name in base.sources.names])
    [shown] = rows_shown(room, base, [row], columns, patience)
    record = dict(zip((column.name for column in columns), shown.values, strict=True))
    return _node(predicate, "/filter", record, shown, _commas(base, row, shown))


def _commas(base: Base, row: Row, shown: MemberRow) -> frozenset[str]:
    """Columns whose text may be a number in another notation than filters read: `1,5`."""
    layout = base.sources.layouts[row[0]]
    numbers = {ColumnType.NUMBER, ColumnType.INTEGER}
    return frozenset(
        name
        for name, column in layout.columns.items()
        if column.type in numbers and name not in shown.origins
    )


def _node(
    predicate: Predicate,
    pointer: str,
    record: Mapping[str, str | None],
    shown: MemberRow,
    commas: frozenset[str],
) -> Node:
    match predicate:
        case AllOf(parts) | AnyOf(parts):
            name = "all" if isinstance(predicate, AllOf) else "any"
            inside = tuple(
                _node(part, f"{pointer}/{name}/{at}", record, shown, commas) for at, part in enumerate(parts)
            )
            holds = (all if isinstance(predicate, AllOf) else any)(each.holds for each in inside)
            return Node(pointer, holds, describe(predicate), parts=inside)
        case Not(part):
            inside = (_node(part, f"{pointer}/not", record, shown, commas),)
            return Node(pointer, not inside[0].holds, describe(predicate), parts=inside)
        case Leaf():
            value = record.get(predicate.field)
            read = _with_point(predicate, value) if predicate.field in commas else value
            return Node(
                pointer,
                matches(predicate, {predicate.field: read}),
                describe(predicate),
                predicate.field,
                value,
                shown.origins.get(predicate.field),
            )


def _with_point(leaf: Leaf, value: str | None) -> str | None:
    """A number with a decimal comma as filters read it; the table's own twin says the same (tables/types.py)."""
    if value is None or "," not in value or not any(isinstance(each, Number) for each in leaf.values):
        return value
    return value.replace(".", "").replace(",", ".")


def _sentence(is_member: bool, because: Because, tree: Node | None) -> str:
    match because:
        case Because.EXCLUDED:
            return "Not in: it was left out by hand."
        case Because.INCLUDED:
            return "In: it was added by hand."
        case Because.DUPLICATE:
            return "Not in by itself: another row stands for this person."
    if is_member:
        return "In: every row is." if tree is None else f"In: {tree.sentence}."
    failing = _failing(tree)
    holds = "does not hold" if len(failing) == 1 else "do not hold"
    return f"Not in: {' and '.join(each.sentence for each in failing)} {holds}."


def _failing(tree: Node | None) -> Sequence[Node]:
    """The topmost conditions without which the row would be in; the filter itself when it is no `all`."""
    if tree is None:
        return ()
    if "/all/" in "".join(part.pointer for part in tree.parts):
        return [part for part in tree.parts if not part.holds]
    return [tree]
