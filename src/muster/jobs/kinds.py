"""What a room gives so that its work can run as a job, and what its work is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from muster.db.database import Connection
from muster.jobs.model import Job, JobState, Json, Progress


class StepContext(Protocol):
    """What a running step may tell and ask."""

    def report(self, progress: Progress) -> None:
        """Tell how far the job is. Cheap to call often: written at most four times a second.

        Raises JobCancelled when the job is to be cancelled, so long steps call it every second or so.
        """
        ...

    def is_to_rest(self) -> bool:
        """Whether the last report found that the job is to pause: a step that can end early then does."""
        ...


class JobRun(Protocol):
    """One run of a job, handed to the function of its kind.

    The function is run again from its top after a crash: what it does outside steps must depend only on the
    job and on what steps returned (no clock, no random, no database).
    """

    @property
    def job(self) -> Job: ...

    def step(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        """Run `work` and remember what it returned; after a crash the remembered answer is given instead.

        A step may run twice (a crash between its end and the note of it), so it writes to names that depend
        only on the job, and whole. Outages are retried here by `jobs/retry.py`; other refusals
        (MusterError) pass through and fail the job with their message.
        A paused job stops between two steps and goes on there when resumed.
        """
        ...


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. run: the work. ended: called in the transaction that makes the state final.

    ended is called for every final state but DONE, and may be called twice; it brings what the job was for
    into a state that says so. `Job.reason` says why.
    """

    name: str
    run: Callable[[JobRun], None]
    ended: Callable[[Connection, Job, JobState], None]
