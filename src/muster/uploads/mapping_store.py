"""SQL of mappings that outlive their upload."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import mappings, users
from muster.errors import Conflict, Forbidden, NotFound
from muster.ids import UserId
from muster.uploads.mapping import mapping_json, parse_mapping
from muster.uploads.mapping_model import KeptMapping

_ID: Final = re.compile(r"map_[0-9A-Za-z]{22}")


class MappingStore:
    """Cannot be made without a user, and touches only that user's mappings; inside the caller's transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def _mine(self, mapping_id: str | None = None) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = mappings.c.user_id == self._user_id
        return mine if mapping_id is None else mine & (mappings.c.id == mapping_id)

    def lock(self) -> None:
        """Wait until no other transaction changes this user's mappings; SQLite has one writer at a time anyway."""
        mine = select(users.c.id).where(users.c.id == self._user_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def get(self, mapping_id: str) -> KeptMapping:
        """Raises NotFound for an unknown id, Forbidden when the mapping is another user's."""
        if _ID.fullmatch(mapping_id):
            row = self._connection.execute(select(mappings).where(self._mine(mapping_id))).one_or_none()
            if row is not None:
                return _kept(row)
            if self._connection.execute(select(exists().where(mappings.c.id == mapping_id))).scalar_one():
                raise Forbidden("This mapping belongs to someone else.", code="mapping_not_yours")
        raise NotFound(
            "There is no mapping with this id; it may have been deleted.", code="mapping_not_found"
        )

    def named(self, name: str) -> KeptMapping | None:
        """The template of this name."""
        row = self._connection.execute(
            select(mappings).where(self._mine(), mappings.c.name == name)
        ).one_or_none()
        return None if row is None else _kept(row)

    def remembered(self, signature: str) -> KeptMapping | None:
        """What was decided last for files with these headers."""
        row = self._connection.execute(
            select(mappings)
            .where(self._mine(), mappings.c.signature == signature, mappings.c.name.is_(None))
            .order_by(mappings.c.used_at.desc())
            .limit(1)
        ).one_or_none()
        return None if row is None else _kept(row)

    def list(self, limit: int, after: Cursor | None) -> Sequence[KeptMapping]:
        """Newest first, at most `limit`."""
        wanted = self._mine()
        if after is not None:
            wanted &= after.after(mappings.c.created_at, mappings.c.id)
        rows = self._connection.execute(
            select(mappings)
            .where(wanted)
            .order_by(mappings.c.created_at.desc(), mappings.c.id.desc())
            .limit(limit)
        )
        return [_kept(row) for row in rows]

    def count(self) -> int:
        return self._connection.execute(
            select(func.count()).select_from(mappings).where(self._mine())
        ).scalar_one()

    def add(self, kept: KeptMapping) -> None:
        """Raises Conflict (`template_name_taken`)."""
        values = {
            "id": kept.id,
            "user_id": self._user_id,
            "name": kept.name,
            "signature": kept.signature,
            "mapping": mapping_json(kept.mapping),
            "created_at": kept.created_at,
            "used_at": kept.used_at,
        }
        try:
            self._connection.execute(insert(mappings).values(values))
        except IntegrityError as error:
            raise name_taken() from error

    def replace(self, kept: KeptMapping) -> None:
        """Another mapping under the same id."""
        self._connection.execute(
            update(mappings)
            .where(self._mine(kept.id))
            .values(signature=kept.signature, mapping=mapping_json(kept.mapping), used_at=kept.used_at)
        )

    def touch(self, mapping_id: str, now: datetime) -> None:
        """It was used again."""
        self._connection.execute(update(mappings).where(self._mine(mapping_id)).values(used_at=now))

    def rename(self, mapping_id: str, name: str) -> None:
        """Raises Conflict (`template_name_taken`)."""
        try:
            self._connection.execute(update(mappings).where(self._mine(mapping_id)).values(name=name))
        except IntegrityError as error:
            raise name_taken() from error

    def remove(self, mapping_id: str) -> None:
        self._connection.execute(delete(mappings).where(self._mine(mapping_id)))

    def forget_oldest(self, most: int) -> None:
        """Remove what is only remembered and was used longest ago, until `most` mappings are left if possible."""
        too_many = self.count() - most
        if too_many > 0:
            oldest = (
                select(mappings.c.id)
                .where(self._mine(), mappings.c.name.is_(None))
                .order_by(mappings.c.used_at)
                .limit(too_many)
            )
            ids = self._connection.execute(oldest).scalars().all()
            self._connection.execute(delete(mappings).where(self._mine(), mappings.c.id.in_(ids)))


def name_taken() -> Conflict:
    """The refusal for a second template of one name."""
    return Conflict(
        "You have a template of this name already. Choose another one.", code="template_name_taken"
    )


def _kept(row: Row[Any]) -> KeptMapping:
    return KeptMapping(
        row.id, row.name, row.signature, parse_mapping(row.mapping), row.created_at, row.used_at
    )
