"""Exports that are made again and again: keep them, change them, run those that are due."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import Conflict, MusterError, NotFound
from muster.exports.create import Also, add, settle
from muster.exports.define import series_of
from muster.exports.erase import forget_series
from muster.exports.model import Export
from muster.exports.requests import ExportBody, ScheduleBody, ScheduleChange
from muster.exports.room import ExportsRoom
from muster.exports.schedule_store import ExportSchedule, ScheduleStore, due
from muster.exports.source import open_source
from muster.exports.store import ExportStore
from muster.exports.work import principal_of
from muster.ids import new_export_schedule_id
from muster.web.json_body import body_refused

log = structlog.get_logger("muster.exports")

_AT_ONCE: Final = 100
AlsoSchedule = Callable[[Connection, ExportSchedule], None]
ScheduleAndLast = tuple[ExportSchedule, Export | None]
"""A schedule and the export it made last."""


def list_schedules(
    room: ExportsRoom, principal: Principal, limit: int, after: Cursor | None
) -> tuple[Sequence[ScheduleAndLast], Cursor | None, int]:
    """One page, newest first; the cursor of the next; how many in all."""
    with room.db.read() as connection:
        store = ScheduleStore(connection, principal.user_id)
        found = store.list(limit + 1, after)
        total = store.count()
        page = found[:limit]
        made = [schedule.last_export_id for schedule in page if schedule.last_export_id is not None]
        last = ExportStore(connection, principal.user_id).several(made)
    listed = [(schedule, last.get(schedule.last_export_id or "")) for schedule in page]
    return listed, Cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None, total


def get_schedule(room: ExportsRoom, principal: Principal, schedule_id: str) -> ScheduleAndLast:
    """A schedule and the export it made last. Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        schedule = ScheduleStore(connection, principal.user_id).get(schedule_id)
        return schedule, _last(connection, schedule)


def create_schedule(
    room: ExportsRoom,
    principal: Principal,
    asked: ScheduleBody,
    also: AlsoSchedule = lambda _connection, _schedule: None,
) -> ExportSchedule:
    """Keep a schedule. Raises as `create.settle` does, and InputError for a version or a trial."""
    _refuse_unrepeatable(asked.export)
    definition = settle(room, principal, asked.export).definition
    now = room.clock()
    schedule = ExportSchedule(
        id=new_export_schedule_id(),
        user_id=principal.user_id,
        name=(asked.name or definition.name).strip(),
        series=series_of(definition),
        definition=definition,
        every_minutes=asked.every_minutes,
        enabled=asked.enabled,
        next_at=asked.starts_at or now,
        last_export_id=None,
        last_error_code=None,
        last_error=None,
        created_at=now,
        updated_at=now,
    )
    with room.db.begin() as connection:
        ScheduleStore(connection, principal.user_id).add(schedule)
        audit.record(connection, principal, "export_schedule.created", schedule.id, {}, now)
        also(connection, schedule)
    return schedule


def change_schedule(
    room: ExportsRoom, principal: Principal, schedule_id: str, asked: ScheduleChange
) -> ScheduleAndLast:
    """Change the members that are given. Raises as `create_schedule` does, and NotFound, Forbidden."""
    definition = None
    if asked.export is not None:
        _refuse_unrepeatable(asked.export)
        definition = settle(room, principal, asked.export).definition
    now = room.clock()
    with room.db.begin() as connection:
        store = ScheduleStore(connection, principal.user_id)
        before = store.get(schedule_id)
        after = replace(
            before,
            name=(asked.name or before.name).strip(),
            every_minutes=asked.every_minutes or before.every_minutes,
            enabled=before.enabled if asked.enabled is None else asked.enabled,
            next_at=asked.starts_at or before.next_at,
            definition=definition or before.definition,
            series=before.series if definition is None else series_of(definition),
            updated_at=now,
        )
        store.put(after)
        if after.series != before.series:
            forget_series(connection, principal.user_id, before.series)
        audit.record(connection, principal, "export_schedule.changed", schedule_id, {}, now)
        return after, _last(connection, after)


def delete_schedule(room: ExportsRoom, principal: Principal, schedule_id: str) -> None:
    """Its exports stay. Raises NotFound, Forbidden."""
    with room.db.begin() as connection:
        store = ScheduleStore(connection, principal.user_id)
        schedule = store.get(schedule_id)
        store.remove([schedule_id])
        forget_series(connection, principal.user_id, schedule.series)
        audit.record(connection, principal, "export_schedule.deleted", schedule_id, {}, room.clock())


def run_now(
    room: ExportsRoom, principal: Principal, schedule_id: str, also: Also = lambda _connection, _export: None
) -> Export:
    """Make the export now; when it is due next stays as it is.

    Raises NotFound, Forbidden, Conflict (`export_at_work`) while its last one still works.
    """
    now = room.clock()
    with room.db.read() as connection:
        schedule = ScheduleStore(connection, principal.user_id).get(schedule_id)
    upload_ids = open_source(room, principal, schedule.definition.source).upload_ids
    with room.db.begin() as connection:
        last = _last(connection, schedule)
        if last is not None and not last.status.is_final:
            raise Conflict("The last export of this schedule still works.", code="export_at_work")
        made = _made(connection, principal, schedule, upload_ids, now)
        also(connection, made)
    return made


def run_due(room: ExportsRoom) -> int:
    """Make the exports that are due; returns how many. Safe to run in several workers at once.

    One whose last export still works is passed over once; one whose source is gone says so and waits for its next time.
    """
    made = 0
    now = room.clock()
    with room.db.read() as connection:
        found = due(connection, now, _AT_ONCE)
    for schedule in found:
        try:
            made += _run_due(room, schedule, now)
        except MusterError as error:
            log.warning("schedule.not_run", schedule_id=schedule.id, code=error.error_code)
            with room.db.begin() as connection:
                store = ScheduleStore(connection, schedule.user_id)
                store.move_on(schedule, next_time(schedule, now))
                store.note_run(schedule.id, None, (error.error_code, error.message))
    return made


def next_time(schedule: ExportSchedule, now: datetime) -> datetime:
    """The first of its times behind `now`; those missed meanwhile are made up for by one run."""
    every = timedelta(minutes=schedule.every_minutes)
    missed = max(0, (now - schedule.next_at) // every)
    return schedule.next_at + (missed + 1) * every


def _run_due(room: ExportsRoom, schedule: ExportSchedule, now: datetime) -> bool:
    principal = principal_of(schedule.user_id)
    upload_ids = open_source(room, principal, schedule.definition.source).upload_ids
    with room.db.begin() as connection:
        store = ScheduleStore(connection, schedule.user_id)
        if not store.move_on(schedule, next_time(schedule, now)):
            return False  # another worker was faster
        last = _last(connection, schedule)
        if last is not None and not last.status.is_final:
            return False
        _made(connection, principal, schedule, upload_ids, now)
    return True


def _made(
    connection: Connection,
    principal: Principal,
    schedule: ExportSchedule,
    upload_ids: Sequence[str],
    now: datetime,
) -> Export:
    made = add(connection, principal, schedule.definition, now, upload_ids, schedule_id=schedule.id)
    ScheduleStore(connection, schedule.user_id).note_run(schedule.id, made.id, None)
    return made


def _last(connection: Connection, schedule: ExportSchedule) -> Export | None:
    if schedule.last_export_id is None:
        return None
    try:
        return ExportStore(connection, schedule.user_id).get(schedule.last_export_id)
    except NotFound:
        return None


def _refuse_unrepeatable(asked: ExportBody) -> None:
    if asked.version is not None:
        message = "A schedule exports the newest version each time; leave `version` out."
        raise body_refused("export.version", "selection_unclear", message)
