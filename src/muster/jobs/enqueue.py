"""Hand work to the background: a row in the caller's transaction, nothing more."""

from datetime import datetime

from muster.db.database import Connection
from muster.ids import UserId, new_job_id
from muster.jobs.model import Job, JobState, Json, Progress
from muster.jobs.store import JobStore


def enqueue(
    connection: Connection,
    kind: str,
    user_id: UserId,
    subject: str,
    payload: Json,
    now: datetime,
    *,
    unit: str = "bytes",
    total: int | None = None,
) -> str:
    """Queue a job and return its id; it exists if, and only if, the caller's transaction is committed.

    kind: the name of a JobKind of the workers. subject: the id of what it works on.
    payload: ids and counts only, never personal data: it is stored as it is, and shown to operators.
    unit, total: what `Progress` counts, where it is known beforehand.
    """
    job = Job(
        id=new_job_id(),
        kind=kind,
        user_id=user_id,
        subject=subject,
        payload=payload,
        state=JobState.QUEUED,
        wanted=None,
        reason_code=None,
        reason=None,
        progress=Progress(unit=unit, total=total),
        dispatched=0,
        created_at=now,
        started_at=None,
        updated_at=now,
        finished_at=None,
    )
    JobStore(connection, user_id).add(job)
    return job.id
