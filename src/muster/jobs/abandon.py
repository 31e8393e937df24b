"""Let go of the jobs of something that is being deleted."""

from collections.abc import Collection
from datetime import datetime

from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.jobs import store
from muster.jobs.control import cancel


def abandon(connection: Connection, subject: str, now: datetime, *, but: Collection[str] = ()) -> int:
    """Forget the jobs and events of `subject`, and cancel what still runs; returns how many still run.

    but: ids of jobs to leave alone (the one that asks).
    """
    running = 0
    for user_id, job_id in store.abandon(connection, subject):
        if job_id in but:
            continue
        try:
            cancel(connection, UserId(user_id), job_id, now)
            running += 1
        except Conflict:
            continue  # it ended at this very moment
    return running
