"""A worker in a thread of this process, on both databases: what becomes of jobs."""

import itertools
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from muster.clock import utc_now
from muster.db.database import Database
from muster.errors import Conflict, Unavailable
from muster.jobs import store
from muster.jobs.control import cancel, pause, resume
from muster.jobs.lock import worker_lock
from muster.jobs.model import EventKind, JobState
from muster.jobs.read import events_after
from muster.jobs.schedule import Schedule
from tests.support.job_fixtures import ADA, BOB, Jobs, StartWorker, wait_for
from tests.support.toy import Ledger, Toy


def steps_done(ledger: Ledger, job_id: str) -> list[int]:
    """The numbers of the steps that ended, in the order they did."""
    return [int(line.split()[2]) for line in ledger.lines if line.startswith(f"end {job_id} ")]


def dbos_text(database: Database) -> str:
    """Every value of every row the engine stores."""
    schema = "" if database.is_sqlite else "dbos."
    with database.read() as connection:
        return "\n".join(
            str(row)
            for table in ("workflow_status", "operation_outputs", "workflow_input", "workflow_output")
            for row in connection.execute(text(f"SELECT * FROM {schema}{table}"))  # noqa: S608
        )


def test_a_job_runs_all_its_steps_once_and_is_done(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger, database: Database
) -> None:
    job_id = jobs.new(steps=5)
    start_worker()
    job = jobs.wait(job_id, JobState.DONE)
    assert steps_done(ledger, job_id) == [0, 1, 2, 3, 4]
    assert (job.progress.phase, job.progress.done, job.progress.total) == ("toying", 4, 5)
    assert (job.dispatched, job.reason_code, job.wanted) == (1, None, None)
    assert job.started_at is not None
    assert job.finished_at is not None
    with database.read() as connection:
        told = events_after(connection, ADA, "upl_1", 0, 100)
    assert [e.data["state"] for e in told if e.kind is EventKind.STATE] == ["queued", "running", "done"]
    assert [e.kind for e in told][-1] is EventKind.DONE
    assert not any(line.startswith("ended") for line in ledger.lines)


def test_what_the_engine_stores_is_json_of_ids_and_counts(
    jobs: Jobs, start_worker: StartWorker, database: Database
) -> None:
    done = jobs.new(steps=2)
    broken = jobs.new(subject="upl_2", fail="bug")
    start_worker()
    jobs.wait(done, JobState.DONE)
    jobs.wait(broken, JobState.DEAD)
    stored = dbos_text(database)
    assert "portable_json" in stored
    assert "pickle" not in stored
    assert "gASV" not in stored  # how a pickle begins in base64
    assert "ada@example.com" not in stored
    assert "KeyError" not in stored


def test_a_refusal_fails_the_job_with_its_message(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(fail="refusal")
    start_worker()
    job = jobs.wait(job_id, JobState.FAILED)
    assert (job.reason_code, job.reason) == ("toy_refused", "This file is not what it says.")
    assert ledger.lines.count(f"ended {job_id} failed toy_refused") == 1
    assert len([line for line in ledger.lines if line.startswith(f"start {job_id} 0")]) == 1


def test_an_outage_is_waited_out(jobs: Jobs, start_worker: StartWorker, ledger: Ledger) -> None:
    job_id = jobs.new(fail="outage", times=2)
    start_worker()
    jobs.wait(job_id, JobState.DONE)
    assert len([line for line in ledger.lines if line.startswith(f"start {job_id} 0")]) == 3


@pytest.mark.parametrize("what", ["find", "note_progress", "finish"])
def test_a_database_away_between_steps_or_at_the_end_is_waited_for(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    real, asked = getattr(store, what), itertools.count()

    def away_every_other_time(*args: Any) -> Any:
        if next(asked) % 2 == 0:
            raise Unavailable("The database does not answer.")
        return real(*args)

    job_id = jobs.new(steps=3)
    monkeypatch.setattr(store, what, away_every_other_time)
    start_worker()
    job = jobs.wait(job_id, lambda job: job.state.is_final)
    assert (job.state, job.reason, job.progress.done) == (JobState.DONE, None, 2)
    assert set(steps_done(ledger, job_id)) == {0, 1, 2}
    assert next(asked) >= 2


def test_an_ending_that_its_kind_refuses_does_not_go_on_for_ever(
    jobs: Jobs, start_worker: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Conflict("Not now.", code="toy_refused")

    monkeypatch.setattr(Toy, "ended", refuse)
    job_id = jobs.new(fail="refusal")
    start_worker()
    job = jobs.wait(job_id, JobState.FAILED)
    assert job.reason_code == "toy_refused"


def test_a_bug_is_tried_three_times_and_its_words_stay_in_the_log(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(fail="bug")
    start_worker()
    job = jobs.wait(job_id, JobState.DEAD)
    assert job.reason_code == "internal_error"
    assert "ada" not in (job.reason or "")
    assert len([line for line in ledger.lines if line.startswith(f"start {job_id} 0")]) == 3
    assert ledger.lines.count(f"ended {job_id} dead internal_error") == 1


def test_a_kind_nobody_knows_is_dead_not_stuck(
    jobs: Jobs, start_worker: StartWorker, database: Database
) -> None:
    job_id = jobs.new()
    with database.begin() as connection:
        connection.execute(text("UPDATE jobs SET kind = 'from_the_future'"))
    start_worker()
    assert jobs.wait(job_id, JobState.DEAD).reason_code == "job_kind_unknown"


def test_a_running_job_is_cancelled_within_two_seconds(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger, database: Database
) -> None:
    job_id = jobs.new(steps=1, seconds=60)
    start_worker()
    jobs.wait(job_id, JobState.RUNNING)
    wait_for(lambda: ledger.lines, lambda lines: len(lines) == 1)
    asked_at = time.monotonic()
    with database.begin() as connection:
        cancel(connection, ADA, job_id, utc_now())
    job = jobs.wait(job_id, JobState.CANCELLED)
    assert time.monotonic() - asked_at < 2
    assert (job.reason_code, job.wanted) == ("job_cancelled", None)
    assert ledger.lines.count(f"ended {job_id} cancelled job_cancelled") == 1


def test_waiting_and_paused_jobs_are_cancelled_without_a_free_place(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger, database: Database
) -> None:
    running = jobs.new(steps=1, seconds=60)
    start_worker(concurrency=1)
    jobs.wait(running, JobState.RUNNING)
    waits, rests = jobs.new(subject="upl_2"), jobs.new(subject="upl_3")
    with database.begin() as connection:
        pause(connection, ADA, rests, utc_now())
        cancel(connection, ADA, waits, utc_now())
        cancel(connection, ADA, rests, utc_now())
    for job_id in (waits, rests):
        assert jobs.wait(job_id, JobState.CANCELLED, seconds=2).started_at is None
        assert ledger.lines.count(f"ended {job_id} cancelled job_cancelled") == 1
    assert jobs.get(running).state is JobState.RUNNING


def test_a_paused_job_goes_on_after_the_steps_it_finished(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger, database: Database
) -> None:
    job_id = jobs.new(steps=6, seconds=0.3)
    start_worker()
    wait_for(lambda: steps_done(ledger, job_id), lambda done: len(done) >= 2)
    with database.begin() as connection:
        pause(connection, ADA, job_id, utc_now())
    jobs.wait(job_id, JobState.PAUSED)
    done = steps_done(ledger, job_id)
    assert len(done) < 6
    other = jobs.new(subject="upl_2", steps=1)  # while it rests, others run
    jobs.wait(other, JobState.DONE)
    assert steps_done(ledger, job_id) == done
    with database.begin() as connection:
        resume(connection, ADA, job_id, utc_now())
    job = jobs.wait(job_id, JobState.DONE)
    assert steps_done(ledger, job_id) == [0, 1, 2, 3, 4, 5]
    assert job.dispatched == 2


def test_a_worker_that_ends_parks_its_job_and_the_next_one_goes_on(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(steps=6, seconds=0.3)
    start_worker()
    wait_for(lambda: steps_done(ledger, job_id), lambda done: len(done) >= 2)
    start_worker.end()
    assert jobs.get(job_id).state is JobState.QUEUED
    assert len(steps_done(ledger, job_id)) < 6
    start_worker()
    jobs.wait(job_id, JobState.DONE)
    done = steps_done(ledger, job_id)
    assert sorted(set(done)) == [0, 1, 2, 3, 4, 5]
    # At its start the engine may take the job up by itself while it is handed over: only what one of them did is noted.
    assert len(done) <= 7


def test_a_step_that_does_not_end_is_asked_to_at_its_next_report(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(steps=1, seconds=60)
    start_worker(drain_seconds=1)
    wait_for(lambda: ledger.lines, lambda lines: len(lines) == 1)
    start_worker.end()
    assert jobs.get(job_id).state is JobState.QUEUED
    assert steps_done(ledger, job_id) == []


def test_users_share_the_places_and_nobody_exceeds_their_own(
    jobs: Jobs, start_worker: StartWorker, ledger: Ledger
) -> None:
    adas = [jobs.new(subject=f"upl_{n}", steps=1, seconds=0.3) for n in range(6)]
    bobs = jobs.new(BOB, "upl_bob", steps=1, seconds=0.3)
    start_worker(concurrency=3, per_user=2)
    jobs.wait(bobs, JobState.DONE, BOB)
    assert sum(jobs.get(job_id).state.is_final for job_id in adas) <= 2
    for job_id in adas:
        jobs.wait(job_id, JobState.DONE)
    at_once = most = 0
    for line in ledger.lines:
        word, job_id, *_ = line.split()
        if job_id in adas:
            at_once += 1 if word == "start" else -1
            most = max(most, at_once)
    assert most == 2


def test_a_job_claimed_by_a_worker_that_died_before_it_started_it_is_found(
    jobs: Jobs, start_worker: StartWorker, database: Database
) -> None:
    job_id = jobs.new(steps=2)
    with database.begin() as connection:
        connection.execute(text("UPDATE jobs SET state = 'running', dispatched = 1"))
    start_worker()
    assert jobs.wait(job_id, JobState.DONE).dispatched == 2


def test_a_second_worker_on_one_sqlite_file_is_refused_and_told_who_has_it(
    database: Database, start_worker: StartWorker, jobs: Jobs
) -> None:
    jobs.wait(start_and_make(start_worker, jobs), JobState.DONE)
    if not database.is_sqlite:
        with worker_lock(database, 0):
            return  # several may share
    with (
        pytest.raises(Conflict, match=r"Another worker \(process \d+\)") as refused,
        worker_lock(database, 0),
    ):
        pass
    assert refused.value.error_code == "worker_running"


def start_and_make(start_worker: StartWorker, jobs: Jobs) -> str:
    start_worker()
    return jobs.new(steps=1)


def test_schedules_run_at_once_and_again_and_outlive_what_they_raise(
    start_worker: StartWorker, jobs: Jobs
) -> None:
    ran: list[str] = []

    def refuse() -> None:
        ran.append("refuse")
        raise Unavailable("not now")

    def break_down() -> None:
        ran.append("break")
        raise KeyError("bug")

    every = timedelta(seconds=0.2)
    start_worker(schedules=[Schedule("a", every, refuse), Schedule("b", every, break_down)])
    wait_for(lambda: list(ran), lambda names: names.count("refuse") >= 3 and names.count("break") >= 3)


def test_old_jobs_are_purged_with_what_the_engine_stored_of_them(
    jobs: Jobs, start_worker: StartWorker, database: Database, tmp_path: Path
) -> None:
    job_id = jobs.new(steps=2)
    start_worker()
    jobs.wait(job_id, JobState.DONE)
    assert job_id in dbos_text(database)
    start_worker.end()
    with database.begin() as connection:  # the hourly purge is due again
        connection.execute(text("DELETE FROM job_schedules"))
    start_worker(keep=timedelta(0))

    def left() -> tuple[int | None, bool]:
        with database.read() as connection:
            rows = connection.execute(text("SELECT count(*) FROM jobs")).scalar()
        return rows, job_id in dbos_text(database)

    wait_for(left, lambda seen: seen == (0, False))


def test_an_idle_worker_writes_nothing(start_worker: StartWorker, database: Database, jobs: Jobs) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's workers show that they live by writing")
    jobs.wait(start_and_make(start_worker, jobs), JobState.DONE)
    log = Path(f"{database.url.database}-wal")
    settled = threading.Event()
    settled.wait(1.5)  # the last of the job's own writes
    before = (log.stat().st_size, log.stat().st_mtime_ns)
    settled.wait(3)
    assert (log.stat().st_size, log.stat().st_mtime_ns) == before
