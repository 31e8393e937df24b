"""SQL of exports: those one user owns, inside the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, or_, select, update

from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import (
    export_dismissals,
    export_schedules,
    export_states,
    export_uploads,
    exports,
    segment_sources,
    segments,
    uploads,
)
from muster.errors import Forbidden, NotFound
from muster.exports.model import Counts, Definition, Export, ExportStatus, StoredFile
from muster.ids import UserId, is_export_id

_UNFINISHED: Final = (ExportStatus.QUEUED.value, ExportStatus.RUNNING.value)
_AT_ONCE: Final = 500

_c = exports.c


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which exports are meant; None: whatever it is."""

    statuses: frozenset[ExportStatus] | None = None
    destination: str | None = None
    segment_id: str | None = None
    upload_id: str | None = None
    schedule_id: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the destination of a series has."""

    object_key: str
    rows: int
    export_id: str


class ExportStore:
    """Cannot be made without a user, and touches only that user's exports."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def add(self, export: Export, upload_ids: Iterable[str]) -> None:
        self._connection.execute(insert(exports).values(**_cells(export)))
        self.hold(export.id, upload_ids)

    def hold(self, export_id: str, upload_ids: Iterable[str]) -> None:
        """Say of which uploads it holds rows."""
        self._connection.execute(delete(export_uploads).where(export_uploads.c.export_id == export_id))
        rows = [{"export_id": export_id, "upload_id": upload_id} for upload_id in dict.fromkeys(upload_ids)]
        if rows:
            self._connection.execute(insert(export_uploads), rows)

    def uploads_of(self, export_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The uploads whose rows each of these holds."""
        wanted = select(export_uploads).where(export_uploads.c.export_id.in_(export_ids))
        found: dict[str, list[str]] = {export_id: [] for export_id in export_ids}
        for row in self._connection.execute(wanted.order_by(export_uploads.c.upload_id)):
            found[row.export_id].append(row.upload_id)
        return found

    def source_names(self, found: Sequence[Export]) -> dict[str, str]:
        """By export, the name of the segment or upload it was made from, as far as that is still there."""
        named: dict[str, str] = {}
        for table, member in ((segments, "segment_id"), (uploads, "upload_id")):
            of = {export.id: getattr(export.definition.source, member) for export in found}
            wanted = select(table.c.id, table.c.name).where(
                table.c.id.in_([each for each in of.values() if each]), table.c.user_id == self._user_id
            )
            names = {row.id: row.name for row in self._connection.execute(wanted)}
            named |= {export_id: names[each] for export_id, each in of.items() if each in names}
        return named

    def get(self, export_id: str) -> Export:
        """Raises NotFound for an unknown id, Forbidden when the export is another user's."""
        if is_export_id(export_id):
            row = self._connection.execute(
                select(exports).where(_c.id == export_id, self._mine())
            ).one_or_none()
            if row is not None:
                return _export(row)
            if self._connection.execute(select(exists().where(_c.id == export_id))).scalar_one():
                raise Forbidden("This export belongs to someone else.", code="export_not_yours")
        raise NotFound("There is no export with this id; it may have been deleted.", code="export_not_found")

    def several(self, export_ids: Collection[str]) -> Mapping[str, Export]:
        """By their ids, those that are there."""
        found = select(exports).where(_c.id.in_(export_ids), self._mine())
        return {row.id: _export(row) for row in self._connection.execute(found)}

    def list(self, wanted: ExportFilter, limit: int, after: Cursor | None) -> Sequence[Export]:
        """Newest first, at most `limit`, behind that place."""
        condition = and_(self._mine(), *_matching(wanted))
        if after is not None:
            condition = and_(condition, after.after(_c.created_at, _c.id))
        found = select(exports).where(condition).order_by(_c.created_at.desc(), _c.id.desc()).limit(limit)
        return [_export(row) for row in self._connection.execute(found)]

    def count(self, wanted: ExportFilter) -> int:
        counted = select(func.count()).select_from(exports).where(self._mine(), *_matching(wanted))
        return int(self._connection.execute(counted).scalar_one())

    def change(self, export_id: str, at: datetime, **cells: Any) -> bool:
        """Change these columns of an export that is not over; whether there was one."""
        values = {name: _cell(value) for name, value in cells.items()}
        done = self._connection.execute(
            update(exports)
            .where(_c.id == export_id, self._mine(), _c.status.in_(_UNFINISHED))
            .values(**values, updated_at=at)
        )
        return done.rowcount == 1

    def set_counts(self, export_id: str, counts: Counts) -> None:
        """Of an export that is over: what changed was said of its rows, not done with them."""
        mine = (_c.id == export_id) & self._mine()
        self._connection.execute(update(exports).where(mine).values(counts=_cell(counts)))

    def drop_file(self, export_id: str) -> None:
        mine = (_c.id == export_id) & self._mine()
        self._connection.execute(update(exports).where(mine).values(file=None))

    def remove(self, export_ids: Collection[str]) -> None:
        self._connection.execute(delete(exports).where(_c.id.in_(export_ids), self._mine()))

    def made_from(
        self, *, upload_id: str | None = None, segment_id: str | None = None, beside_segments: bool = False
    ) -> Sequence[Export]:
        """Every export that holds rows of this upload, or was made from this segment.

        beside_segments: without those of segments made from the upload now, of which whoever asks hears anyway.
        """
        if upload_id is None:
            made: ColumnElement[bool] = _c.segment_id == segment_id
        else:
            held = select(export_uploads.c.export_id).where(export_uploads.c.upload_id == upload_id)
            made = or_(_c.upload_id == upload_id, _c.id.in_(held))
            if beside_segments:
                told = select(segment_sources.c.segment_id).where(segment_sources.c.upload_id == upload_id)
                made &= or_(_c.segment_id.is_(None), _c.segment_id.not_in(told))
        found = select(exports).where(self._mine(), made).order_by(_c.created_at.desc(), _c.id.desc())
        return [_export(row) for row in self._connection.execute(found)]

    def unfinished_by_connection(self, connection_id: str) -> bool:
        found = exists().where(_c.connection_id == connection_id, self._mine(), _c.status.in_(_UNFINISHED))
        return bool(self._connection.execute(select(found)).scalar_one())

    # What is kept from one export to the next of its series

    def state(self, series: str) -> State | None:
        mine = (export_states.c.series == series) & (export_states.c.user_id == self._user_id)
        row = self._connection.execute(select(export_states).where(mine)).one_or_none()
        return None if row is None else State(row.object_key, row.rows, row.export_id)

    def put_state(self, series: str, state: State, at: datetime) -> None:
        mine = (export_states.c.series == series) & (export_states.c.user_id == self._user_id)
        cells = {
            "object_key": state.object_key,
            "rows": state.rows,
            "export_id": state.export_id,
            "updated_at": at,
        }
        if not self._connection.execute(update(export_states).where(mine).values(**cells)).rowcount:
            self._connection.execute(
                insert(export_states).values(user_id=self._user_id, series=series, **cells)
            )

    def forget_series(self, series: Collection[str]) -> Sequence[str]:
        """Forget states and dismissals of series that neither an export nor a schedule belongs to any more; which."""
        forgotten = []
        for name in sorted(series):
            used = exists().where(_c.series == name, self._mine())
            planned = exists().where(
                export_schedules.c.series == name, export_schedules.c.user_id == self._user_id
            )
            if self._connection.execute(select(used | planned)).scalar_one():
                continue
            for table in (export_states, export_dismissals):
                mine = (table.c.series == name) & (table.c.user_id == self._user_id)
                self._connection.execute(delete(table).where(mine))
            forgotten.append(name)
        return forgotten

    def dismissed(self, series: str, among: Collection[str] | None = None) -> frozenset[str]:
        """Digests of rows that are not to be sent again; of `among` alone, if given."""
        columns = export_dismissals.c
        mine = (columns.series == series) & (columns.user_id == self._user_id)
        if among is None:
            return frozenset(self._connection.execute(select(columns.digest).where(mine)).scalars())
        found: set[str] = set()
        asked = list(among)
        for at in range(0, len(asked), _AT_ONCE):
            some = select(columns.digest).where(mine, columns.digest.in_(asked[at : at + _AT_ONCE]))
            found.update(self._connection.execute(some).scalars())
        return frozenset(found)

    def dismiss(self, series: str, digests: Collection[str], export_id: str, at: datetime) -> int:
        """Returns how many were not dismissed yet."""
        new = set(digests) - self.dismissed(series, digests)
        rows = [
            {"user_id": self._user_id, "series": series, "digest": digest, "export_id": export_id, "at": at}
            for digest in sorted(new)
        ]
        if rows:
            self._connection.execute(insert(export_dismissals), rows)
        return len(rows)

    def lock(self, export_id: str) -> None:
        """Wait until no other transaction changes this export. SQLite has one writer at a time anyway."""
        self._connection.execute(select(_c.id).where(_c.id == export_id, self._mine()).with_for_update())

    def _mine(self) -> ColumnElement[bool]:
        return _c.user_id == self._user_id


def held_tables(connection: Connection, table_ids: Sequence[str]) -> dict[str, set[int]]:
    """The versions of these tables that an export of any user still reads; for the sweep of tables."""
    found = select(_c.upload_id, _c.version).where(
        _c.upload_id.in_(table_ids), _c.version.is_not(None), _c.status.in_(_UNFINISHED)
    )
    held: dict[str, set[int]] = {}
    for row in connection.execute(found):
        held.setdefault(row.upload_id, set()).add(row.version)
    return held


def expired(connection: Connection, now: datetime, limit: int) -> Sequence[Export]:
    """Exports of any user whose file is to go."""
    due = (
        select(exports).where(_c.expires_at <= now, _c.file.is_not(None)).order_by(_c.expires_at).limit(limit)
    )
    return [_export(row) for row in connection.execute(due)]


def known_exports(connection: Connection, candidates: Sequence[str]) -> dict[str, ExportStatus]:
    """Which of these ids any user has an export under, and how it stands; for the sweep."""
    found = connection.execute(select(_c.id, _c.status).where(_c.id.in_(candidates)))
    return {row.id: ExportStatus(row.status) for row in found}


def known_states(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Which of these objects are a state that counts; for the sweep."""
    column = export_states.c.object_key
    return set(connection.execute(select(column).where(column.in_(keys))).scalars())


def _matching(wanted: ExportFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.statuses is not None:
        conditions.append(_c.status.in_([status.value for status in wanted.statuses]))
    if wanted.destination is not None:
        conditions.append(_c.destination == wanted.destination)
    if wanted.segment_id is not None:
        conditions.append(_c.segment_id == wanted.segment_id)
    if wanted.upload_id is not None:
        held = select(export_uploads.c.export_id).where(export_uploads.c.upload_id == wanted.upload_id)
        conditions.append(_c.id.in_(held))
    if wanted.schedule_id is not None:
        conditions.append(_c.schedule_id == wanted.schedule_id)
    return conditions


def _export(row: Row[*tuple[Any, ...]]) -> Export:
    return Export(
        id=row.id,
        user_id=UserId(row.user_id),
        status=ExportStatus(row.status),
        definition=msgspec.convert(row.definition, Definition),
        series=row.series,
        version=row.version,
        rows=row.rows,
        counts=msgspec.convert(row.counts, Counts),
        file=None if row.file is None else msgspec.convert(row.file, StoredFile),
        expires_at=row.expires_at,
        job_id=row.job_id,
        schedule_id=row.schedule_id,
        parent_id=row.parent_id,
        reason_code=row.reason_code,
        reason=row.reason,
        created_at=row.created_at,
        started_at=row.started_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )


def _cells(export: Export) -> dict[str, Any]:
    definition = export.definition
    plain = {name: _cell(getattr(export, name)) for name in Export.__slots__}
    return {
        **plain,
        "name": definition.name,
        "destination": definition.destination,
        "connection_id": definition.connection,
        "segment_id": definition.source.segment_id,
        "upload_id": definition.source.upload_id,
    }


def _cell(value: Any) -> Any:
    if isinstance(value, Definition | Counts | StoredFile):
        return msgspec.to_builtins(value)
    return value.value if isinstance(value, ExportStatus) else value
