"""SQL of kept settings of destinations: the connections one user owns, inside the caller's transaction."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, exists, insert, select, update

from muster.db.database import Connection
from muster.db.schema import export_connections
from muster.errors import Forbidden, NotFound
from muster.ids import UserId

_ID: Final = re.compile(r"xcn_[0-9A-Za-z]{22}")
_c = export_connections.c


@dataclass(frozen=True, slots=True)
class KeptConnection:
    """Settings under a name. settings: without the secrets, which are sealed."""

    id: str
    destination: str
    name: str
    settings: Mapping[str, Any]
    sealed: bytes | None = field(repr=False)
    created_at: datetime
    updated_at: datetime


class ConnectionStore:
    """Cannot be made without a user, and touches only that user's connections."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def list(self) -> Sequence[KeptConnection]:
        """By name."""
        found = select(export_connections).where(self._mine()).order_by(_c.name, _c.id)
        return [_kept(row) for row in self._connection.execute(found)]

    def names(self) -> dict[str, str]:
        """The name of each, by its id."""
        found = select(_c.id, _c.name).where(self._mine())
        return {row.id: row.name for row in self._connection.execute(found)}

    def get(self, connection_id: str) -> KeptConnection:
        """Raises NotFound for an unknown id, Forbidden when the connection is another user's."""
        if _ID.fullmatch(connection_id):
            mine = and_(self._mine(), _c.id == connection_id)
            row = self._connection.execute(select(export_connections).where(mine)).one_or_none()
            if row is not None:
                return _kept(row)
            if self._connection.execute(select(exists().where(_c.id == connection_id))).scalar_one():
                raise Forbidden("This connection belongs to someone else.", code="connection_not_yours")
        raise NotFound("There is no connection with this id.", code="connection_not_found")

    def is_taken(self, name: str, but: str | None = None) -> bool:
        """Whether another connection has this name."""
        same = and_(self._mine(), _c.name == name, _c.id != (but or ""))
        return bool(self._connection.execute(select(exists().where(same))).scalar_one())

    def add(self, kept: KeptConnection) -> None:
        self._connection.execute(insert(export_connections).values(user_id=self._user_id, **_cells(kept)))

    def change(self, kept: KeptConnection) -> None:
        mine = and_(self._mine(), _c.id == kept.id)
        self._connection.execute(update(export_connections).where(mine).values(**_cells(kept)))

    def remove(self, connection_id: str) -> None:
        self._connection.execute(delete(export_connections).where(self._mine(), _c.id == connection_id))

    def _mine(self) -> ColumnElement[bool]:
        return _c.user_id == self._user_id


def _cells(kept: KeptConnection) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in KeptConnection.__slots__}


def _kept(row: Row[*tuple[Any, ...]]) -> KeptConnection:
    return KeptConnection(
        row.id, row.destination, row.name, row.settings, row.sealed, row.created_at, row.updated_at
    )
