"""The door to the engine: what we rely on beyond its public interface, and who may come through."""

import subprocess
import sys

import dbos

from muster.db import migrate
from muster.db.database import Database
from muster.jobs.model import JobState
from tests.support.job_fixtures import Jobs, StartWorker


def test_the_one_private_function_we_call_is_still_there() -> None:
    # Handing on a dead worker's jobs is not in the free public interface; see docs/decisions/0023.
    assert callable(dbos.DBOS._recover_pending_workflows)


def test_a_process_that_answers_requests_never_loads_the_engine() -> None:
    # One process for all: to import the application takes two seconds.
    look = """
import sys
for name in ("muster.jobs.enqueue", "muster.wiring", "muster.app", "muster.cli.serve"):
    __import__(name)
    if "dbos" in sys.modules:
        sys.exit(f"{name} loads it")
"""
    looked = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, timeout=100, check=False
    )
    assert looked.returncode == 0, looked.stderr


def test_the_engines_tables_do_not_disturb_our_migrations(
    database: Database, jobs: Jobs, start_worker: StartWorker
) -> None:
    start_worker()
    jobs.wait(jobs.new(steps=1), JobState.DONE)
    start_worker.end()
    assert migrate.differences(database) == []
    assert migrate.pending(database) == ()
