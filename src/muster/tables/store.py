"""SQL of tables: the pointer to the newest version, and the log of changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.schema import table_changes, tables, uploads
from muster.errors import Conflict, Forbidden, NotFound
from muster.ids import UserId, is_upload_id
from muster.tables.model import ChangeKind, TableChange, TableId, TablePointer

_POINTER = (tables.c.id, tables.c.version, tables.c.rows, tables.c.size_bytes, tables.c.updated_at)


def _pointer(row: Row[*tuple[Any, ...]]) -> TablePointer:
    return TablePointer(TableId(row.id), row.version, row.rows, row.size_bytes, row.updated_at)


def _change(row: Row[*tuple[Any, ...]]) -> TableChange:
    values = dict(row._mapping)
    return TableChange(
        **{
            **values,
            "table_id": TableId(values["table_id"]),
            "kind": ChangeKind(values["kind"]),
            "columns": tuple(values["columns"]),
        }
    )


class TableStore:
    """The tables one principal may see, inside the caller's transaction."""

    def __init__(self, connection: Connection, principal: Principal) -> None:
        self._connection = connection
        self._user_id: UserId = principal.user_id
        self._only = principal.only_upload

    def _mine(self) -> ColumnElement[bool]:
        mine = tables.c.user_id == self._user_id
        return mine if self._only is None else mine & (tables.c.id == self._only)

    def get(self, table_id: str) -> TablePointer:
        """The newest version of a table, by the id of its upload.

        Raises NotFound for an unknown id, Forbidden when it is another user's, Conflict (`table_not_ready`)
        when the upload is there and its table is not yet.
        """
        if is_upload_id(table_id):
            row = self._connection.execute(
                select(*_POINTER).where(tables.c.id == table_id, self._mine())
            ).one_or_none()
            if row is not None:
                return _pointer(row)
            self._refuse(table_id)
        raise NotFound("There is no upload with this id; it may have been deleted.", code="upload_not_found")

    def _refuse(self, table_id: str) -> None:
        owner = self._connection.execute(
            select(uploads.c.user_id).where(uploads.c.id == table_id)
        ).scalar_one_or_none()
        if owner is None:
            return
        if owner != self._user_id or self._only not in {None, table_id}:
            raise Forbidden("This upload belongs to someone else.", code="upload_not_yours")
        raise Conflict(
            "The table of this upload is not ready yet. Follow the upload's progress and ask again.",
            code="table_not_ready",
        )

    def advance(self, pointer: TablePointer, *, from_version: int) -> None:
        """Point to a newer version. Raises Conflict (`table_changed`) unless `from_version` is the newest."""
        advance(self._connection, self._user_id, pointer, from_version=from_version)

    def log(self, change: TableChange) -> int:
        """Keep a change; returns its id."""
        self.get(change.table_id)  # a change of someone else's table cannot be written down
        return log(self._connection, change)

    def changes(self, table_id: str, limit: int, before: int | None = None) -> Sequence[TableChange]:
        """Newest first, at most `limit`; before: only those with a smaller id."""
        self.get(table_id)
        condition = table_changes.c.table_id == table_id
        if before is not None:
            condition &= table_changes.c.id < before
        rows = self._connection.execute(
            select(table_changes).where(condition).order_by(table_changes.c.id.desc()).limit(limit)
        )
        return [_change(row) for row in rows]

    def mark_undone(self, table_id: str, change_id: int, at: datetime) -> None:
        """Note that a change was taken back. Raises Conflict (`change_undone`) when it was before."""
        self.get(table_id)
        done = self._connection.execute(
            update(table_changes)
            .where(
                table_changes.c.table_id == table_id,
                table_changes.c.id == change_id,
                table_changes.c.undone_at.is_(None),
            )
            .values(undone_at=at)
        )
        if done.rowcount != 1:
            raise Conflict("This change was undone already.", code="change_undone")


# For jobs and sweeps, which act for a user without being one


def advance(connection: Connection, user_id: UserId, pointer: TablePointer, *, from_version: int) -> None:
    """Point to a newer version. Raises Conflict (`table_changed`) unless `from_version` is the newest."""
    done = connection.execute(
        update(tables)
        .where(tables.c.id == pointer.table_id, tables.c.user_id == user_id, tables.c.version == from_version)
        .values(
            version=pointer.version,
            rows=pointer.rows,
            size_bytes=pointer.size_bytes,
            updated_at=pointer.updated_at,
        )
    )
    if done.rowcount != 1:
        raise Conflict(
            "Someone else changed this table at the same time. Read it again and repeat your change.",
            code="table_changed",
        )


def log(connection: Connection, change: TableChange) -> int:
    """Keep a change of a table that the caller has just advanced; returns its id."""
    values = {
        column.name: getattr(change, column.name)
        for column in table_changes.columns
        if column.name not in {"id", "columns"}
    }
    done = connection.execute(
        insert(table_changes).values(**values, columns=list(change.columns)).returning(table_changes.c.id)
    )
    return int(done.scalar_one())


def add(connection: Connection, user_id: UserId, pointer: TablePointer) -> None:
    """The first pointer of a table. Raises Conflict (`table_changed`) when it has one."""
    row = {
        "id": pointer.table_id,
        "user_id": user_id,
        "version": pointer.version,
        "rows": pointer.rows,
        "size_bytes": pointer.size_bytes,
        "updated_at": pointer.updated_at,
    }
    try:
        connection.execute(insert(tables).values(**row))
    except IntegrityError as error:
        raise Conflict("This upload has a table already.", code="table_changed") from error


def newest(connection: Connection, user_id: UserId, table_id: TableId) -> TablePointer | None:
    """The newest version of a user's table, None when there is no table."""
    row = connection.execute(
        select(*_POINTER).where(tables.c.id == table_id, tables.c.user_id == user_id)
    ).one_or_none()
    return None if row is None else _pointer(row)


def remove(connection: Connection, user_id: UserId, table_id: TableId) -> bool:
    """Whether there was such a table; its changes go with it."""
    return (
        connection.execute(
            delete(tables).where(tables.c.id == table_id, tables.c.user_id == user_id)
        ).rowcount
        == 1
    )


def versions(connection: Connection, candidates: Sequence[str]) -> dict[str, int]:
    """The newest version of each of these tables, whoever owns it; for the sweep."""
    rows = connection.execute(select(tables.c.id, tables.c.version).where(tables.c.id.in_(candidates)))
    return {row.id: row.version for row in rows}


def totals(connection: Connection) -> tuple[int, int]:
    """Tables and the bytes of their newest versions, of the whole installation, for /metrics."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(tables.c.size_bytes), 0)).select_from(tables)
    ).one()
    return int(row[0]), int(row[1])
