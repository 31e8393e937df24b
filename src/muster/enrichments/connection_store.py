"""SQL of connections: those one user owns, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update

from muster.db.database import Connection
from muster.db.schema import enrichment_connections as connections
from muster.db.schema import users
from muster.enrichments.connection_model import StoredConnection
from muster.errors import Forbidden, NotFound
from muster.ids import UserId, is_connection_id


class ConnectionStore:
    """Cannot be made without a user, and touches only that user's connections."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def lock(self) -> None:
        """Wait until no other transaction changes this user's connections: number and names must hold.

        SQLite has one writer at a time anyway, and no such clause.
        """
        mine = select(users.c.id).where(users.c.id == self._user_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def list(self) -> Sequence[StoredConnection]:
        """By name."""
        found = select(connections).where(connections.c.user_id == self._user_id)
        rows = self._connection.execute(found.order_by(func.lower(connections.c.name), connections.c.id))
        return list(map(_stored, rows))

    def get(self, connection_id: str) -> StoredConnection:
        """Raises NotFound for an unknown id, Forbidden when the connection is another user's."""
        if is_connection_id(connection_id):
            row = self._connection.execute(select(connections).where(self._mine(connection_id))).one_or_none()
            if row is not None:
                return _stored(row)
            known = select(exists().where(connections.c.id == connection_id))
            if self._connection.execute(known).scalar_one():
                raise Forbidden("This connection belongs to someone else.", code="connection_not_yours")
        raise NotFound(
            "There is no connection with this id; it may have been deleted.", code="connection_not_found"
        )

    def is_named(self, name: str, *, other_than: str | None = None) -> bool:
        """Whether another of the user's connections has this name, in whatever case."""
        mine = select(connections.c.id, connections.c.name).where(connections.c.user_id == self._user_id)
        return any(
            row.name.casefold() == name.casefold() and row.id != other_than
            for row in self._connection.execute(mine)
        )

    def add(self, stored: StoredConnection) -> None:
        values = {
            **_cells(stored),
            "id": stored.id,
            "user_id": self._user_id,
            "created_at": stored.created_at,
        }
        self._connection.execute(insert(connections).values(**values))

    def change(self, stored: StoredConnection) -> None:
        self._connection.execute(update(connections).where(self._mine(stored.id)).values(**_cells(stored)))

    def remove(self, connection_id: str) -> None:
        self._connection.execute(delete(connections).where(self._mine(connection_id)))

    def _mine(self, connection_id: str) -> Any:
        return (connections.c.id == connection_id) & (connections.c.user_id == self._user_id)


def _cells(stored: StoredConnection) -> dict[str, Any]:
    return {
        "provider": stored.provider,
        "name": stored.name,
        "settings": dict(stored.settings),
        "sealed": stored.sealed,
        "updated_at": stored.updated_at,
    }


def _stored(row: Row[*tuple[Any, ...]]) -> StoredConnection:
    return StoredConnection(
        row.id, row.provider, row.name, row.settings, row.sealed, row.created_at, row.updated_at
    )
