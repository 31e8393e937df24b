"""Fixtures around jobs: two users, and workers that run in a thread or a process."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from muster.accounts.model import Role, User
from muster.accounts.store import Directory
from muster.clock import utc_now
from muster.db.database import Database
from muster.ids import UserId
from muster.jobs.enqueue import enqueue
from muster.jobs.model import Job, JobState
from muster.jobs.read import get_job
from muster.jobs.room import JobsRoom
from muster.jobs.schedule import Schedule
from muster.jobs.worker import WorkerOptions, run_worker
from tests.support.toy import Ledger, Toy

ADA = UserId("usr_ada")
BOB = UserId("usr_bob")
ROOT = Path(__file__).resolve().parents[2]
STARTED = '"event": "worker.started"'
Seen = TypeVar("Seen")


@pytest.fixture
def users(database: Database) -> None:
    """Ada and Bob, who own jobs."""
    with database.begin() as connection:
        for user_id in (ADA, BOB):
            user = User(user_id, f"{user_id}@example.com", Role.MEMBER, utc_now(), None)
            Directory(connection).add_user(user, password_hash=None)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "toy")


@dataclass
class Jobs:
    """Jobs as their user sees them."""

    database: Database

    def new(self, user_id: UserId = ADA, subject: str = "upl_1", **payload: Any) -> str:
        with self.database.begin() as connection:
            return enqueue(connection, "toy", user_id, subject, payload, utc_now())

    def get(self, job_id: str, user_id: UserId = ADA) -> Job:
        with self.database.read() as connection:
            return get_job(connection, user_id, job_id)

    def wait(
        self, job_id: str, until: JobState | Callable[[Job], bool], user_id: UserId = ADA, seconds: float = 60
    ) -> Job:
        """The job as soon as it is in a state, or as a condition says."""
        return wait_for(
            lambda: self.get(job_id, user_id),
            lambda job: job.state is until if isinstance(until, JobState) else until(job),
            seconds,
        )


def wait_for(look: Callable[[], Seen], is_right: Callable[[Seen], bool], seconds: float = 60) -> Seen:
    """Look again and again until what is seen is right."""
    deadline = time.monotonic() + seconds
    while not is_right(seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {seen}"
        time.sleep(0.01)
    return seen


@pytest.fixture
def jobs(database: Database, users: None) -> Jobs:
    return Jobs(database)


class StartWorker:
    """Runs workers in threads of this process, one after the other; the last is stopped when the test ends."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._room = JobsRoom(database, utc_now)
        self._toy = Toy(ledger)
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.broken: list[BaseException] = []

    def __call__(self, schedules: Sequence[Schedule] = (), **options: Any) -> None:
        self._stop = threading.Event()
        settings = WorkerOptions(**{"drain_seconds": 5, **options})

        def run() -> None:
            try:
                run_worker(self._room, [self._toy.kind], schedules, settings, self._stop)
            except BaseException as error:  # noqa: BLE001 - shown when the test ends
                self.broken.append(error)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def end(self) -> None:
        """Ask it to end as SIGTERM does, and wait until it has."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
            assert not self._thread.is_alive()
        assert not self.broken


@pytest.fixture
def start_worker(database: Database, ledger: Ledger) -> Iterator[StartWorker]:
    starter = StartWorker(database, ledger)
    yield starter
    starter.end()


@dataclass
class WorkerProcess:
    """A real worker process that knows the toy kind; killed when the test ends."""

    url: str
    ledger: Ledger
    log_file: Path
    options: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> "WorkerProcess":
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.toy", self.url, self.ledger.directory, *self.options],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            )
        return self

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_until_started(self) -> "WorkerProcess":
        wait_for(lambda: self.log, lambda log: STARTED in log)
        return self

    def wait_until_dead(self, seconds: float = 60) -> int:
        assert self.process is not None
        return self.process.wait(timeout=seconds)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)


class NewWorker:
    """Makes worker processes on this test's database, not yet started."""

    def __init__(self, url: str, ledger: Ledger, directory: Path) -> None:
        self._url = url
        self._ledger = ledger
        self._directory = directory
        self.made: list[WorkerProcess] = []

    def __call__(self, **options: int) -> WorkerProcess:
        arguments = [f"{name}={value}" for name, value in options.items()]
        log_file = self._directory / f"worker-{len(self.made)}.log"
        self.made.append(WorkerProcess(self._url, self._ledger, log_file, arguments))
        return self.made[-1]


@pytest.fixture
def new_worker(database_url: str, ledger: Ledger, tmp_path: Path) -> Iterator[NewWorker]:
    maker = NewWorker(database_url, ledger, tmp_path)
    yield maker
    for worker in maker.made:
        worker.kill()
