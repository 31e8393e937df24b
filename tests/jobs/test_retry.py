"""The decision whether to try again: a table of errors, attempts and waits."""

import pytest

from muster.errors import (
    Conflict,
    InputError,
    MusterError,
    NotFound,
    Overloaded,
    RateLimited,
    StorageFull,
    Unavailable,
)
from muster.jobs.model import JobCancelled, JobState
from muster.jobs.retry import OUTAGE_TRIES, ending, wait_seconds

OUTAGES = [Unavailable("away"), StorageFull("full"), Overloaded("busy"), RateLimited("often")]
REFUSALS = [InputError("wrong"), Conflict("clash"), NotFound("gone"), MusterError("no"), JobCancelled("stop")]


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: error.code)
def test_an_outage_is_waited_out_with_growing_pauses_and_then_given_up(error: MusterError) -> None:
    waits = [wait_seconds(error, attempt) for attempt in range(1, OUTAGE_TRIES + 1)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, None]


@pytest.mark.parametrize(
    ("asked_seconds", "waited_seconds"), [(None, 0.5), (0, 0.5), (5, 5.0), (86_400, 30.0)]
)
def test_a_dependency_is_not_asked_sooner_than_it_says_within_reason(
    asked_seconds: int | None, waited_seconds: float
) -> None:
    assert wait_seconds(Unavailable("away", retry_after_seconds=asked_seconds), 1) == waited_seconds


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.code)
def test_a_refusal_is_never_tried_again(error: MusterError) -> None:
    assert wait_seconds(error, 1) is None


@pytest.mark.parametrize("error", [KeyError("ada@example.com"), OSError(5, "I/O error"), MemoryError()])
def test_a_bug_is_tried_three_times_at_most(error: Exception) -> None:
    assert [wait_seconds(error, attempt) for attempt in (1, 2, 3)] == [0.2, 1.0, None]


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (Unavailable("The store does not answer.", code="store_away"), JobState.DEAD, "store_away"),
        (StorageFull("No room."), JobState.DEAD, "storage_full"),
        (InputError("Not a CSV file.", code="not_csv"), JobState.FAILED, "not_csv"),
        (JobCancelled("Cancelled."), JobState.CANCELLED, "job_cancelled"),
        (KeyError("ada@example.com"), JobState.DEAD, "internal_error"),
    ],
    ids=lambda value: getattr(value, "code", None) or str(value),
)
def test_how_a_job_ends_follows_from_what_was_raised(error: Exception, state: JobState, code: str) -> None:
    assert (ending(error).state, ending(error).code) == (state, code)


def test_what_a_bug_says_never_reaches_the_user() -> None:
    assert "ada" not in ending(KeyError("ada@example.com")).sentence
