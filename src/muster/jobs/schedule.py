"""Work that has to be done now and then, by one worker at a time.

A row for each schedule says when it is due. A worker moves that time on by a lease before it runs the work and
by the whole interval afterwards; whoever loses the race for the row does nothing. A worker that dies in the
middle leaves the lease behind, so the work is done again when it has run out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from muster.errors import MusterError
from muster.jobs import store
from muster.jobs.room import JobsRoom

log = structlog.get_logger("muster.jobs")

_LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Run `run` once every `every`, in one worker of all. name: stable, at most 80 characters.

    `run` is short (minutes at most), may be run again after a crash, and raises MusterError when it cannot be
    done now; it is then tried at its next time. Times missed while no worker ran are made up for by one run.
    """

    name: str
    every: timedelta
    run: Callable[[], None]


def run_due(room: JobsRoom, schedules: Sequence[Schedule]) -> timedelta:
    """Run what is due and is not run by another worker; returns how long until something is due again.

    A schedule nobody ever ran is due at once. Raises what the database raises.
    """
    with room.db.read() as connection:
        due_at = store.due(connection, [schedule.name for schedule in schedules])
    waits = [_run_if_due(room, schedule, due_at.get(schedule.name)) for schedule in schedules]
    return min(waits, default=timedelta(hours=1))


def _run_if_due(room: JobsRoom, schedule: Schedule, due_at: datetime | None) -> timedelta:
    now = room.clock()
    # A shortened interval counts from now on, not after the long one has passed.
    if due_at is not None and now < due_at <= now + max(schedule.every, _LEASE):
        return due_at - now
    leased_until = now + _LEASE
    with room.db.begin() as connection:
        if not store.move_due(connection, schedule.name, due_at, leased_until):
            return timedelta(0)  # somebody was faster; look again
    try:
        schedule.run()
    except MusterError as error:
        log.warning("schedule.failed", schedule=schedule.name, code=error.error_code)
    except Exception as error:
        log.error("schedule.broke", schedule=schedule.name, exc_info=error)
    next_at = max(now + schedule.every, room.clock())
    with room.db.begin() as connection:
        store.move_due(connection, schedule.name, leased_until, next_at)
    return max(next_at - room.clock(), timedelta(0))
