"""Ask a job to stop for good, to pause, to go on."""

from datetime import datetime

from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.jobs.model import Job, JobState, Wanted
from muster.jobs.store import JobStore


def cancel(connection: Connection, user_id: UserId, job_id: str, now: datetime) -> Job:
    """End a job without its result; a worker does it at the next report or step, within two seconds.

    A job that waits or is paused is ended by a worker as well, at once: only it knows what the kind does in
    the same transaction. Asking twice is asking once; a pause asked for before is forgotten.
    Raises NotFound, and Conflict (`job_finished`) when it is over.
    """
    store = JobStore(connection, user_id)
    _unfinished(store.get(job_id))
    return _still_there(store.want(job_id, Wanted.CANCEL, now))


def pause(connection: Connection, user_id: UserId, job_id: str, now: datetime) -> Job:
    """Let a job rest until `resume`: at once while it waits, between two steps while it runs.

    A job that is to be cancelled is cancelled all the same. Raises as `cancel` does.
    """
    store = JobStore(connection, user_id)
    job = _unfinished(store.get(job_id))
    if job.state is JobState.PAUSED or job.wanted is Wanted.CANCEL:
        return job
    moved = store.move(job_id, JobState.QUEUED, JobState.PAUSED, now)
    return _still_there(moved or store.want(job_id, Wanted.PAUSE, now))


def resume(connection: Connection, user_id: UserId, job_id: str, now: datetime) -> Job:
    """Let a paused job go on after the last step it finished; one that was not paused yet stays running.

    Raises as `cancel` does.
    """
    store = JobStore(connection, user_id)
    job = _unfinished(store.get(job_id))
    if job.wanted is Wanted.CANCEL:
        return job
    moved = store.move(job_id, JobState.PAUSED, JobState.QUEUED, now)
    return _still_there(moved or store.want(job_id, None, now))


def _unfinished(job: Job) -> Job:
    if job.state.is_final:
        raise Conflict("This job is over; start the work again instead.", code="job_finished")
    return job


def _still_there(job: Job | None) -> Job:
    """The job as it is now; it may have ended between the look and the change."""
    if job is None:
        raise Conflict("This job is over; start the work again instead.", code="job_finished")
    return job
