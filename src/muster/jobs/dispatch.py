"""Which queued jobs run next, and handing them to the engine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from muster.jobs import retry, store
from muster.jobs.engine import Engine, Standing
from muster.jobs.model import JobState
from muster.jobs.room import JobsRoom
from muster.jobs.run import Runner

log = structlog.get_logger("muster.jobs")

_CANCELLED = retry.Ending(JobState.CANCELLED, "job_cancelled", "This was cancelled on request.")


@dataclass(frozen=True, slots=True)
class Share:
    """How much may run. slots: free places in this worker; per_user: jobs of one user, in all workers."""

    slots: int
    per_user: int


def choose(queued: Iterable[store.Waiting], running: Mapping[str, int], share: Share) -> list[str]:
    """The jobs to start now, in order: of the user with the fewest running jobs first, the oldest first.

    running: jobs of each user that run now, in all workers. Each choice counts as running for the next, so
    one user's thousand jobs never keep another's single one waiting. Pure.
    """
    counts = dict(running)
    left = sorted(queued, key=lambda job: (job.created_at, job.id))
    chosen: list[str] = []
    while len(chosen) < share.slots:
        allowed = [job for job in left if counts.get(job.user_id, 0) < share.per_user]
        if not allowed:
            break
        job = min(allowed, key=lambda job: counts.get(job.user_id, 0))  # the first of equals is the oldest
        left.remove(job)
        counts[job.user_id] = counts.get(job.user_id, 0) + 1
        chosen.append(job.id)
    return chosen


class Dispatcher:
    """Hands queued jobs to the engine; `poll` it."""

    def __init__(
        self, room: JobsRoom, engine: Engine, runner: Runner, *, concurrency: int, per_user: int
    ) -> None:
        self._room = room
        self._engine = engine
        self._runner = runner
        self._concurrency = concurrency
        self._per_user = per_user

    def poll(self) -> int:
        """End what waits and is to be cancelled, start what may run; returns how many jobs were started.

        Reads only while there is nothing to do. Raises what the database raises.
        """
        share = Share(max(self._concurrency - self._runner.load(), 0), self._per_user)
        with self._room.db.read() as connection:
            if not store.is_anything_waiting(connection):
                return 0
            unwanted = store.to_cancel(connection)
            queued = store.waiting(connection, self._per_user) if share.slots else []
            running = store.running_by_user(connection) if queued else {}
        for job_id in unwanted:
            self._runner.end(job_id, _CANCELLED)
        chosen = choose(queued, running, share)
        return sum(self._hand_over(job_id) for job_id in chosen)

    def _hand_over(self, job_id: str) -> bool:
        with self._room.db.begin() as connection:
            job = store.claim(connection, job_id, self._room.clock())
        if job is None:
            return False  # another worker was faster
        # A crash from here on leaves a running job that no engine knows; upkeep.py puts it back.
        self._runner.expect(job_id)
        if job.dispatched == 1:
            self._engine.start(job_id)
            return True
        standing, _ = self._engine.standing(job_id)
        if standing is Standing.UNKNOWN:
            self._engine.start(job_id)
        else:
            self._engine.resume(job_id)
        return True
