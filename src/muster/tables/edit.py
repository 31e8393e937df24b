"""Change cells: new overlays, a new version, a line in the log; the files underneath stay as they are.

Edited values do not go through rules again: whoever edits by hand means it. Typed twins are kept right, so
filters and sorting see what is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue
from muster.ids import random_text
from muster.predicates.model import Predicate
from muster.tables.ids import Question, all_ids
from muster.tables.layout import Layout
from muster.tables.manifest import keep
from muster.tables.model import ChangeKind, Manifest, Overlay, TableChange
from muster.tables.overlays import Text, replaced, write_cells, write_filled
from muster.tables.publish import point_to
from muster.tables.reading import ReadingRoom, whole
from muster.tables.store import TableStore
from muster.tables.transform import TransformEdit, transformed
from muster.tables.window import check_question, newest_layout, refuse_unknown_columns

MAX_EDITS = 10_000
"""Rows one request may edit one by one."""
_ATTEMPTS = 8
_MAX_NAMES_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class CellEdits:
    """New values by column name for single rows, in order: a later edit of a cell wins. None empties it."""

    edits: tuple[tuple[int, Mapping[str, Text]], ...]


@dataclass(frozen=True, slots=True)
class FilterEdit:
    """The same new values for every row that matches."""

    predicate: Predicate
    values: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Edited:
    """version: the newest one now. change_id: None when nothing matched, so nothing changed."""

    version: int
    rows_changed: int
    change_id: int | None


Also = Callable[[Connection, Edited], None]


def edit(
    reading: ReadingRoom,
    principal: Principal,
    table_id: str,
    wanted: CellEdits | FilterEdit | TransformEdit,
    *,
    if_version: int | None = None,
    also: Also = lambda _connection, _edited: None,
) -> Edited:
    """Edit cells of the newest version.

    Edits that come at the same time never lose each other: who is late starts again from what is there now.
    if_version: refuse with Conflict (`table_changed`) unless that is the newest. also: done in the
    transaction that makes the edit true.
    Raises NotFound, Forbidden, InputError (`column_unknown`, `row_unknown`, `filter_invalid`,
    `edit_too_large`), Conflict, StorageFull.
    """
    newest_layout(reading, principal, table_id)  # only who may edit it waits for its turn
    with reading.turn(table_id):
        for _ in range(1 if if_version is not None else _ATTEMPTS):
            shape = newest_layout(reading, principal, table_id)
            if if_version is not None and if_version != shape.manifest.version:
                break
            with suppress(_Late):
                return _edit_once(reading, principal, shape, wanted, also)
    raise Conflict(
        "Someone else changed this table at the same time. Read it again and repeat your change.",
        code="table_changed",
    )


class _Late(Exception):
    """Somebody else made a version meanwhile."""


def _edit_once(
    reading: ReadingRoom,
    principal: Principal,
    shape: Layout,
    wanted: CellEdits | FilterEdit | TransformEdit,
    also: Also,
) -> Edited:
    made_by = f"edit-{random_text(22)}"
    if isinstance(wanted, CellEdits):
        names, rows, new = _cells(reading, shape, made_by, wanted)
        kind = ChangeKind.CELLS
    elif isinstance(wanted, TransformEdit):
        names, rows, new = transformed(reading, shape, made_by, wanted)
        kind = ChangeKind.FILTER
    else:
        names, rows, new = _filled(reading, shape, made_by, wanted)
        kind = ChangeKind.FILTER
    if not rows:
        nothing = Edited(shape.manifest.version, 0, None)
        with reading.tables.db.begin() as connection:
            also(connection, nothing)
        return nothing
    manifest = replace(
        shape.manifest,
        version=shape.manifest.version + 1,
        parent=shape.manifest.version,
        made_by="edit",
        overlays=replaced(shape.manifest.overlays, new),
    )
    return _commit(reading, principal, manifest, new, (kind, names, rows), also)


def _cells(
    reading: ReadingRoom, shape: Layout, made_by: str, wanted: CellEdits
) -> tuple[tuple[str, ...], int, list[Overlay]]:
    """Names of the columns, number of rows, and their new overlays."""
    _refuse_unknown(reading, shape, wanted)
    by_column: dict[str, dict[int, Text]] = {}
    for row_id, values in wanted.edits:
        for name, value in values.items():
            by_column.setdefault(name, {})[row_id] = value
    new = [
        write_cells(reading, shape, made_by, shape.columns[name], values)
        for name, values in by_column.items()
    ]
    return tuple(by_column), len({row_id for row_id, values in wanted.edits if values}), new


def _filled(
    reading: ReadingRoom, shape: Layout, made_by: str, wanted: FilterEdit
) -> tuple[tuple[str, ...], int, list[Overlay]]:
    refuse_unknown_columns(shape, [(name, f"/set/{_escaped(name)}") for name in wanted.values])
    question = Question(wanted.predicate)
    check_question(shape, question)
    matching = all_ids(reading, shape, question).array()
    if not len(matching):
        return (), 0, []
    new = [
        write_filled(reading, shape, made_by, shape.columns[name], matching, value)
        for name, value in wanted.values.items()
    ]
    return tuple(wanted.values), len(matching), new


def _refuse_unknown(reading: ReadingRoom, shape: Layout, wanted: CellEdits) -> None:
    refuse_unknown_columns(
        shape,
        [
            (name, f"/edits/{at}/set/{_escaped(name)}")
            for at, (_, values) in enumerate(wanted.edits)
            for name in values
        ],
    )
    hidden = None if shape.hidden is None else whole(reading, shape.hidden).row_ids
    message = "There is no such row in this table. Take `_row_id` from the rows as they are now."
    issues = [
        Issue(row_id, "row", f"/edits/{at}/row", "row_unknown", message)
        for at, (row_id, _) in enumerate(wanted.edits)
        if not 0 <= row_id < shape.manifest.rows or (hidden is not None and hidden.find(row_id) is not None)
    ]
    if issues:
        raise InputError(message, code="row_unknown", issues=issues)


def _commit(
    reading: ReadingRoom,
    principal: Principal,
    manifest: Manifest,
    new: Sequence[Overlay],
    change: tuple[ChangeKind, tuple[str, ...], int],
    also: Also,
) -> Edited:
    room = reading.tables
    kind, names, rows = change
    manifest = keep(room, manifest)
    try:
        with room.db.begin() as connection:
            store = TableStore(connection, principal)
            store.get(manifest.table_id)
            _point(reading, connection, principal, manifest)
            now = room.clock()
            change_id = store.log(
                TableChange(
                    table_id=manifest.table_id,
                    actor=principal.actor,
                    at=now,
                    kind=kind,
                    columns=names,
                    rows=rows,
                    from_version=manifest.parent or 0,
                    to_version=manifest.version,
                )
            )
            edited = Edited(manifest.version, rows, change_id)
            audit.record(
                connection, principal, "table.edited", manifest.table_id, audit_details(edited, names), now
            )
            also(connection, edited)
    except _Late:
        # Nobody points to them, and nobody ever will.
        for overlay in new:
            room.objects.delete(overlay.key)
        raise
    return edited


def _point(reading: ReadingRoom, connection: Connection, principal: Principal, manifest: Manifest) -> None:
    try:
        point_to(reading.tables, connection, principal.user_id, manifest)
    except Conflict as error:
        raise _Late from error


def audit_details(edited: Edited, names: Sequence[str]) -> Mapping[str, str | int]:
    """What the audit log keeps of a change: counts and names of columns, never values."""
    listed = ", ".join(names)
    return {
        "rows": edited.rows_changed,
        "version": edited.version,
        "columns": listed if len(listed) <= _MAX_NAMES_CHARACTERS else f"{len(names)} columns",
    }


def _escaped(name: str) -> str:
    """As RFC 6901 asks for in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
