"""What a job is; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from muster.errors import MusterError
from muster.ids import UserId

Json = dict[str, Any]
"""A JSON object of ids and counts: what steps return and payloads hold. Never personal data."""


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"  # refused for a reason the user can act on
    CANCELLED = "cancelled"
    DEAD = "dead"  # gave up after every retry: a bug or an outage; an operator looks at it

    @property
    def is_final(self) -> bool:
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.DEAD}


class Wanted(StrEnum):
    """What someone asked of a job that has not happened yet."""

    CANCEL = "cancel"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. done of total count `unit`s (bytes or rows); total None: not known yet.

    phase: a word for people (reading, profiling, ...).
    """

    phase: str = "waiting"
    done: int = 0
    total: int | None = None
    unit: str = "bytes"
    rows_accepted: int = 0
    rows_rejected: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One job as stored. subject: the id of what it works on; reason: why it did not end well."""

    id: str
    kind: str
    user_id: UserId
    subject: str
    payload: Mapping[str, Any]
    state: JobState
    wanted: Wanted | None
    reason_code: str | None
    reason: str | None
    progress: Progress
    dispatched: int
    created_at: datetime
    started_at: datetime | None
    updated_at: datetime
    finished_at: datetime | None


class EventKind(StrEnum):
    """What an event of a job tells; DONE comes once, last, for every final state."""

    PROGRESS = "progress"
    STATE = "state"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One thing that happened to the jobs of one subject; number: 1, 2, 3 ... for each subject.

    data, by kind. progress: phase, done, total, unit, rows_accepted, rows_rejected, rows_per_second, seconds_left.
    state: job_id, state, reason_code, reason. done: state.
    """

    number: int
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]


class JobCancelled(MusterError):
    """Raised inside a step when its job is to be cancelled; what the step wrote so far may stay."""

    code = "job_cancelled"
