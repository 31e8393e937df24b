"""Look at jobs and at what happened to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.db.database import Connection
from muster.ids import UserId
from muster.jobs.model import Job, JobEvent, JobState
from muster.jobs.store import JobStore, count_by_state, oldest_queued_at, subjects_in_work


@dataclass(frozen=True, slots=True)
class Load:
    """The jobs of all users: how many are in each state, and how long the oldest queued one has waited."""

    by_state: Mapping[JobState, int]
    waited_seconds: float


def get_job(connection: Connection, user_id: UserId, job_id: str) -> Job:
    """Raises NotFound (`job_not_found`) for an unknown id and for another user's job alike."""
    return JobStore(connection, user_id).get(job_id)


def newest_job(connection: Connection, user_id: UserId, subject: str) -> Job | None:
    """The job made last for `subject`; None when there is none, or none any more."""
    return JobStore(connection, user_id).newest(subject)


def unfinished_jobs(connection: Connection, user_id: UserId, subjects: Sequence[str]) -> dict[str, Job]:
    """By subject, the job made last that is not over; subjects nothing works on are left out. One query."""
    return {job.subject: job for job in JobStore(connection, user_id).unfinished(subjects)}


def events_after(
    connection: Connection, user_id: UserId, subject: str, number: int, limit: int
) -> Sequence[JobEvent]:
    """What happened to the jobs of `subject` after event `number` (0: all), oldest first, at most `limit`.

    Empty when the user has no job on this subject.
    """
    return JobStore(connection, user_id).events_after(subject, number, limit)


def in_work(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of these subjects some unfinished job works on, whoever owns it; for sweeps."""
    return subjects_in_work(connection, subjects)


def load(connection: Connection, now: datetime) -> Load:
    """For /metrics: what the workers have to do and how far they are behind."""
    oldest = oldest_queued_at(connection)
    waited = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    return Load(count_by_state(connection), waited)
