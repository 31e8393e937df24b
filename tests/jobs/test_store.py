"""Jobs as rows, on both databases: whose they are, who wins, what is told."""

import threading
from datetime import timedelta

import pytest

from muster.clock import utc_now
from muster.db.database import Database
from muster.errors import Conflict, NotFound
from muster.jobs import store
from muster.jobs.control import cancel, pause, resume
from muster.jobs.enqueue import enqueue
from muster.jobs.model import EventKind, JobEvent, JobState, Progress, Wanted
from muster.jobs.read import events_after, get_job, newest_job
from tests.support.job_fixtures import ADA, BOB, Jobs

NOW = utc_now()


def events(database: Database, subject: str = "upl_1", after: int = 0) -> list[JobEvent]:
    with database.read() as connection:
        return list(events_after(connection, ADA, subject, after, 1000))


def test_a_job_is_gone_when_its_transaction_is_rolled_back(database: Database, jobs: Jobs) -> None:
    def half_way() -> None:
        with database.begin() as connection:
            enqueue(connection, "toy", ADA, "upl_1", {}, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with database.read() as connection:
        assert newest_job(connection, ADA, "upl_1") is None
        assert store.waiting(connection, 10) == []
    assert events(database) == []


def test_another_users_job_is_as_unknown_as_one_that_never_was(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        for wanted in (job_id, "job_nonsense"):
            with pytest.raises(NotFound, match="no job") as refused:
                get_job(connection, BOB, wanted)
            assert refused.value.error_code == "job_not_found"
            for verb in (cancel, pause, resume):
                with pytest.raises(NotFound):
                    verb(connection, BOB, wanted, NOW)
        assert newest_job(connection, BOB, "upl_1") is None
        assert events_after(connection, BOB, "upl_1", 0, 10) == []
    assert jobs.get(job_id).wanted is None


def test_a_job_comes_back_as_it_was_given(database: Database, jobs: Jobs) -> None:
    with database.begin() as connection:
        job_id = enqueue(connection, "toy", ADA, "upl_1", {"portion": 3}, NOW, unit="rows", total=10**15)
    job = jobs.get(job_id)
    assert (job.kind, job.user_id, job.subject, job.payload) == ("toy", ADA, "upl_1", {"portion": 3})
    assert (job.state, job.progress) == (JobState.QUEUED, Progress(total=10**15, unit="rows"))
    assert (job.created_at, job.started_at, job.finished_at, job.dispatched) == (NOW, None, None, 0)


def test_only_one_of_two_claims_wins(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        won = store.claim(connection, job_id, NOW)
        assert won is not None
        assert (won.state, won.dispatched, won.started_at) == (JobState.RUNNING, 1, NOW)
        assert store.claim(connection, job_id, NOW) is None


def test_a_job_to_be_cancelled_is_not_claimed(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        assert cancel(connection, ADA, job_id, NOW).wanted is Wanted.CANCEL
        assert store.claim(connection, job_id, NOW) is None
        assert store.waiting(connection, 10) == []
        assert store.to_cancel(connection) == [job_id]


def test_a_final_state_is_final(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        store.claim(connection, job_id, NOW)
        assert store.finish(connection, job_id, JobState.DONE, None, NOW) is not None
        assert store.finish(connection, job_id, JobState.DEAD, ("a", "b"), NOW) is None
        assert store.put_back(connection, job_id, JobState.QUEUED, NOW) is None
        for verb in (cancel, pause, resume):
            with pytest.raises(Conflict) as refused:
                verb(connection, ADA, job_id, NOW)
            assert refused.value.error_code == "job_finished"
    assert jobs.get(job_id).state is JobState.DONE


def test_a_queued_job_pauses_at_once_and_goes_back_in_line(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        assert pause(connection, ADA, job_id, NOW).state is JobState.PAUSED
        assert pause(connection, ADA, job_id, NOW).state is JobState.PAUSED
        assert store.waiting(connection, 10) == []
        assert resume(connection, ADA, job_id, NOW).state is JobState.QUEUED
        assert [job.id for job in store.waiting(connection, 10)] == [job_id]


def test_a_pause_asked_for_is_forgotten_on_resume_but_a_cancel_never(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        store.claim(connection, job_id, NOW)
        assert pause(connection, ADA, job_id, NOW).wanted is Wanted.PAUSE
        assert resume(connection, ADA, job_id, NOW).wanted is None
        pause(connection, ADA, job_id, NOW)
        assert cancel(connection, ADA, job_id, NOW).wanted is Wanted.CANCEL
        assert pause(connection, ADA, job_id, NOW).wanted is Wanted.CANCEL
        assert resume(connection, ADA, job_id, NOW).wanted is Wanted.CANCEL


@pytest.mark.parametrize(
    ("wanted", "becomes", "still_wanted"),
    [
        (None, JobState.QUEUED, None),
        (Wanted.PAUSE, JobState.PAUSED, None),
        (Wanted.CANCEL, JobState.QUEUED, Wanted.CANCEL),
    ],
)
def test_a_job_put_back_becomes_what_somebody_wanted(
    database: Database, jobs: Jobs, wanted: Wanted | None, becomes: JobState, still_wanted: Wanted | None
) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        store.claim(connection, job_id, NOW)
        store.JobStore(connection, ADA).want(job_id, wanted, NOW)
        job = store.put_back(connection, job_id, JobState.QUEUED, NOW)
    assert job is not None
    assert (job.state, job.wanted) == (becomes, still_wanted)


def test_every_change_of_state_is_told_and_the_end_once(database: Database, jobs: Jobs) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        store.claim(connection, job_id, NOW)
        store.note_progress(connection, job_id, Progress("reading", 5), {"done": 5}, NOW)
        store.note_progress(connection, job_id, Progress("reading", 6), None, NOW)
        store.finish(connection, job_id, JobState.FAILED, ("not_csv", "Not a CSV file."), NOW)
    told = events(database)
    assert [(event.number, event.kind) for event in told] == [
        (1, EventKind.STATE),
        (2, EventKind.STATE),
        (3, EventKind.PROGRESS),
        (4, EventKind.STATE),
        (5, EventKind.DONE),
    ]
    assert told[3].data == {
        "job_id": job_id,
        "state": "failed",
        "reason_code": "not_csv",
        "reason": "Not a CSV file.",
    }
    assert told[4].data == {"state": "failed"}
    assert events(database, after=3) == told[3:]
    assert jobs.get(job_id).progress.done == 6


def test_two_jobs_of_one_subject_told_at_once_get_different_numbers(database: Database, jobs: Jobs) -> None:
    ids = [jobs.new() for _ in range(2)]

    def tell(job_id: str) -> None:
        for _ in range(20):
            with database.begin() as connection:
                store.put_back(connection, job_id, JobState.QUEUED, NOW)
                store.claim(connection, job_id, NOW)

    threads = [threading.Thread(target=tell, args=(job_id,)) for job_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    numbers = [event.number for event in events(database)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == 2 + 2 * (20 + 19)


def test_waiting_jobs_are_the_oldest_of_each_user(database: Database, jobs: Jobs) -> None:
    first = [jobs.new() for _ in range(5)][:2]
    other = jobs.new(BOB, "upl_2")
    with database.read() as connection:
        assert {job.id for job in store.waiting(connection, 2)} == {*first, other}


def test_old_jobs_and_events_go_and_unfinished_ones_stay(database: Database, jobs: Jobs) -> None:
    done, open_still = jobs.new(), jobs.new(subject="upl_2")
    with database.begin() as connection:
        store.finish(connection, done, JobState.DONE, None, NOW)
        later = utc_now() + timedelta(days=1)
        assert store.finished_before(connection, NOW, 10) == []
        assert store.finished_before(connection, later, 10) == [done]
        assert store.remove(connection, [done]) == 1
        assert store.purge_events(connection, NOW - timedelta(days=1)) == 0
        assert store.purge_events(connection, later) > 0
    assert jobs.get(open_still).state is JobState.QUEUED
    assert events(database) == []


def test_counts_by_state_name_every_state(database: Database, jobs: Jobs) -> None:
    jobs.new()
    with database.read() as connection:
        counts = store.count_by_state(connection)
    assert set(counts) == set(JobState)
    assert (counts[JobState.QUEUED], counts[JobState.DEAD]) == (1, 0)
