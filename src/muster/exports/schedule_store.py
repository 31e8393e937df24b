"""SQL of schedules of exports: those one user owns, inside the caller's transaction."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, select, update

from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import export_schedules
from muster.errors import Forbidden, NotFound
from muster.exports.model import Definition
from muster.ids import UserId

_ID: Final = re.compile(r"xsc_[0-9A-Za-z]{22}")
_c = export_schedules.c


@dataclass(frozen=True, slots=True)
class ExportSchedule:
    """An export to be made again and again. last_error: why the last run could not even begin."""

    id: str
    user_id: UserId
    name: str
    series: str
    definition: Definition
    every_minutes: int
    enabled: bool
    next_at: datetime
    last_export_id: str | None
    last_error_code: str | None
    last_error: str | None
    created_at: datetime
    updated_at: datetime


class ScheduleStore:
    """Cannot be made without a user, and touches only that user's schedules."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def add(self, schedule: ExportSchedule) -> None:
        self._connection.execute(insert(export_schedules).values(**_cells(schedule)))

    def put(self, schedule: ExportSchedule) -> None:
        mine = and_(self._mine(), _c.id == schedule.id)
        self._connection.execute(update(export_schedules).where(mine).values(**_cells(schedule)))

    def get(self, schedule_id: str) -> ExportSchedule:
        """Raises NotFound for an unknown id, Forbidden when the schedule is another user's."""
        if _ID.fullmatch(schedule_id):
            mine = and_(self._mine(), _c.id == schedule_id)
            row = self._connection.execute(select(export_schedules).where(mine)).one_or_none()
            if row is not None:
                return _schedule(row)
            if self._connection.execute(select(exists().where(_c.id == schedule_id))).scalar_one():
                raise Forbidden("This schedule belongs to someone else.", code="schedule_not_yours")
        raise NotFound("There is no schedule with this id.", code="schedule_not_found")

    def list(
        self, limit: int, after: Cursor | None, *, segment_id: str | None = None, upload_id: str | None = None
    ) -> Sequence[ExportSchedule]:
        """Newest first, at most `limit`, behind that place."""
        condition = and_(self._mine(), *_from(segment_id, upload_id))
        if after is not None:
            condition = and_(condition, after.after(_c.created_at, _c.id))
        found = select(export_schedules).where(condition).order_by(_c.created_at.desc(), _c.id.desc())
        return [_schedule(row) for row in self._connection.execute(found.limit(limit))]

    def count(self, *, segment_id: str | None = None, upload_id: str | None = None) -> int:
        mine = select(func.count()).select_from(export_schedules)
        counted = mine.where(self._mine(), *_from(segment_id, upload_id))
        return int(self._connection.execute(counted).scalar_one())

    def uses_connection(self, connection_id: str) -> bool:
        used = exists().where(self._mine(), _c.connection_id == connection_id)
        return bool(self._connection.execute(select(used)).scalar_one())

    def remove(self, schedule_ids: Collection[str]) -> None:
        self._connection.execute(delete(export_schedules).where(self._mine(), _c.id.in_(schedule_ids)))

    def move_on(self, schedule: ExportSchedule, next_at: datetime) -> bool:
        """Say when it is due next; False when somebody else did meanwhile, or it is gone."""
        mine = and_(self._mine(), _c.id == schedule.id, _c.next_at == schedule.next_at)
        return (
            self._connection.execute(update(export_schedules).where(mine).values(next_at=next_at)).rowcount
            == 1
        )

    def note_run(self, schedule_id: str, export_id: str | None, error: tuple[str, str] | None) -> None:
        """Remember what the last run made, or why it made nothing."""
        code, message = error or (None, None)
        cells = {"last_error_code": code, "last_error": message}
        if export_id is not None:
            cells["last_export_id"] = export_id
        mine = and_(self._mine(), _c.id == schedule_id)
        self._connection.execute(update(export_schedules).where(mine).values(**cells))

    def _mine(self) -> ColumnElement[bool]:
        return _c.user_id == self._user_id


def due(connection: Connection, now: datetime, limit: int) -> Sequence[ExportSchedule]:
    """Schedules of any user that are due, the longest due first."""
    found = select(export_schedules).where(_c.enabled.is_(True), _c.next_at <= now).order_by(_c.next_at)
    return [_schedule(row) for row in connection.execute(found.limit(limit))]


def _from(segment_id: str | None, upload_id: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if segment_id is not None:
        conditions.append(_c.segment_id == segment_id)
    if upload_id is not None:
        conditions.append(_c.upload_id == upload_id)
    return conditions


def _cells(schedule: ExportSchedule) -> dict[str, Any]:
    definition = schedule.definition
    return {
        **{name: getattr(schedule, name) for name in ExportSchedule.__slots__},
        "definition": msgspec.to_builtins(definition),
        "segment_id": definition.source.segment_id,
        "upload_id": definition.source.upload_id,
        "connection_id": definition.connection,
    }


def _schedule(row: Row[*tuple[Any, ...]]) -> ExportSchedule:
    values = {name: getattr(row, name) for name in ExportSchedule.__slots__}
    values["definition"] = msgspec.convert(row.definition, Definition)
    return ExportSchedule(**values)
