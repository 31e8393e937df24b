"""Jobs whose worker died, or forgot them: found and set going again.

On SQLite there is one worker, and the engine takes up its own work at its start. On PostgreSQL each worker
shows that it lives by a row it keeps fresh; whoever notices a row gone stale hands that worker's jobs on.
"""

import time
from datetime import timedelta

import structlog

from muster.jobs import retry, store
from muster.jobs.engine import Engine, Standing
from muster.jobs.model import Job, JobState
from muster.jobs.room import JobsRoom
from muster.jobs.run import Runner

log = structlog.get_logger("muster.jobs")

_CRASHED = retry.Ending(
    JobState.DEAD,
    "job_crashed",
    "This job ended its worker again and again, so it was given up. Ask the operator to look at the log.",
)
_BROKEN = retry.Ending(
    JobState.DEAD,
    "internal_error",
    "Something broke on our side. Nothing you sent is lost; ask the operator to look at the log.",
)
_FORGOTTEN_SECONDS = 5.0
"""A job claimed so long ago that its worker died between the claim and the start."""
_STRANDED_SECONDS = 30.0
"""A job the engine thinks runs here, and that does not."""


class Upkeep:
    """Keeps this worker known and looks after jobs nobody runs; call each method every now and then."""

    def __init__(self, room: JobsRoom, engine: Engine, runner: Runner, *, executor_ttl: timedelta) -> None:
        self._room = room
        self._engine = engine
        self._runner = runner
        self._executor_ttl = executor_ttl
        self._missed: dict[str, float] = {}  # running jobs nobody seems to run, since when

    def show_life(self) -> None:
        """Keep this worker's row fresh; does nothing on SQLite, so that an idle disk sleeps."""
        if not self._room.db.is_sqlite:
            with self._room.db.begin() as connection:
                store.show_life(connection, self._engine.executor_id)

    def leave(self) -> None:
        """Take this worker's row away, when it leaves nothing behind."""
        if not self._room.db.is_sqlite:
            with self._room.db.begin() as connection:
                store.remove_executors(connection, [self._engine.executor_id])

    def hand_on(self) -> int:
        """Hand on the jobs of workers that died; returns how many. One worker does it at a time."""
        if self._room.db.is_sqlite:
            return 0
        with self._room.db.begin() as connection:
            if not store.take_reaper_turn(connection):
                return 0
            known = store.executors(connection)
            stale = store.executors(connection, silent_for=self._executor_ttl)
            dead = stale | (self._engine.busy_executors() - known)
            dead.discard(self._engine.executor_id)
            if not dead:
                return 0
            handed_on = self._engine.recover(sorted(dead))
            # The row goes only when nothing is left that could be handed on: the engine logs and swallows errors.
            gone = dead - self._engine.busy_executors()
            store.remove_executors(connection, sorted(gone))
        log.warning("worker.died", executors=sorted(dead), jobs=handed_on)
        return handed_on

    def look_after(self) -> None:
        """Set jobs going that say they run and do not; give up those the engine gave up."""
        with self._room.db.read() as connection:
            running = store.running(connection)
        active = self._runner.active
        idle = [job for job in running if job.id not in active]
        now = time.monotonic()
        self._missed = {job.id: self._missed.get(job.id, now) for job in idle}
        for job in idle:
            self._look_after_one(job, now - self._missed[job.id])

    def _look_after_one(self, job: Job, missed_seconds: float) -> None:
        standing, executor = self._engine.standing(job.id)
        if standing is Standing.CRASHED:
            if self._runner.end(job.id, _CRASHED):
                log.error("job.crashed", job_id=job.id, kind=job.kind)
        elif standing is Standing.OVER and missed_seconds >= _FORGOTTEN_SECONDS:
            if self._runner.end(job.id, _BROKEN):
                log.error("job.lost", job_id=job.id, kind=job.kind)
        elif standing in {Standing.UNKNOWN, Standing.STOPPED}:
            if missed_seconds >= _FORGOTTEN_SECONDS:
                self._put_back(job)
        elif executor == self._engine.executor_id and missed_seconds >= _STRANDED_SECONDS:
            self._put_back(job)

    def _put_back(self, job: Job) -> None:
        with self._room.db.begin() as connection:
            store.put_back(connection, job.id, JobState.QUEUED, self._room.clock())
        log.warning("job.put_back", job_id=job.id, kind=job.kind)
