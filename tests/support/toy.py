"""A job kind to test with, and a worker process that knows it.

The payload tells what to do: `steps` (how many), `seconds` (how long each takes), `kill_at` (where the process
kills itself: "before:3", "after:3", "end"; each at most once), `fail` (what step 0 raises), `times` (how often),
`freeze` (the first process that ends the job stops within that transaction, as a machine put to sleep does).
What was done is told to a ledger: one line for each start and end of a step, in a file outside the database.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from muster.clock import utc_now
from muster.db.database import Connection, Database
from muster.errors import Conflict, Unavailable
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.jobs.room import JobsRoom
from muster.jobs.worker import WorkerOptions, run_worker
from muster.logs import configure

ERRORS: dict[str, Callable[[], Exception]] = {
    "refusal": lambda: Conflict("This file is not what it says.", code="toy_refused"),
    "outage": lambda: Unavailable("The store does not answer.", code="toy_away"),
    "bug": lambda: KeyError("ada@example.com"),
}


class Ledger:
    """What happened outside the database, whatever crashed afterwards."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def tell(self, *words: object) -> None:
        line = " ".join(map(str, words)) + "\n"
        descriptor = os.open(self.directory / "ledger", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode())
        os.close(descriptor)

    @property
    def lines(self) -> list[str]:
        path = self.directory / "ledger"
        return path.read_text().splitlines() if path.exists() else []

    def is_first(self, name: str) -> bool:
        """True once for each name, in all processes."""
        try:
            (self.directory / name.replace(":", "-")).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Toy:
    """The kind `toy`."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    @property
    def kind(self) -> JobKind:
        return JobKind("toy", self.run, self.ended)

    def run(self, run: JobRun) -> None:
        payload = run.job.payload
        found = []
        for number in range(payload.get("steps", 3)):
            self._maybe_die(run.job, f"before:{number}")

            def work(context: StepContext, number: int = number) -> Json:
                return self._step(run.job, number, context)

            found.append(run.step(f"step-{number}", work)["number"])
        assert found == list(range(payload.get("steps", 3)))
        self._maybe_die(run.job, "end")

    def ended(self, connection: Connection, job: Job, state: JobState) -> None:
        if job.payload.get("freeze") and self.ledger.is_first(f"{job.id}-frozen"):
            # To this thread: sent to the process it would take effect a moment later.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        self.ledger.tell("ended", job.id, state.value, job.reason_code)

    def _step(self, job: Job, number: int, context: StepContext) -> Json:
        self.ledger.tell("start", job.id, number, os.getpid())
        payload = job.payload
        if number == 0 and "fail" in payload and self._has_to_fail(job):
            raise ERRORS[payload["fail"]]()
        steps = payload.get("steps", 3)
        until = time.monotonic() + payload.get("seconds", 0)
        while True:
            context.report(Progress("toying", number, steps, "rows", rows_accepted=number * 10))
            if time.monotonic() >= until:
                break
            time.sleep(0.02)
        # Whole and under a name of its own, as steps have to write.
        (self.ledger.directory / f"{job.id}-{number}").write_text(str(number))
        self.ledger.tell("end", job.id, number, os.getpid())
        self._maybe_die(job, f"after:{number}")
        return {"number": number}

    def _has_to_fail(self, job: Job) -> bool:
        tried = sum(line.startswith(f"start {job.id} 0 ") for line in self.ledger.lines)
        return tried <= int(job.payload.get("times", 1_000_000))

    def _maybe_die(self, job: Job, place: str) -> None:
        for wanted in job.payload.get("kill_at", ()):
            if wanted == f"always:{place}" or (wanted == place and self.ledger.is_first(f"{job.id}-{place}")):
                os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, directory: str, **options: Any) -> None:
    """A worker process: `python -m tests.support.toy URL DIRECTORY [name=number ...]`."""
    configure("info", "json")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    ttl = timedelta(seconds=options.pop("ttl", 15))
    idle_seconds = options.pop("idle", 30)
    room = JobsRoom(Database(url, idle_transaction_seconds=idle_seconds), utc_now)
    run_worker(
        room, [Toy(Ledger(Path(directory))).kind], [], WorkerOptions(executor_ttl=ttl, **options), stop
    )
    room.db.close()


if __name__ == "__main__":
    main(
        sys.argv[1],
        sys.argv[2],
        **{name: int(value) for name, _, value in (a.partition("=") for a in sys.argv[3:])},
    )
