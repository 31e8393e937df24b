"""One job from its first step to its final state, inside a worker.

What ends a run early without ending the job is raised as a BaseException, so that no kind takes it for an
error of its own: Parked in halt.py, LostJob in the engine.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from muster.errors import LimitError, MusterError, OutsideError
from muster.jobs import retry, store
from muster.jobs.engine import Engine, LostJob
from muster.jobs.halt import LOOK_EVERY_SECONDS, Halt, Parked, waited_out
from muster.jobs.kinds import JobKind, StepContext
from muster.jobs.memory import give_back_memory
from muster.jobs.model import Job, JobCancelled, JobState, Json, Progress, Wanted
from muster.jobs.progress import Meter
from muster.jobs.room import JobsRoom

log = structlog.get_logger("muster.jobs")

_WRITE_EVERY_SECONDS = 0.25
_EVENT_EVERY_SECONDS = 1.0
_EXPECT_SECONDS = 10.0
"""Longer than the engine takes to start a job; after it, another worker has it or upkeep.py looks for it."""
_UNKNOWN_KIND = retry.Ending(
    JobState.DEAD, "job_kind_unknown", "No worker knows this kind of job; the release that made it is newer."
)


class StepFailed(BaseException):
    """Carries what a step raised past the engine, which would note it as the step's result."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Runner:
    """Runs jobs handed over by the engine, at most `concurrency` at a time; others wait for their turn."""

    def __init__(self, room: JobsRoom, kinds: Mapping[str, JobKind], halt: Halt, *, concurrency: int) -> None:
        self.engine: Engine  # set once it is made; it needs `run` to be made
        self._room = room
        self._kinds = kinds
        self._halt = halt
        self._turns = threading.Semaphore(concurrency)
        self._guard = threading.Lock()
        self._active: dict[str, int] = {}
        self._expected: dict[str, float] = {}  # handed to the engine and not here yet, until when
        self._one_at_a_time: dict[str, threading.Lock] = {}

    @property
    def active(self) -> frozenset[str]:
        """The jobs in this process, running or waiting for their turn."""
        with self._guard:
            return frozenset(self._active)

    def expect(self, job_id: str) -> None:
        """Keep a place for a job that was just handed to the engine."""
        with self._guard:
            self._expected[job_id] = time.monotonic() + _EXPECT_SECONDS

    def load(self) -> int:
        """How many jobs are here or expected."""
        now = time.monotonic()
        with self._guard:
            self._expected = {job_id: until for job_id, until in self._expected.items() if until > now}
            return len(self._active.keys() | self._expected.keys())

    def run(self, job_id: str) -> Json:
        """Do the job; what the one workflow does. Safe to call again at any point after a crash."""
        with self._present(job_id), self._turn():
            job = waited_out(self._halt, lambda: _found(self._room, job_id), JobState.RUNNING)
            if job is None or job.state.is_final:
                return {}
            if job.state is not JobState.RUNNING:
                raise Parked(job.state)  # recovered by the engine, but to be resumed by somebody first
            log.info("job.started", job_id=job.id, kind=job.kind, attempt=job.dispatched)
            started = time.monotonic()
            try:
                ending = self._work(job)
            except Parked as parked:
                self._park(job_id, parked.state)
                raise
            # A job must not stay half-ended because the database was away when it ended.
            waited_out(self._halt, lambda: self.end(job_id, ending), JobState.RUNNING)
            log.info(
                "job.ended",
                job_id=job.id,
                kind=job.kind,
                state=ending.state.value if ending else JobState.DONE.value,
                code=ending.code if ending else None,
                ms=round((time.monotonic() - started) * 1000),
            )
            return {}

    def end(self, job_id: str, ending: retry.Ending | None) -> bool:
        """Make a job final, in one transaction with what its kind does then; False when it was already.

        ending: None for a job that is done. Raises what the database raises.
        """
        state = JobState.DONE if ending is None else ending.state
        reason = None if ending is None else (ending.code, ending.sentence)
        try:
            with self._room.db.begin() as connection:
                job = store.finish(connection, job_id, state, reason, self._room.clock())
                if job is not None and ending is not None and job.kind in self._kinds:
                    self._kinds[job.kind].ended(connection, job, state)
            return job is not None
        except (OutsideError, LimitError):
            raise
        except Exception as error:
            log.error("job.ended_badly", job_id=job_id, exc_info=error)
            with self._room.db.begin() as connection:
                bug = retry.ending(error)
                reason = (bug.code, bug.sentence)
                return store.finish(connection, job_id, bug.state, reason, self._room.clock()) is not None

    def _work(self, job: Job) -> retry.Ending | None:
        kind = self._kinds.get(job.kind)
        if kind is None:
            return _UNKNOWN_KIND
        run = _Run(self._room, self.engine, self._halt, job)
        try:
            kind.run(run)
            waited_out(self._halt, run.flush, JobState.QUEUED)
        except Exception as error:
            ending = retry.ending(error)
            if ending.state is JobState.DEAD:
                log.error("job.failed", job_id=job.id, kind=job.kind, code=ending.code, exc_info=error)
            return ending
        return None

    def _park(self, job_id: str, state: JobState) -> None:
        def put_back() -> None:
            with self._room.db.begin() as connection:
                store.put_back(connection, job_id, state, self._room.clock())

        waited_out(self._halt, put_back, JobState.RUNNING)
        log.info("job.parked", job_id=job_id, state=state.value)

    @contextmanager
    def _present(self, job_id: str) -> Iterator[None]:
        """The engine may start a job again while a run of it that lost it is still in a step: one waits."""
        with self._guard:
            self._expected.pop(job_id, None)
            self._active[job_id] = self._active.get(job_id, 0) + 1
            alone = self._one_at_a_time.setdefault(job_id, threading.Lock())
        try:
            while not alone.acquire(timeout=LOOK_EVERY_SECONDS):
                if self._halt.is_due(within_step=False):
                    raise Parked(JobState.RUNNING)
            try:
                yield
            finally:
                alone.release()
        finally:
            with self._guard:
                self._active[job_id] -= 1
                if not self._active[job_id]:
                    del self._active[job_id], self._one_at_a_time[job_id]
                is_idle = not self._active
            if is_idle:
                give_back_memory()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        while not self._turns.acquire(timeout=LOOK_EVERY_SECONDS):
            if self._halt.is_due(within_step=False):
                raise Parked(JobState.RUNNING)
        try:
            yield
        finally:
            self._turns.release()


class _Run:
    """One run of a job; see JobRun. It is the StepContext of its steps, too."""

    def __init__(self, room: JobsRoom, engine: Engine, halt: Halt, job: Job) -> None:
        self._room = room
        self._engine = engine
        self._halt = halt
        self._job = job
        self._meter = Meter()
        self._latest: Progress | None = None  # reported and not yet written
        self._written_at = float("-inf")
        self._told_at = float("-inf")
        self._is_to_rest = False

    @property
    def job(self) -> Job:
        return self._job

    def step(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        found = waited_out(self._halt, lambda: _found(self._room, self._job.id), JobState.QUEUED)
        self._obey(found, within_step=False)
        try:
            return self._engine.step(name, lambda: self._tried(name, work))
        except StepFailed as failed:
            raise failed.error from failed.error.__cause__

    def report(self, progress: Progress) -> None:
        self._latest = progress
        if time.monotonic() - self._written_at >= _WRITE_EVERY_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what was reported last; raises as `report` does."""
        if self._latest is None:
            return
        progress = self._latest
        self._written_at = at = time.monotonic()
        said = self._meter.measure(progress, at)
        is_news = at - self._told_at >= _EVENT_EVERY_SECONDS
        with self._room.db.begin() as connection:
            job = store.note_progress(
                connection, self._job.id, progress, said if is_news else None, self._room.clock()
            )
        self._latest = None
        if is_news:
            self._told_at = at
        self._is_to_rest = job is not None and job.wanted is Wanted.PAUSE
        self._obey(job, within_step=True)

    def is_to_rest(self) -> bool:
        return self._is_to_rest

    def _tried(self, name: str, work: Callable[[StepContext], Json]) -> Json:
        attempt = 1
        while True:
            try:
                return work(self)
            except Exception as error:
                wait = retry.wait_seconds(error, attempt)
                if wait is None:
                    raise StepFailed(error) from error
                log.warning(
                    "job.step_tried",
                    job_id=self._job.id,
                    step=name,
                    attempt=attempt,
                    wait_seconds=wait,
                    exc_info=None if isinstance(error, MusterError) else error,
                )
                self._rest(wait)
                attempt += 1

    def _rest(self, seconds: float) -> None:
        """Wait before the next try, but not for someone who wants the job to stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._halt.wait(min(left, LOOK_EVERY_SECONDS)):
                raise Parked(JobState.QUEUED)
            try:
                job = _found(self._room, self._job.id)
            except MusterError:
                continue  # the outage we are waiting for
            try:
                self._obey(job, within_step=False)
            except JobCancelled as cancelled:
                raise StepFailed(cancelled) from None

    def _obey(self, job: Job | None, *, within_step: bool) -> None:
        """Stop if that is what is wanted, or if this job is no longer ours to run."""
        if job is None or job.state is not JobState.RUNNING:
            raise LostJob(self._job.id)
        if job.wanted is Wanted.CANCEL:
            raise JobCancelled("This was cancelled on request.")
        if job.wanted is Wanted.PAUSE and not within_step:
            raise Parked(JobState.PAUSED)
        if self._halt.is_due(within_step=within_step):
            raise Parked(JobState.QUEUED)


def _found(room: JobsRoom, job_id: str) -> Job | None:
    with room.db.read() as connection:
        return store.find(connection, job_id)
