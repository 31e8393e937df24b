"""SQL of uploads."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import IntegrityError

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.schema import upload_counters, upload_tokens, uploads
from muster.errors import Forbidden, NotFound
from muster.ids import UploadId, UserId, is_upload_id
from muster.uploads.model import Source, Upload, UploadFilter, UploadStatus
from muster.uploads.order import Order, Place, SortField

_COLUMNS = (
    uploads.c.id,
    uploads.c.name,
    uploads.c.source,
    uploads.c.status,
    uploads.c.status_reason,
    uploads.c.created_at,
    uploads.c.rows_received,
    uploads.c.rows_accepted,
    uploads.c.rows_rejected,
    uploads.c.fields,
    uploads.c.fields_declared,
    uploads.c.size_bytes,
    uploads.c.stored_bytes,
)
# Made once: putting a statement together costs more than SQLite needs to run it.
_ADD = insert(uploads)


def _upload(row: Row[*tuple[Any, ...]]) -> Upload:
    values = dict(row._mapping)
    names = values.pop("fields")
    return Upload(
        **{
            **values,
            "id": UploadId(values["id"]),
            "source": Source(values["source"]),
            "status": UploadStatus(values["status"]),
            "fields": None if names is None else tuple(names),
        }
    )


class UploadStore:
    """The uploads one principal may see, inside the caller's transaction."""

    def __init__(self, connection: Connection, principal: Principal) -> None:
        self._connection = connection
        self._user_id: UserId = principal.user_id
        self._only = principal.only_upload

    def _mine(self) -> ColumnElement[bool]:
        mine = uploads.c.user_id == self._user_id
        return mine if self._only is None else mine & (uploads.c.id == self._only)

    def add(self, upload: Upload) -> None:
        values = {column.name: getattr(upload, column.name) for column in _COLUMNS if column.name != "fields"}
        names = None if upload.fields is None else list(upload.fields)
        self._connection.execute(_ADD, {**values, "fields": names, "user_id": self._user_id})

    def get(self, upload_id: str) -> Upload:
        """Raises NotFound for an unknown id, Forbidden when the upload is another user's."""
        if is_upload_id(upload_id):
            row = self._connection.execute(
                select(*_COLUMNS).where(uploads.c.id == upload_id, self._mine())
            ).one_or_none()
            if row is not None:
                return _upload(row)
            known = select(exists().where(uploads.c.id == upload_id))
            if self._connection.execute(known).scalar_one():
                raise Forbidden("This upload belongs to someone else.", code="upload_not_yours")
        raise NotFound("There is no upload with this id; it may have been deleted.", code="upload_not_found")

    def locked(self, upload_id: str) -> Upload:
        """As `get`; nothing can be made from the upload by another transaction until this one ends.

        SQLite has one writer at a time anyway, and no such clause.
        """
        mine = select(uploads.c.id).where(uploads.c.id == upload_id, self._mine())
        self._connection.execute(mine.with_for_update())
        return self.get(upload_id)

    def list(self, wanted: UploadFilter, order: Order, limit: int, after: Place | None) -> Sequence[Upload]:
        """In this order, at most `limit`, behind that place."""
        condition = self._matching(wanted)
        if after is not None:
            condition &= _behind(after)
        keys: tuple[ColumnElement[Any], ...] = (_key(order), uploads.c.id)
        if order.is_descending:
            keys = tuple(key.desc() for key in keys)
        rows = self._connection.execute(select(*_COLUMNS).where(condition).order_by(*keys).limit(limit))
        return [_upload(row) for row in rows]

    def count(self, wanted: UploadFilter) -> int:
        return self._connection.execute(
            select(func.count()).select_from(uploads).where(self._matching(wanted))
        ).scalar_one()

    def ids(self, wanted: UploadFilter, limit: int) -> Sequence[str]:
        """The newest `limit` ids that match."""
        rows = self._connection.execute(
            select(uploads.c.id)
            .where(self._matching(wanted))
            .order_by(uploads.c.created_at.desc(), uploads.c.id.desc())
            .limit(limit)
        )
        return list(rows.scalars())

    def _matching(self, wanted: UploadFilter) -> ColumnElement[bool]:
        condition = self._mine() & true()
        if wanted.name is not None:
            condition &= uploads.c.name.icontains(wanted.name, autoescape=True)
        if wanted.statuses is not None:
            condition &= uploads.c.status.in_([status.value for status in wanted.statuses])
        if wanted.source is not None:
            condition &= uploads.c.source == wanted.source
        if wanted.created_after is not None:
            condition &= uploads.c.created_at > wanted.created_after
        if wanted.created_before is not None:
            condition &= uploads.c.created_at < wanted.created_before
        if wanted.has_errors is not None:
            rejected = uploads.c.rows_rejected > 0
            condition &= rejected if wanted.has_errors else ~rejected
        return condition

    def rename(self, upload_id: str, name: str) -> None:
        self._connection.execute(
            update(uploads).where(uploads.c.id == upload_id, self._mine()).values(name=name)
        )

    def finish_receiving(self, upload_id: str, size_bytes: int, reason: str | None) -> bool:
        """A file is complete: `receiving` becomes `uploaded`; False when it was not (any more)."""
        receiving = uploads.c.status == UploadStatus.RECEIVING.value
        return (
            self._connection.execute(
                update(uploads)
                .where(uploads.c.id == upload_id, self._mine(), receiving)
                .values(
                    status=UploadStatus.UPLOADED.value,
                    status_reason=reason,
                    size_bytes=size_bytes,
                    stored_bytes=size_bytes,
                )
            ).rowcount
            == 1
        )

    def set_job(self, upload_id: str, job_id: str) -> None:
        """Note the newest job that works on the upload."""
        self._connection.execute(
            update(uploads).where(uploads.c.id == upload_id, self._mine()).values(job_id=job_id)
        )

    def job_of(self, upload_id: str) -> str | None:
        """The newest job that works on the upload; None when there is none, or no such upload."""
        return self._connection.execute(
            select(uploads.c.job_id).where(uploads.c.id == upload_id, self._mine())
        ).scalar_one_or_none()

    def finish(self, upload: Upload) -> bool:
        """What a job made of the upload: counts, status, fields; False when it was deleted meanwhile."""
        names = None if upload.fields is None else list(upload.fields)
        return (
            self._connection.execute(
                update(uploads)
                .where(uploads.c.id == upload.id, self._mine())
                .values(
                    status=upload.status.value,
                    status_reason=upload.status_reason,
                    rows_received=upload.rows_received,
                    rows_accepted=upload.rows_accepted,
                    rows_rejected=upload.rows_rejected,
                    fields=names,
                    stored_bytes=upload.stored_bytes,
                )
            ).rowcount
            == 1
        )

    def count_usage(self, upload: Upload, day: str, seconds: int) -> None:
        """Add a finished upload to the user's counters of that day (YYYY-MM-DD, UTC)."""
        names = {
            "user_id": self._user_id,
            "day": day,
            "source": upload.source.value,
            "outcome": upload.status.value,
        }
        added = {
            "uploads": 1,
            "rows_received": upload.rows_received,
            "rows_accepted": upload.rows_accepted,
            "rows_rejected": upload.rows_rejected,
            "size_bytes": upload.size_bytes,
            "seconds": seconds,
        }
        this_day = and_(*(upload_counters.c[name] == value for name, value in names.items()))
        more = (
            update(upload_counters)
            .where(this_day)
            .values({name: upload_counters.c[name] + value for name, value in added.items()})
        )
        if self._connection.execute(more).rowcount:
            return
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(upload_counters).values(**names, **added))
        except IntegrityError:  # another worker was first
            self._connection.execute(more)

    def move(
        self, upload_id: str, before: Collection[UploadStatus], after: UploadStatus, reason: str | None
    ) -> bool:
        """Change the status; False when it was none of `before`."""
        ready = uploads.c.status.in_([status.value for status in before])
        return (
            self._connection.execute(
                update(uploads)
                .where(uploads.c.id == upload_id, self._mine(), ready)
                .values(status=after.value, status_reason=reason)
            ).rowcount
            == 1
        )

    def set_fields(self, upload_id: str, names: Sequence[str]) -> None:
        """Keep names that were worked out; names the client declared stay."""
        self._connection.execute(
            update(uploads)
            .where(uploads.c.id == upload_id, self._mine(), uploads.c.fields_declared.is_(False))
            .values(fields=list(names))
        )

    def links(self, upload_id: str, now: datetime) -> Sequence[datetime]:
        """When each session token of the upload ends that has not ended yet, the last one first."""
        found = (
            select(upload_tokens.c.expires_at)
            .join_from(upload_tokens, uploads)
            .where(uploads.c.id == upload_id, self._mine(), upload_tokens.c.expires_at > now)
            .order_by(upload_tokens.c.expires_at.desc())
        )
        return list(self._connection.execute(found).scalars())

    def end_links(self, upload_id: str) -> int:
        """Delete every session token of the upload; returns how many there were."""
        is_mine = exists().where(uploads.c.id == upload_tokens.c.upload_id, self._mine())
        return self._connection.execute(
            delete(upload_tokens).where(upload_tokens.c.upload_id == upload_id, is_mine)
        ).rowcount

    def remove(self, upload_id: str) -> None:
        """Remove the row, and with it its tokens and its file."""
        self._connection.execute(delete(uploads).where(uploads.c.id == upload_id, self._mine()))


def _key(order: Order) -> ColumnElement[Any]:
    column = uploads.c[order.field.value]
    return func.lower(column) if order.field is SortField.NAME else column


def _behind(place: Place) -> ColumnElement[bool]:
    """What comes after a place in its order. The database itself folds the name, as it does when it sorts."""
    key = _key(place.order)
    value = func.lower(place.value) if place.order.field is SortField.NAME else literal(place.value, key.type)
    if place.order.is_descending:
        return or_(key < value, and_(key == value, uploads.c.id < place.id))
    return or_(key > value, and_(key == value, uploads.c.id > place.id))


def known_ids(connection: Connection, candidates: Sequence[str]) -> set[str]:
    """Which of these ids any user has an upload under; for the sweep of orphaned objects."""
    return set(connection.execute(select(uploads.c.id).where(uploads.c.id.in_(candidates))).scalars())


def totals(connection: Connection) -> tuple[int, int, int]:
    """Uploads, accepted records and stored bytes of the whole installation, for /metrics."""
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(uploads.c.rows_accepted), 0),
            func.coalesce(func.sum(uploads.c.stored_bytes), 0),
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])
