"""SQL of suppressions: the list one user owns, inside the caller's transaction."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, select

from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import suppressions, users
from muster.errors import Forbidden, NotFound
from muster.exports.suppressed import SuppressionKind
from muster.ids import UserId

_ID: Final = re.compile(r"sup_[0-9A-Za-z]{22}")
_AT_ONCE: Final = 500

_c = suppressions.c
Entry = tuple[SuppressionKind, str]


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the list. digest: the keyed hash of what is suppressed."""

    id: str
    kind: SuppressionKind
    digest: str
    reason: str | None
    source: str
    created_at: datetime


class SuppressionStore:
    """Cannot be made without a user, and touches only that user's list."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def lock(self) -> None:
        """Wait until no other transaction adds to the list. SQLite has one writer at a time anyway."""
        mine = select(users.c.id).where(users.c.id == self._user_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def add(self, entries: Sequence[Suppression]) -> None:
        rows = [
            {
                "id": entry.id,
                "user_id": self._user_id,
                "kind": entry.kind.value,
                "digest": entry.digest,
                "reason": entry.reason,
                "source": entry.source,
                "created_at": entry.created_at,
            }
            for entry in entries
        ]
        if rows:
            self._connection.execute(insert(suppressions), rows)

    def known(self, entries: Collection[Entry]) -> set[Entry]:
        """Those of these that are on the list."""
        found: set[Entry] = set()
        digests = [digest for _, digest in entries]
        for at in range(0, len(digests), _AT_ONCE):
            some = select(_c.kind, _c.digest).where(self._mine(), _c.digest.in_(digests[at : at + _AT_ONCE]))
            found.update((SuppressionKind(row.kind), row.digest) for row in self._connection.execute(some))
        return found & set(entries)

    def digests(self) -> dict[SuppressionKind, frozenset[str]]:
        """The whole list, by kind."""
        found: dict[SuppressionKind, set[str]] = {kind: set() for kind in SuppressionKind}
        for row in self._connection.execute(select(_c.kind, _c.digest).where(self._mine())):
            found[SuppressionKind(row.kind)].add(row.digest)
        return {kind: frozenset(digests) for kind, digests in found.items()}

    def list(self, kind: SuppressionKind | None, limit: int, after: Cursor | None) -> Sequence[Suppression]:
        """Newest first, at most `limit`, behind that place."""
        conditions = [self._mine()]
        if kind is not None:
            conditions.append(_c.kind == kind.value)
        if after is not None:
            conditions.append(after.after(_c.created_at, _c.id))
        found = select(suppressions).where(and_(*conditions)).order_by(_c.created_at.desc(), _c.id.desc())
        return [_suppression(row) for row in self._connection.execute(found.limit(limit))]

    def counts(self) -> Mapping[SuppressionKind, int]:
        """How many entries there are of each kind."""
        counted = select(_c.kind, func.count()).where(self._mine()).group_by(_c.kind)
        found = {SuppressionKind(kind): int(number) for kind, number in self._connection.execute(counted)}
        return {kind: found.get(kind, 0) for kind in SuppressionKind}

    def remove(self, entries: Collection[Entry]) -> int:
        """Returns how many were on the list."""
        known = self.known(entries)
        for kind, digest in known:
            mine = and_(self._mine(), _c.kind == kind.value, _c.digest == digest)
            self._connection.execute(delete(suppressions).where(mine))
        return len(known)

    def remove_id(self, entry_id: str) -> None:
        """Raises NotFound for an unknown id, Forbidden when the entry is another user's."""
        if _ID.fullmatch(entry_id):
            mine = and_(self._mine(), _c.id == entry_id)
            if self._connection.execute(delete(suppressions).where(mine)).rowcount:
                return
            if self._connection.execute(select(exists().where(_c.id == entry_id))).scalar_one():
                raise Forbidden("This entry belongs to someone else.", code="suppression_not_yours")
        raise NotFound("There is no entry with this id on your list.", code="suppression_not_found")

    def _mine(self) -> ColumnElement[bool]:
        return _c.user_id == self._user_id


def _suppression(row: Row[*tuple[Any, ...]]) -> Suppression:
    return Suppression(row.id, SuppressionKind(row.kind), row.digest, row.reason, row.source, row.created_at)
