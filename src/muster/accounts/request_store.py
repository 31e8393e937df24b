"""The SQL of the request log. Rows of users who are gone are not written; trimming goes in small bites."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from muster.accounts.requests_model import LoggedRequest, RequestFilter
from muster.db.schema import api_keys, request_log, users
from muster.ids import UserId

_ADD = insert(request_log)


def add(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Write what existing users asked; answers how many rows that were."""
    wanted = {row["user_id"] for row in rows}
    # Held until the commit, so that no user goes between this look and the insert.
    here = select(users.c.id).where(users.c.id.in_(wanted)).with_for_update(read=True, key_share=True)
    known = set(connection.execute(here).scalars())
    kept = [row for row in rows if row["user_id"] in known]
    if kept:
        connection.execute(_ADD, kept)
    return len(kept)


def page(
    connection: Connection,
    user_id: UserId,
    wanted: RequestFilter,
    limit: int,
    before: tuple[datetime, int] | None,
) -> list[LoggedRequest]:
    """At most `limit` of the user's requests older than `before` (time, id), newest first."""
    found = (
        select(request_log, api_keys.c.name.label("key_name"))
        .join_from(request_log, api_keys, request_log.c.key_id == api_keys.c.id, isouter=True)
        .where(request_log.c.user_id == user_id, *_conditions(wanted))
        .order_by(request_log.c.at.desc(), request_log.c.id.desc())
    )
    if before is not None:
        at, row_id = before
        older = (request_log.c.at < at) | ((request_log.c.at == at) & (request_log.c.id < row_id))
        found = found.where(older)
    names = LoggedRequest.__slots__
    return [
        LoggedRequest(**{name: row._mapping[name] for name in names})
        for row in connection.execute(found.limit(limit))
    ]


def _conditions(wanted: RequestFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.statuses is not None:
        conditions.append(request_log.c.status.between(*wanted.statuses))
    if wanted.method is not None:
        conditions.append(request_log.c.method == wanted.method)
    if wanted.path is not None:
        # Both sides in lower case: LIKE ignores case on one database only.
        conditions.append(func.lower(request_log.c.path).contains(wanted.path.lower(), autoescape=True))
    if wanted.key_id is not None:
        conditions.append(request_log.c.key_id == wanted.key_id)
    if wanted.via is not None:
        conditions.append(request_log.c.via == wanted.via)
    if wanted.request_id is not None:
        conditions.append(request_log.c.request_id == wanted.request_id)
    return conditions


def forget_older(connection: Connection, than: datetime, limit: int) -> int:
    """Delete at most `limit` rows written before `than`, of anybody; answers how many."""
    oldest = select(request_log.c.id).where(request_log.c.at < than).limit(limit)
    return connection.execute(delete(request_log).where(request_log.c.id.in_(oldest))).rowcount


def users_over(connection: Connection, rows: int) -> list[UserId]:
    """Who has more than `rows` requests in the log."""
    many = select(request_log.c.user_id).group_by(request_log.c.user_id).having(func.count() > rows)
    return [UserId(user_id) for user_id in connection.execute(many).scalars()]


def forget_beyond(connection: Connection, user_id: UserId, rows: int, limit: int) -> int:
    """Delete at most `limit` of the user's rows that come after the newest `rows`; answers how many."""
    beyond = (
        select(request_log.c.id)
        .where(request_log.c.user_id == user_id)
        .order_by(request_log.c.at.desc(), request_log.c.id.desc())
        .offset(rows)
        .limit(limit)
    )
    doomed = connection.execute(beyond).scalars().all()
    if not doomed:
        return 0
    return connection.execute(delete(request_log).where(request_log.c.id.in_(doomed))).rowcount
