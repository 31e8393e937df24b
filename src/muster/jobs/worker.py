"""The worker: takes queued jobs, runs them, looks after those of workers that died, keeps the schedules."""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from muster.errors import MusterError
from muster.ids import random_text
from muster.jobs.dispatch import Dispatcher
from muster.jobs.engine import Engine
from muster.jobs.halt import Halt
from muster.jobs.kinds import JobKind
from muster.jobs.lock import worker_lock
from muster.jobs.purge import purge
from muster.jobs.room import JobsRoom
from muster.jobs.run import Runner
from muster.jobs.schedule import Schedule, run_due
from muster.jobs.upkeep import Upkeep

log = structlog.get_logger("muster.jobs")

_POLL_SECONDS = 0.1
_LOOK_SECONDS = 2.0
_LONGEST_SLEEP_SECONDS = 60.0
_AFTER_OUTAGE_SECONDS = 1.0
_PURGE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """concurrency: jobs this worker runs at a time; per_user: jobs of one user in all workers.

    keep: how long finished jobs are remembered. drain_seconds: how long a step may go on after `stop`; half of
    it before it is asked to end at its next report. executor_ttl: silence after which another worker counts as
    dead (PostgreSQL). most_crashes: worker deaths a job may survive. lock_seconds: how long to wait for another
    worker to leave the SQLite file.
    """

    concurrency: int = 2
    per_user: int = 2
    keep: timedelta = timedelta(days=30)
    drain_seconds: float = 30
    executor_ttl: timedelta = timedelta(seconds=15)
    most_crashes: int = 20
    lock_seconds: float = 0


def run_worker(
    room: JobsRoom,
    kinds: Sequence[JobKind],
    schedules: Sequence[Schedule],
    options: WorkerOptions,
    stop: threading.Event,
) -> None:
    """Run jobs until `stop` is set; then park what runs between two steps, and return.

    The database must be migrated. Once in a process at a time. Raises Conflict (`worker_running`) when
    another worker holds the SQLite file, and whatever broke when the worker cannot go on.
    """
    with worker_lock(room.db, options.lock_seconds):
        worker = _Worker(room, kinds, schedules, options, stop)
        worker.run()


class _Worker:
    """One worker; see run_worker."""

    def __init__(
        self,
        room: JobsRoom,
        kinds: Sequence[JobKind],
        schedules: Sequence[Schedule],
        options: WorkerOptions,
        stop: threading.Event,
    ) -> None:
        self._options = options
        self._stop = stop
        self._halt = Halt(options.drain_seconds / 2)
        self._runner = Runner(
            room, {kind.name: kind for kind in kinds}, self._halt, concurrency=options.concurrency
        )
        self._engine = Engine(
            room.db, _executor_id(room), self._runner.run, most_crashes=options.most_crashes
        )
        self._runner.engine = self._engine
        self._dispatcher = Dispatcher(
            room, self._engine, self._runner, concurrency=options.concurrency, per_user=options.per_user
        )
        self._upkeep = Upkeep(room, self._engine, self._runner, executor_ttl=options.executor_ttl)
        own = Schedule("jobs.purge", _PURGE_EVERY, self._purge)
        self._schedules = [*schedules, own]
        self._room = room
        self._broken: BaseException | None = None

    def run(self) -> None:
        started = time.monotonic()
        self._upkeep.show_life()  # before any work is ours: work without a row counts as a dead worker's
        try:
            self._engine.launch()
            log.info(
                "worker.started",
                executor=self._engine.executor_id,
                ms=round((time.monotonic() - started) * 1000),
            )
            beside = [
                self._beside("worker-upkeep", self._look_after),
                self._beside("worker-schedules", self._keep_schedules),
            ]
            self._every(_POLL_SECONDS, self._dispatcher.poll)
            self._drain()
            for thread in beside:
                thread.join(timeout=_LOOK_SECONDS)
            if not self._runner.active:
                self._upkeep.leave()
        finally:
            self._engine.close()
        if self._broken is not None:
            raise self._broken
        log.info("worker.stopped", left_running=len(self._runner.active))

    def _drain(self) -> None:
        self._halt.ask()
        until = time.monotonic() + self._options.drain_seconds
        while self._runner.active and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)

    def _beside(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Run `work` in a thread; if it breaks, the worker ends and says why."""

        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - raised again by `run`
                self._broken = error
                self._stop.set()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def _every(self, seconds: float, work: Callable[[], object]) -> None:
        """Do `work` again and again until the worker ends; an outage is waited out."""
        while not self._stop.is_set():
            wait = seconds
            try:
                work()
            except MusterError as error:
                log.warning("worker.waits", code=error.error_code)
                wait = max(seconds, _AFTER_OUTAGE_SECONDS)
            self._stop.wait(wait)

    def _purge(self) -> None:
        purge(self._room, self._engine, self._options.keep)

    def _look_after(self) -> None:
        fifth = self._options.executor_ttl.total_seconds() / 5

        def once() -> None:
            self._upkeep.show_life()
            self._upkeep.hand_on()
            self._upkeep.look_after()

        self._every(min(_LOOK_SECONDS, fifth), once)

    def _keep_schedules(self) -> None:
        while not self._stop.is_set():
            wait = _AFTER_OUTAGE_SECONDS
            try:
                wait = run_due(self._room, self._schedules).total_seconds()
            except MusterError as error:
                log.warning("worker.waits", code=error.error_code)
            self._stop.wait(min(max(wait, 0.05), _LONGEST_SLEEP_SECONDS))


def _executor_id(room: JobsRoom) -> str:
    """SQLite: one name, so that the next worker takes up what this one leaves. PostgreSQL: one for each start."""
    if room.db.is_sqlite:
        return "local"
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{random_text(8)}"
