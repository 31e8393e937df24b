"""Make a version the newest: bytes first, then the pointer that makes it true."""

from collections.abc import Sequence

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.tables import store
from muster.tables.manifest import keep
from muster.tables.model import Manifest, TableId, TablePointer
from muster.tables.room import TablesRoom


def publish(room: TablesRoom, connection: Connection, user_id: UserId, manifest: Manifest) -> Manifest:
    """Store a manifest and point to it in the caller's transaction; returns it with its final version.

    May run again with the same manifest (a job that died right after its commit): the second time changes
    nothing. Who wants a shorter transaction calls `keep` before it and `point_to` inside.
    Raises Conflict (`table_changed`) when `manifest.parent` is no longer the newest version.
    """
    kept = keep(room, manifest)
    point_to(room, connection, user_id, kept)
    return kept


def point_to(room: TablesRoom, connection: Connection, user_id: UserId, manifest: Manifest) -> None:
    """Make a kept manifest the newest version. Raises Conflict (`table_changed`)."""
    pointer = TablePointer(
        manifest.table_id, manifest.version, manifest.visible_rows, size_bytes(manifest), room.clock()
    )
    before = store.newest(connection, user_id, manifest.table_id)
    if before is not None and before.version == manifest.version:
        return
    if before is None and manifest.parent is not None:
        raise Conflict("This table was deleted meanwhile.", code="table_changed")
    if before is None:
        store.add(connection, user_id, pointer)
    else:
        store.advance(connection, user_id, pointer, from_version=manifest.parent or 0)


def size_bytes(manifest: Manifest) -> int:
    """Bytes of the column groups of a version."""
    return sum(part.size_bytes for group in manifest.groups for part in group.parts)


def pointers(connection: Connection, principal: Principal, table_ids: Sequence[str]) -> list[TablePointer]:
    """The newest version of each of these tables. Raises NotFound, Forbidden, Conflict (`table_not_ready`)."""
    found = store.TableStore(connection, principal)
    return [found.get(table_id) for table_id in table_ids]


def newest(connection: Connection, user_id: UserId, table_id: TableId) -> TablePointer | None:
    """The newest version of a user's table, for jobs; None when there is none yet."""
    return store.newest(connection, user_id, table_id)
