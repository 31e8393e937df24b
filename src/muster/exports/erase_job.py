"""The job that deletes objects of exports: all of one that was deleted, or what a job left that did not succeed."""

from datetime import datetime

from muster.db.database import Connection
from muster.errors import Unavailable
from muster.exports.model import ERASE_KIND
from muster.exports.room import ExportsRoom
from muster.exports.work import drop_work
from muster.ids import UserId
from muster.jobs.abandon import abandon
from muster.jobs.enqueue import enqueue
from muster.jobs.kinds import JobKind, JobRun
from muster.jobs.model import Job, JobState, Json
from muster.objects.keys import export_prefix


def enqueue_erasing(
    connection: Connection, user_id: UserId, export_id: str, states: list[str], now: datetime
) -> None:
    """Everything of it goes. states: objects of what destinations have that nobody compares with any more."""
    enqueue(
        connection, ERASE_KIND, user_id, export_id, {"whole": True, "states": states}, now, unit="objects"
    )


def enqueue_tidying(connection: Connection, user_id: UserId, export_id: str, now: datetime) -> None:
    """Its outcomes stay, its file and its work go."""
    enqueue(connection, ERASE_KIND, user_id, export_id, {"whole": False, "states": []}, now, unit="objects")


def erase_export_kind(room: ExportsRoom) -> JobKind:
    """The kind `erase_export`; its subject is the export."""

    def run(run: JobRun) -> None:
        job = run.job
        if not job.payload["whole"]:
            run.step("leftovers", lambda _context: {"objects": drop_work(room, job.subject, file=True)})
            return
        run.step("objects", lambda _context: _delete(room, job))
        run.step("others", lambda _context: _end_others(room, job))
        # Once more: a job that was still running may have written until it heard that it is cancelled.
        run.step("rest", lambda _context: _delete(room, job))

    return JobKind(ERASE_KIND, run, _ended)


def _delete(room: ExportsRoom, job: Job) -> Json:
    number = 0
    prefix = export_prefix(job.subject)
    for found in room.objects.list(prefix):
        room.objects.delete(found.key)
        number += 1
    for key in job.payload["states"]:
        room.objects.delete(key)
    room.reading.tables.cache.forget(prefix)
    return {"objects": number}


def _end_others(room: ExportsRoom, job: Job) -> Json:
    with room.db.begin() as connection:
        running = abandon(connection, job.subject, room.clock(), but={job.id})
    if running:
        # An outage to the retries: they wait and look again.
        raise Unavailable("A job still works on this export and was told to stop.", retry_after_seconds=1)
    return {}


def _ended(connection: Connection, job: Job, state: JobState) -> None:
    """Nothing to tell anyone: what is left the sweep takes."""
    del connection, job, state
