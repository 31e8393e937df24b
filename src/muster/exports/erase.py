"""Delete exports: rows before bytes; and what of exports goes with what they were made from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.exports.erase_job import enqueue_erasing
from muster.exports.model import Export
from muster.exports.room import ExportsRoom
from muster.exports.schedule_store import ExportSchedule, ScheduleStore
from muster.exports.store import ExportStore
from muster.ids import UserId
from muster.jobs.abandon import abandon
from muster.tables.dependants import Dependant

_MOST = 1000


def erase(room: ExportsRoom, principal: Principal, export_id: str) -> None:
    """Delete one export with its file and outcomes; a running one is cancelled. Raises NotFound, Forbidden."""
    now = room.clock()
    with room.db.begin() as connection:
        export = ExportStore(connection, principal.user_id).get(export_id)
        _remove(connection, principal, [export], now)


@dataclass(frozen=True, slots=True)
class ExportDependants:
    """What exports made from uploads, or from segments; `Dependants` for the room that has those.

    by: `upload` or `segment`, what subjects are.
    """

    by: str

    def of(self, connection: Connection, user_id: UserId, subject: str) -> Sequence[Dependant]:
        """Schedules first, then exports, the newest first."""
        schedules, exports = _made_from(connection, user_id, self.by, subject, beside_segments=True)
        return [
            *(Dependant("schedule", schedule.id, schedule.name) for schedule in schedules),
            *(Dependant("export", export.id, export.definition.name) for export in exports),
        ]

    def remove(
        self, connection: Connection, principal: Principal, subject: str, now: datetime
    ) -> Callable[[], None]:
        """Their objects go by jobs, so there is nothing left to do after the commit."""
        schedules, exports = _made_from(connection, principal.user_id, self.by, subject)
        ScheduleStore(connection, principal.user_id).remove([schedule.id for schedule in schedules])
        for schedule in schedules:
            audit.record(connection, principal, "export_schedule.deleted", schedule.id, {}, now)
        _remove(connection, principal, exports, now, [schedule.series for schedule in schedules])
        return _nothing


def _made_from(
    connection: Connection, user_id: UserId, by: str, subject: str, *, beside_segments: bool = False
) -> tuple[Sequence[ExportSchedule], Sequence[Export]]:
    chosen = {f"{by}_id": subject}
    schedules = ScheduleStore(connection, user_id).list(_MOST, None, **chosen)
    exports = ExportStore(connection, user_id).made_from(**chosen, beside_segments=beside_segments)
    return schedules, exports


def _remove(
    connection: Connection,
    principal: Principal,
    exports: Sequence[Export],
    now: datetime,
    other_series: Sequence[str] = (),
) -> None:
    store = ExportStore(connection, principal.user_id)
    series = {export.series for export in exports} | set(other_series)
    states = {name: state for name in series if (state := store.state(name)) is not None}
    for export in exports:
        abandon(connection, export.id, now)
        audit.record(connection, principal, "export.deleted", export.id, {}, now)
    store.remove([export.id for export in exports])
    forgotten = store.forget_series(series)
    gone = [states[name].object_key for name in forgotten if name in states]
    for at, export in enumerate(exports):
        enqueue_erasing(connection, principal.user_id, export.id, gone if at == 0 else [], now)


def forget_series(connection: Connection, user_id: UserId, series: str) -> None:
    """After a schedule is gone; the object of its state the sweep takes."""
    ExportStore(connection, user_id).forget_series([series])


def _nothing() -> None:
    """Everything is done by the transaction and its jobs."""
