"""Workers killed with SIGKILL at every boundary of a job: nothing is lost, nothing is done wrongly twice."""

import os
import signal
from collections import Counter

import pytest
from sqlalchemy import text

from muster.clock import utc_now
from muster.db.database import Database
from muster.jobs.control import cancel, pause, resume
from muster.jobs.model import JobState
from tests.support.job_fixtures import ADA, Jobs, NewWorker, WorkerProcess, wait_for
from tests.support.toy import Ledger

STEPS = 10
KILLED = -signal.SIGKILL


def run_until_done(jobs: Jobs, worker: WorkerProcess, job_id: str, most_starts: int) -> int:
    """Start the worker again each time it dies; returns how often it died."""
    died = 0
    worker.start()
    while not jobs.get(job_id).state.is_final:
        assert worker.process is not None
        if worker.process.poll() is not None:
            assert worker.process.returncode == KILLED, worker.log
            died += 1
            assert died < most_starts, worker.log
            worker.start()
        wait_for(
            lambda: (jobs.get(job_id).state.is_final, worker.process is None or worker.process.poll()),
            lambda seen: seen[0] or seen[1] is not None,
        )
    return died


def effects(ledger: Ledger, job_id: str) -> dict[int, str]:
    """What each step left behind."""
    found = ledger.directory.glob(f"{job_id}-[0-9]*")
    return {
        int(path.name.removeprefix(f"{job_id}-")): path.read_text() for path in found if path.stat().st_size
    }


def ends(ledger: Ledger, job_id: str) -> Counter[int]:
    """How often each step was done to its end."""
    return Counter(int(line.split()[2]) for line in ledger.lines if line.startswith(f"end {job_id} "))


@pytest.mark.timeout(300)
def test_killed_between_every_effect_and_its_note_each_step_is_done_and_none_is_missing(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    places = [f"after:{number}" for number in range(STEPS)]
    # PostgreSQL takes a while to count a worker as dead, and the mechanism is the same: fewer deaths there.
    if not jobs.database.is_sqlite:
        places = ["after:0", "after:4", "after:9"]
    job_id = jobs.new(steps=STEPS, kill_at=places)
    died = run_until_done(jobs, new_worker(ttl=1), job_id, len(places) + 1)
    assert died == len(places)
    assert jobs.get(job_id).state is JobState.DONE
    assert effects(ledger, job_id) == {number: str(number) for number in range(STEPS)}
    # Killed after its effect and before its note, a step is done twice; every other one once.
    wanted = {number: 2 if f"after:{number}" in places else 1 for number in range(STEPS)}
    assert ends(ledger, job_id) == wanted


@pytest.mark.timeout(300)
def test_killed_between_steps_and_before_the_end_no_step_is_done_twice(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(steps=STEPS, kill_at=["before:0", "before:5", "end"])
    assert run_until_done(jobs, new_worker(ttl=1), job_id, 4) == 3
    assert jobs.get(job_id).state is JobState.DONE
    assert ends(ledger, job_id) == dict.fromkeys(range(STEPS), 1)


@pytest.mark.timeout(300)
def test_a_job_that_kills_its_worker_every_time_is_given_up_and_others_go_on(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(kill_at=["always:after:1"])
    died = run_until_done(jobs, new_worker(ttl=1, most_crashes=2), job_id, 8)
    assert died == 3  # the first run and two more
    job = jobs.get(job_id)
    assert (job.state, job.reason_code) == (JobState.DEAD, "job_crashed")
    assert ledger.lines.count(f"ended {job_id} dead job_crashed") == 1
    other = jobs.new(subject="upl_2", steps=1)
    jobs.wait(other, JobState.DONE)


def test_what_was_asked_while_no_worker_lived_happens_when_one_comes(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger, database: Database
) -> None:
    to_cancel, to_pause = (jobs.new(subject=f"upl_{n}", steps=30, seconds=0.5) for n in range(2))
    worker = new_worker(ttl=1).start()
    for job_id in (to_cancel, to_pause):
        wait_for(lambda job_id=job_id: ends(ledger, job_id), bool)
    worker.kill()
    with database.begin() as connection:
        cancel(connection, ADA, to_cancel, utc_now())
        pause(connection, ADA, to_pause, utc_now())
    done = ends(ledger, to_pause)
    worker.start()
    jobs.wait(to_cancel, JobState.CANCELLED)
    jobs.wait(to_pause, JobState.PAUSED)
    assert ends(ledger, to_pause) == done
    with database.begin() as connection:
        resume(connection, ADA, to_pause, utc_now())
    wait_for(lambda: ends(ledger, to_pause), lambda seen: len(seen) > len(done))
    # The kill may have come between the end of a step and its note; that one is done again.
    assert sum(times - 1 for times in ends(ledger, to_pause).values()) <= 1


def test_a_frozen_worker_that_wakes_up_after_another_took_over_does_no_harm(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    if jobs.database.is_sqlite:
        pytest.skip("one SQLite file has one worker, which a lock ensures")
    job_id = jobs.new(steps=8, seconds=0.4)
    first = new_worker(ttl=1, idle=1).start()
    wait_for(lambda: ends(ledger, job_id), lambda seen: len(seen) >= 2)
    first.signal(signal.SIGSTOP)
    second = new_worker(ttl=1, idle=1).start()
    wait_for(lambda: ends(ledger, job_id), lambda seen: len(seen) >= 4)
    first.signal(signal.SIGCONT)
    jobs.wait(job_id, JobState.DONE)
    wait_for(lambda: first.log, lambda log: log.count('"worker.started"') == 1)
    assert first.process is not None
    assert first.process.poll() is None, first.log
    times = ends(ledger, job_id)
    assert set(times) == set(range(8))
    assert sum(times.values()) <= 8 + 2, ledger.lines
    other = jobs.new(subject="upl_2", steps=1)
    jobs.wait(other, JobState.DONE)
    assert second.process is not None


def test_a_worker_frozen_within_a_transaction_does_not_keep_its_locks(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    if jobs.database.is_sqlite:
        pytest.skip("one SQLite file has one worker, which a lock ensures")
    job_id = jobs.new(steps=1, fail="refusal", freeze=True)
    first = new_worker(ttl=1, idle=1).start()
    wait_for((ledger.directory / f"{job_id}-frozen").exists, bool)
    new_worker(ttl=1, idle=1).start()
    ended = jobs.wait(job_id, JobState.FAILED, seconds=30)
    first.signal(signal.SIGCONT)
    wait_for(lambda: first.log, lambda log: '"job.ended"' in log)
    assert jobs.get(job_id) == ended
    assert first.process is not None
    assert first.process.poll() is None, first.log


def test_another_worker_takes_over_from_a_killed_one(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger, database: Database
) -> None:
    if database.is_sqlite:
        pytest.skip("one SQLite file has one worker, which a lock ensures")
    both = [new_worker(ttl=1).start().wait_until_started() for _ in range(2)]
    mine = [jobs.new(subject=f"upl_{n}", steps=STEPS, seconds=0.3) for n in range(2)]
    for job_id in mine:
        wait_for(lambda job_id=job_id: ends(ledger, job_id), bool)
    by_pid = {worker.process.pid: worker for worker in both if worker.process is not None}
    starts = [line.split() for line in ledger.lines if line.startswith(f"start {mine[0]} ")]
    by_pid[int(starts[0][3])].kill()
    for job_id in mine:
        jobs.wait(job_id, JobState.DONE, seconds=30)
        times = ends(ledger, job_id)
        assert set(times) == set(range(STEPS))
        assert sum(times.values()) <= STEPS + 1
    assert effects(ledger, mine[0]) == {number: str(number) for number in range(STEPS)}

    def executors() -> int:
        with database.read() as connection:
            return connection.execute(text("SELECT count(*) FROM job_executors")).scalar_one()

    wait_for(executors, lambda count: count == 1)


def test_sigterm_ends_a_worker_with_zero_and_leaves_its_job_in_line(
    jobs: Jobs, new_worker: NewWorker, ledger: Ledger
) -> None:
    job_id = jobs.new(steps=30, seconds=0.3)
    worker = new_worker().start()
    wait_for(lambda: ends(ledger, job_id), bool)
    worker.signal(signal.SIGTERM)
    assert worker.wait_until_dead(20) == os.EX_OK, worker.log
    assert jobs.get(job_id).state is JobState.QUEUED
    assert set(ends(ledger, job_id).values()) == {1}
