"""SQL of segments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.schema import (
    identity_matches,
    segment_sources,
    segment_versions,
    segments,
    tables,
    uploads,
)
from muster.errors import Conflict, Forbidden, NotFound
from muster.ids import UserId, is_segment_id
from muster.segments.definition import definition_json, definition_of
from muster.segments.model import (
    Counts,
    Kind,
    Label,
    Segment,
    SegmentId,
    Status,
)
from muster.segments.order import Order, Place, SortField
from muster.tables.dependants import Dependant


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which segments to list; None: any. name is contained, ignoring case."""

    name: str | None = None
    tag: str | None = None
    kind: Kind | None = None
    upload_id: str | None = None


class SegmentStore:
    """Cannot be made without a user, and touches only that user's segments."""

    def __init__(self, connection: Connection, principal: Principal) -> None:
        self._connection = connection
        self._user_id: UserId = principal.user_id

    def get(self, segment_id: str) -> Segment:
        """Raises NotFound for an unknown id, Forbidden when the segment is another user's."""
        if is_segment_id(segment_id):
            mine = select(segments).where(segments.c.id == segment_id, segments.c.user_id == self._user_id)
            row = self._connection.execute(mine).one_or_none()
            if row is not None:
                return _segment(row, self._uploads([segment_id])[segment_id])
            if self._connection.execute(select(exists().where(segments.c.id == segment_id))).scalar_one():
                raise Forbidden("This segment belongs to someone else.", code="segment_not_yours")
        raise NotFound(
            "There is no segment with this id; it may have been deleted.", code="segment_not_found"
        )

    def locked(self, segment_id: str) -> Segment:
        """As `get`; no other transaction changes the segment until this one ends. SQLite has one writer anyway."""
        self._connection.execute(select(segments.c.id).where(self._is(segment_id)).with_for_update())
        return self.get(segment_id)

    def list(self, wanted: Wanted, order: Order, limit: int, after: Place | None) -> Sequence[Segment]:
        """In this order, at most `limit`, behind that place."""
        condition = self._matching(wanted)
        if after is not None:
            condition &= _behind(after)
        keys: tuple[ColumnElement[Any], ...] = (_key(order), segments.c.id)
        if order.is_descending:
            keys = tuple(each.desc() for each in keys)
        found = self._connection.execute(select(segments).where(condition).order_by(*keys).limit(limit)).all()
        uploads_of = self._uploads([row.id for row in found])
        return [_segment(row, uploads_of[row.id]) for row in found]

    def count(self, wanted: Wanted) -> int:
        matching = select(func.count()).select_from(segments).where(self._matching(wanted))
        return self._connection.execute(matching).scalar_one()

    def _matching(self, wanted: Wanted) -> ColumnElement[bool]:
        condition = segments.c.user_id == self._user_id
        if wanted.name is not None:
            condition &= segments.c.name.icontains(wanted.name, autoescape=True)
        if wanted.kind is not None:
            condition &= segments.c.kind == wanted.kind.value
        if wanted.upload_id is not None:
            condition &= segments.c.id.in_(_made_from(wanted.upload_id))
        if wanted.tag is not None:
            condition &= segments.c.id.in_(self._tagged(wanted.tag))
        return condition

    def _tagged(self, tag: str) -> Sequence[str]:
        """Ids of those with this tag; tags are looked at here, for the two databases read JSON differently."""
        rows = self._connection.execute(
            select(segments.c.id, segments.c.tags).where(segments.c.user_id == self._user_id)
        )
        return [row.id for row in rows if tag in row.tags]

    def _uploads(self, segment_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        rows = self._connection.execute(
            select(segment_sources.c.segment_id, segment_sources.c.upload_id)
            .where(segment_sources.c.segment_id.in_(segment_ids))
            .order_by(segment_sources.c.segment_id, segment_sources.c.position)
        )
        found: dict[str, list[str]] = {segment_id: [] for segment_id in segment_ids}
        for row in rows:
            found[row.segment_id].append(row.upload_id)
        return {segment_id: tuple(ids) for segment_id, ids in found.items()}

    def add(self, segment: Segment) -> None:
        """Raises Conflict (`segment_name_taken`)."""
        self._naming(
            lambda: self._connection.execute(
                insert(segments).values(
                    id=segment.id,
                    user_id=self._user_id,
                    created_at=segment.created_at,
                    version=None,
                    **_cells(segment),
                )
            )
        )
        self._set_uploads(segment)

    def change(self, segment: Segment) -> None:
        """What its owner decides about a segment; its counts stay. Raises Conflict (`segment_name_taken`)."""
        self._naming(
            lambda: self._connection.execute(
                update(segments).where(self._is(segment.id)).values(**_cells(segment))
            )
        )
        self._connection.execute(delete(segment_sources).where(segment_sources.c.segment_id == segment.id))
        self._set_uploads(segment)

    def _naming(self, write: Any) -> None:
        try:
            with self._connection.begin_nested():
                write()
        except IntegrityError as error:
            raise Conflict(
                "You have a segment of this name already. Take another one.", code="segment_name_taken"
            ) from error

    def _set_uploads(self, segment: Segment) -> None:
        rows = [
            {"segment_id": segment.id, "position": at, "upload_id": upload_id}
            for at, upload_id in enumerate(segment.definition.uploads)
        ]
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(segment_sources), rows)
        except IntegrityError as error:  # it went this very moment
            raise NotFound(
                "There is no upload with this id; it may have been deleted.", code="upload_not_found"
            ) from error

    def _is(self, segment_id: str) -> ColumnElement[bool]:
        return and_(segments.c.id == segment_id, segments.c.user_id == self._user_id)

    def remove(self, segment_id: str) -> None:
        """Remove the row, and with it its versions."""
        self._connection.execute(delete(segments).where(self._is(segment_id)))

    def set_status(
        self, segment_id: str, revision: int, status: Status, job_id: str | None, why: tuple[str, str] | None
    ) -> bool:
        """Note what a count is at; False when the definition has changed since."""
        code, reason = why or (None, None)
        values: dict[str, Any] = {"status": status.value, "reason_code": code, "reason": reason}
        if job_id is not None:
            values["job_id"] = job_id
        done = self._connection.execute(
            update(segments).where(self._is(segment_id), segments.c.revision == revision).values(**values)
        )
        return done.rowcount == 1

    def touch_matched(self, match_id: str) -> None:
        """Make the segments that use a match be counted anew."""
        ids = [segment.id for segment in matched_by(self._connection, self._user_id, [match_id])]
        self._connection.execute(
            update(segments).where(segments.c.id.in_(ids)).values(revision=segments.c.revision + 1)
        )

    def upload_names(self, upload_ids: Collection[str]) -> Mapping[str, str]:
        rows = self._connection.execute(
            select(uploads.c.id, uploads.c.name).where(
                uploads.c.id.in_(upload_ids), uploads.c.user_id == self._user_id
            )
        )
        return {row.id: row.name for row in rows}

    def upload_ages(self, upload_ids: Collection[str]) -> Mapping[str, datetime]:
        """When each of these uploads was sent."""
        rows = self._connection.execute(
            select(uploads.c.id, uploads.c.created_at).where(
                uploads.c.id.in_(upload_ids), uploads.c.user_id == self._user_id
            )
        )
        return {row.id: row.created_at for row in rows}

    def newest_tables(self, upload_ids: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """By upload, the newest version of its table and its visible rows; those without a table are missing."""
        rows = self._connection.execute(
            select(tables.c.id, tables.c.version, tables.c.rows).where(
                tables.c.id.in_(upload_ids), tables.c.user_id == self._user_id
            )
        )
        return {row.id: (row.version, row.rows) for row in rows}


# For other rooms, sweeps and jobs


def made_from(connection: Connection, user_id: UserId, upload_id: str) -> Sequence[Dependant]:
    """The segments that are made from an upload now."""
    rows = connection.execute(
        select(segments.c.id, segments.c.name)
        .where(segments.c.user_id == user_id, segments.c.id.in_(_made_from(upload_id)))
        .order_by(segments.c.name)
    )
    return [Dependant("segment", row.id, row.name) for row in rows]


def matched_by(connection: Connection, user_id: UserId, match_ids: Collection[str]) -> Sequence[Dependant]:
    """The segments whose duplicates are joined by one of these probable matches."""
    rows = connection.execute(
        select(segments.c.id, segments.c.name, segments.c.definition)
        .where(segments.c.user_id == user_id)
        .order_by(segments.c.name)
    )
    return [
        Dependant("segment", row.id, row.name)
        for row in rows
        if (row.definition["dedupe"] or {}).get("match") in match_ids
    ]


def named_files(connection: Connection, owner_ids: Sequence[str]) -> dict[str, set[str]]:
    """For each of these segments and matches that exists: who made its files, and keys of objects it names."""
    found: dict[str, set[str]] = {}
    for rows in (
        select(segments.c.id, segments.c.manual_key).where(segments.c.id.in_(owner_ids)),
        select(segment_versions.c.segment_id, segment_versions.c.made_by).where(
            segment_versions.c.segment_id.in_(owner_ids)
        ),
        select(
            identity_matches.c.id,
            identity_matches.c.made_by,
            identity_matches.c.labels_key,
            identity_matches.c.decisions_key,
        ).where(identity_matches.c.id.in_(owner_ids)),
    ):
        for owner_id, *names in connection.execute(rows):
            found.setdefault(owner_id, set()).update(name for name in names if name is not None)
    return found


def _key(order: Order) -> ColumnElement[Any]:
    match order.field:
        case SortField.NAME:
            return func.lower(segments.c.name)
        case SortField.COUNT:
            return func.coalesce(segments.c.members, 0)
    column: ColumnElement[Any] = segments.c[order.field.value]
    return column


def _behind(place: Place) -> ColumnElement[bool]:
    """What comes after a place in its order. The database itself folds the name, as it does when it sorts."""
    key = _key(place.order)
    value = func.lower(place.value) if place.order.field is SortField.NAME else literal(place.value, key.type)
    if place.order.is_descending:
        return or_(key < value, and_(key == value, segments.c.id < place.id))
    return or_(key > value, and_(key == value, segments.c.id > place.id))


def _made_from(upload_id: str) -> Any:
    return select(segment_sources.c.segment_id).where(segment_sources.c.upload_id == upload_id)


def _cells(segment: Segment) -> dict[str, Any]:
    """What its owner decides."""
    return {
        "name": segment.label.name,
        "description": segment.label.description,
        "tags": list(segment.label.tags),
        "kind": segment.kind.value,
        "status": segment.status.value,
        "reason_code": segment.reason_code,
        "reason": segment.reason,
        "definition": definition_json(segment.definition),
        "manual_key": segment.manual_key,
        "included": segment.included,
        "excluded": segment.excluded,
        "revision": segment.revision,
        "updated_at": segment.updated_at,
    }


def counts_of(row: Row[*tuple[Any, ...]]) -> Counts:
    return Counts(row.members, row.candidates, row.joined, row.departed)


def _segment(row: Row[*tuple[Any, ...]], upload_ids: tuple[str, ...]) -> Segment:
    return Segment(
        id=SegmentId(row.id),
        label=Label(row.name, row.description, tuple(row.tags)),
        kind=Kind(row.kind),
        status=Status(row.status),
        reason_code=row.reason_code,
        reason=row.reason,
        definition=definition_of(row.definition, upload_ids),
        manual_key=row.manual_key,
        included=row.included,
        excluded=row.excluded,
        revision=row.revision,
        version=row.version,
        counts=None if row.version is None else counts_of(row),
        counted_at=row.counted_at,
        job_id=row.job_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
