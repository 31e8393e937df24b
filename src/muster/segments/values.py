"""The values of some rows, joined fields in their place."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from muster.errors import InputError, Issue
from muster.predicates.check import unknown_field
from muster.segments.base import Base
from muster.segments.merge import merged_fields
from muster.segments.model import MemberColumn
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources
from muster.tables.page import page
from muster.tables.sorted_ids import SortedIds

Row = tuple[int, int]
"""Position of the source, row id."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One row as it is shown. values: in the order of the columns asked for. merged: names of those that are joined.

    origins: by name of a joined column the row its value comes from.
    """

    upload_id: str
    row_id: int
    values: Sequence[str | None]
    origins: dict[str, Row]


def chosen_columns(sources: Sources, names: Sequence[str] | None) -> tuple[MemberColumn, ...]:
    """The columns of these names, all when None. Raises InputError (`column_unknown`)."""
    if names is None:
        return sources.columns
    known = {column.name: column for column in sources.columns}
    issues = [
        Issue(None, name, f"/columns/{at}", "column_unknown", unknown_field(known, name))
        for at, name in enumerate(names)
        if name not in known
    ]
    if issues:
        message = "None of the uploads has such a column; `errors` names each one."
        raise InputError(message, code="column_unknown", issues=issues)
    return tuple(known[name] for name in dict.fromkeys(names))


def rows_shown(
    room: SegmentsRoom,
    base: Base,
    rows: Sequence[Row],
    columns: Sequence[MemberColumn],
    patience: Patience,
) -> list[MemberRow]:
    """These rows in this order. Raises Overloaded, Unavailable."""
    names = [column.name for column in columns]
    own: dict[Row, list[str | None]] = {}
    for position, layout in enumerate(base.sources.layouts):
        wanted = [row_id for at, row_id in rows if at == position]
        there = [name for name in names if name in layout.columns]
        found = page(room.reading, layout, wanted, [layout.columns[name] for name in there])
        at_name = {name: found.values[at] for at, name in enumerate(there)}
        for number, row_id in enumerate(wanted):
            own[position, row_id] = [
                _text(at_name[name][number]) if name in at_name else None for name in names
            ]
    joined = merged_fields(room, base.sources, base.dedupe, base.groups, names, patience)
    return [_joined(base.sources, row, names, own[row], joined) for row in rows]


def _joined(
    sources: Sources,
    row: Row,
    names: Sequence[str],
    own: Sequence[str | None],
    joined: dict[str, pa.Table],
) -> MemberRow:
    values, origins = list(own), {}
    place = sources.place(*row)
    for number, name in enumerate(names):
        table = joined.get(name)
        at = None if table is None else SortedIds(table.column("winner")).find(place)
        if table is not None and at is not None:
            values[number] = table.column("value")[at].as_py()
            origins[name] = sources.row_of(table.column("place")[at].as_py())
    return MemberRow(sources.layouts[row[0]].manifest.table_id, row[1], values, origins)


def _text(value: str | int | None) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)
