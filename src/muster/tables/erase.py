"""Take a table away: rows before bytes, so that nothing points to what is gone."""

from collections.abc import Callable

from muster.db.database import Connection
from muster.ids import UserId
from muster.objects.keys import table_prefix
from muster.tables import store
from muster.tables.hot import forget_copies
from muster.tables.model import TableId
from muster.tables.room import TablesRoom


def withdraw(connection: Connection, user_id: UserId, table_id: TableId) -> bool:
    """Remove the pointer and the log of changes; whether there was a table. Its bytes go with `erase_table`."""
    return store.remove(connection, user_id, table_id)


def erase_table(room: TablesRoom, table_id: TableId, deleted: Callable[[], None] = lambda: None) -> int:
    """Delete every object of a table and every copy of one on this machine; returns how many objects went.

    deleted: called after each object. May run again, and for a table that never was. Raises Unavailable.
    """
    room.manifests.forget(lambda key: key[0] == table_id)
    prefix = table_prefix(table_id)
    keys = [found.key for found in room.objects.list(prefix)]
    for key in keys:
        room.objects.delete(key)
        deleted()
    room.cache.forget(prefix)
    if room.hot is not None:
        forget_copies(room.hot, table_id)
    return len(keys)
