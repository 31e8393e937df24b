"""Forget finished jobs, their events, and what the engine stored of them."""

from datetime import timedelta

import structlog

from muster.jobs import store
from muster.jobs.engine import Engine
from muster.jobs.room import JobsRoom

log = structlog.get_logger("muster.jobs")

_AT_ONCE = 200


def purge(room: JobsRoom, engine: Engine, keep: timedelta) -> int:
    """Delete what ended longer ago than `keep`; returns how many jobs went.

    The engine's rows go first: a crash in between leaves a job that is purged again, never rows without one.
    """
    before = room.clock() - keep
    purged = 0
    while True:
        with room.db.read() as connection:
            old = store.finished_before(connection, before, _AT_ONCE)
        if not old:
            break
        engine.forget(old)
        with room.db.begin() as connection:
            purged += store.remove(connection, old)
    with room.db.begin() as connection:
        store.purge_events(connection, before)
    if purged:
        log.info("jobs.purged", jobs=purged)
    return purged
