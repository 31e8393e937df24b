"""Take a change back, and look at the log of changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, NotFound
from muster.tables.edit import Edited, audit_details
from muster.tables.enrich import without_enrichment
from muster.tables.layout import Layout
from muster.tables.manifest import keep, load_manifest
from muster.tables.model import ChangeKind, Column, Manifest, Overlay, TableChange
from muster.tables.overlays import replaced
from muster.tables.publish import point_to
from muster.tables.reading import ReadingRoom
from muster.tables.store import TableStore
from muster.tables.window import newest_layout
from muster.tables.write import load_part

_PAGE = 200
_MADE_ANEW = "The table was made anew since then."


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes, newest first; before: what the next page starts below, None at the end."""

    changes: Sequence[TableChange]
    before: int | None


def changes(
    reading: ReadingRoom, principal: Principal, table_id: str, limit: int, before: int | None
) -> ChangePage:
    """The log of a table. Raises NotFound, Forbidden, Conflict (`table_not_ready`)."""
    with reading.tables.db.read() as connection:
        found = TableStore(connection, principal).changes(table_id, limit + 1, before)
    page = found[:limit]
    return ChangePage(page, page[-1].id if len(found) > limit else None)


def undo(
    reading: ReadingRoom,
    principal: Principal,
    table_id: str,
    change_id: int | None = None,
    *,
    also: Callable[[Connection, Edited], None] = lambda _connection, _edited: None,
) -> Edited:
    """Take back the newest change that still holds; the answer tells the new version and that change.

    Changes that added rows are passed over: those rows stay, and what came before them can be taken back.
    change_id: must be that very change; None takes whichever it is.
    Raises NotFound (`change_not_found`), Conflict (`change_undone`, `change_not_newest`,
    `change_not_undoable`, `table_changed`).
    """
    shape = newest_layout(reading, principal, table_id)
    change = _to_undo(reading, principal, table_id, change_id)
    manifest = keep(reading.tables, _without(reading, shape, change))
    room = reading.tables
    with room.db.begin() as connection:
        store = TableStore(connection, principal)
        store.get(table_id)
        store.mark_undone(table_id, change.id, room.clock())
        point_to(room, connection, principal.user_id, manifest)
        undone = Edited(manifest.version, change.rows, change.id)
        details = {**audit_details(undone, change.columns), "change": change.id}
        audit.record(connection, principal, "table.change_undone", table_id, details, room.clock())
        also(connection, undone)
    return undone


def _to_undo(reading: ReadingRoom, principal: Principal, table_id: str, change_id: int | None) -> TableChange:
    with reading.tables.db.read() as connection:
        store = TableStore(connection, principal)
        newest = _newest_holding(store, table_id)
        if change_id is None and newest is None:
            raise NotFound("No change of this table is left to undo.", code="change_not_found")
        if newest is not None and change_id in {None, newest.id}:
            return newest
        asked = store.changes(table_id, 1, (change_id or 0) + 1)
    if not asked or asked[0].id != change_id:
        raise NotFound("This table has no change with this id.", code="change_not_found")
    if asked[0].undone_at is not None:
        raise Conflict("This change was undone already.", code="change_undone")
    if asked[0].kind is ChangeKind.RETRY:
        raise _not_undoable("It added rows; delete those by a rule or upload again instead.")
    raise Conflict(
        f"Changes are undone from the newest on. Undo change {newest.id if newest else 0} first.",
        code="change_not_newest",
    )


def _newest_holding(store: TableStore, table_id: str) -> TableChange | None:
    before: int | None = None
    while page := store.changes(table_id, _PAGE, before):
        for change in page:
            if change.undone_at is None and change.kind is not ChangeKind.RETRY:
                return change
        before = page[-1].id
    return None


def _without(reading: ReadingRoom, shape: Layout, change: TableChange) -> Manifest:
    """The newest version with what the change touched as it was before."""
    now = shape.manifest
    try:
        before = load_manifest(reading.tables, now.table_id, change.from_version)
        after = load_manifest(reading.tables, now.table_id, change.to_version)
    except NotFound as error:
        raise _not_undoable("The version before it is no longer kept.") from error
    if change.kind is ChangeKind.ENRICHMENT:
        undone = without_enrichment(now, before, after, _sent_columns(reading, now))
        if undone is None:
            raise _not_undoable(_MADE_ANEW)
        return undone
    physical = {shape.columns[name].physical for name in change.columns if name in shape.columns}
    if len(physical) < len(change.columns) or _of(now, physical) != _of(after, physical):
        raise _not_undoable(_MADE_ANEW)
    kept = [overlay for overlay in now.overlays if overlay.column not in physical]
    return replace(
        now,
        version=now.version + 1,
        parent=now.version,
        made_by="edit",
        overlays=replaced(kept, _of(before, physical)),
    )


def _sent_columns(reading: ReadingRoom, manifest: Manifest) -> Sequence[Column]:
    """What is known of the columns that rows were sent with, whether the version shows them or not."""
    if manifest.noted is None:
        return ()
    return load_part(reading.tables, manifest.table_id, *manifest.noted).state.final()


def _of(manifest: Manifest, physical: set[str]) -> list[Overlay]:
    return [overlay for overlay in manifest.overlays if overlay.column in physical]


def _not_undoable(reason: str) -> Conflict:
    return Conflict(f"This change cannot be undone. {reason}", code="change_not_undoable")
