"""SQL of remembered answers (table `idempotency_keys`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from muster.db.schema import idempotency_keys as keys
from muster.ids import UserId


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored under one key; status and body are None while the first request runs."""

    request_hash: str
    claimed_at: datetime
    status: int | None
    body: bytes | None


class AnswerStore:
    """The remembered answers of one user, inside the caller's transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def find(self, key: str) -> Remembered | None:
        row = self._connection.execute(
            select(keys.c.request_hash, keys.c.claimed_at, keys.c.status, keys.c.body).where(
                keys.c.user_id == self._user_id, keys.c.key == key
            )
        ).one_or_none()
        return None if row is None else Remembered(*row)

    def claim(self, key: str, request_hash: str, now: datetime) -> bool:
        """Insert the key as running; False when it is there already."""
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(keys).values(
                        user_id=self._user_id, key=key, request_hash=request_hash, claimed_at=now
                    )
                )
        except IntegrityError:
            return False
        return True

    # A claim is named by its key and its moment: a claim that ran out may be someone else's by now.

    def complete(self, key: str, claimed_at: datetime, status: int, body: bytes) -> bool:
        """Whether the claim was still there to be completed."""
        changed = self._connection.execute(
            update(keys)
            .where(*self._claim(key, claimed_at), keys.c.status.is_(None))
            .values(status=status, body=body)
        )
        return changed.rowcount == 1

    def release(self, key: str, claimed_at: datetime) -> None:
        """Forget a claim unless it has its answer."""
        self._connection.execute(delete(keys).where(*self._claim(key, claimed_at), keys.c.status.is_(None)))

    def drop(self, key: str, claimed_at: datetime) -> None:
        """Forget a claim with its answer."""
        self._connection.execute(delete(keys).where(*self._claim(key, claimed_at)))

    def _claim(self, key: str, claimed_at: datetime) -> tuple[ColumnElement[bool], ...]:
        return keys.c.user_id == self._user_id, keys.c.key == key, keys.c.claimed_at == claimed_at


def purge_answers(connection: Connection, claimed_before: datetime) -> int:
    """Delete every user's answers older than `claimed_before`; returns how many."""
    return connection.execute(delete(keys).where(keys.c.claimed_at < claimed_before)).rowcount


def release_running(connection: Connection, claimed_before: datetime) -> int:
    """Delete claims whose request cannot be running any more; returns how many."""
    return connection.execute(
        delete(keys).where(keys.c.status.is_(None), keys.c.claimed_at < claimed_before)
    ).rowcount
