"""How a run of a job ends early, because the worker is to end or somebody wants it to, and what it waits for."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from muster.errors import LimitError, OutsideError
from muster.jobs.model import JobState

log = structlog.get_logger("muster.jobs")

LOOK_EVERY_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 5.0
_Result = TypeVar("_Result")


class Parked(BaseException):
    """This run ends, the job does not: it is paused, or goes on in another process."""

    def __init__(self, state: JobState) -> None:
        super().__init__(state)
        self.state = state


class Halt:
    """Tells runs that this worker is to end: between steps at once, within a step after some grace."""

    def __init__(self, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._asked = threading.Event()
        self._within_steps_at = float("inf")

    def ask(self) -> None:
        self._within_steps_at = time.monotonic() + self._grace_seconds
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)

    def is_due(self, *, within_step: bool) -> bool:
        return self._asked.is_set() and (not within_step or time.monotonic() >= self._within_steps_at)


def waited_out(halt: Halt, work: Callable[[], _Result], parked: JobState) -> _Result:
    """What `work` returns as soon as the database answers, however long that takes.

    For a run's own bookkeeping: nobody but the run would do it again, and a job is not to end, or to stay
    half-ended, because the database was away between two of its steps. Raises Parked with `parked` when the
    worker must end first; RUNNING leaves the job as a crash does, to be taken up at the next start.
    """
    attempt = 1
    while True:
        try:
            return work()
        except (OutsideError, LimitError) as error:
            log.warning("job.database_away", code=error.error_code, attempt=attempt)
        until = time.monotonic() + min(LOOK_EVERY_SECONDS * attempt, _LONGEST_WAIT_SECONDS)
        while (left := until - time.monotonic()) > 0:
            if halt.is_due(within_step=True):
                raise Parked(parked)
            time.sleep(min(left, LOOK_EVERY_SECONDS))
        attempt += 1
