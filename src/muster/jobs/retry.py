"""Try again or give up? A pure decision on the kind of error and the number of the attempt.

| what was raised                              | tries | waits between them                    | then      |
|----------------------------------------------|-------|---------------------------------------|-----------|
| an outage: OutsideError, LimitError          | 13    | 0.5, 1, 2 ... 30 s; 3.5 minutes in all | `dead`    |
| any other MusterError: a refusal             | 1     |                                       | `failed`  |
| JobCancelled                                 | 1     |                                       | `cancelled` |
| anything else: a bug of ours                 | 3     | 0.2, 1 s                              | `dead`    |
"""

from dataclasses import dataclass

from muster.errors import LimitError, MusterError, OutsideError
from muster.jobs.model import JobCancelled, JobState

OUTAGE_TRIES = 13
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 30.0
_WAITS_FOR_BUGS_SECONDS = (0.2, 1.0)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job that did not succeed ends: its final state, and why, for its user's eyes."""

    state: JobState
    code: str
    sentence: str


def wait_seconds(error: Exception, attempt: int) -> float | None:
    """How long to wait after `attempt` (from 1) failed with `error`; None: give up.

    A dependency that says when to come back is not asked sooner, as far as it asks for reasonable waits.
    """
    if isinstance(error, OutsideError | LimitError):
        if attempt >= OUTAGE_TRIES:
            return None
        backoff = min(_FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1), _LONGEST_WAIT_SECONDS)
        return min(max(backoff, float(error.retry_after_seconds or 0)), _LONGEST_WAIT_SECONDS)
    if isinstance(error, MusterError) or attempt > len(_WAITS_FOR_BUGS_SECONDS):
        return None
    return _WAITS_FOR_BUGS_SECONDS[attempt - 1]


def ending(error: Exception) -> Ending:
    """The end of a job whose work raised `error` for the last time."""
    if isinstance(error, JobCancelled):
        return Ending(JobState.CANCELLED, error.error_code, error.message)
    if isinstance(error, OutsideError | LimitError):
        return Ending(JobState.DEAD, error.error_code, error.message)
    if isinstance(error, MusterError):
        return Ending(JobState.FAILED, error.error_code, error.message)
    # What a bug says may quote the data it stumbled over; that belongs in the log only.
    return Ending(
        JobState.DEAD,
        "internal_error",
        "Something broke on our side. Nothing you sent is lost; ask the operator to look at the log.",
    )
