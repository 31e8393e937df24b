"""Look at runs: one, a page of them, what happened to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.store import ListedRun, RunFilter, RunStore
from muster.errors import NotFound
from muster.jobs.model import Job, JobEvent
from muster.jobs.read import events_after, get_job

_EVENTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, newest first. next: where the next page begins, None at the end; total: of all pages."""

    runs: Sequence[ListedRun]
    jobs: dict[str, Job]
    next: Cursor | None
    total: int


def get_run(room: EnrichmentsRoom, principal: Principal, run_id: str) -> tuple[ListedRun, Job | None]:
    """A run and its job, None once that is forgotten. Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        found = RunStore(connection, principal.user_id).get(run_id)
        try:
            return found, get_job(connection, principal.user_id, found.run.job_id)
        except NotFound:
            return found, None


def list_runs(
    room: EnrichmentsRoom, principal: Principal, wanted: RunFilter, limit: int, after: Cursor | None
) -> RunPage:
    """One page of the user's runs."""
    with room.db.read() as connection:
        store = RunStore(connection, principal.user_id)
        found = store.list(wanted, limit + 1, after)
        total = store.count(wanted)
        jobs = {}
        for listed in found[:limit]:
            if not listed.run.status.is_over:
                jobs[listed.run.id] = get_job(connection, principal.user_id, listed.run.job_id)
    page = found[:limit]
    last = Cursor(page[-1].run.created_at, page[-1].run.id) if len(found) > limit else None
    return RunPage(page, jobs, last, total)


def missed(room: EnrichmentsRoom, principal: Principal, run_id: str, number: int) -> Sequence[JobEvent]:
    """What happened to a run after event `number`, oldest first, some at a time."""
    with room.db.read() as connection:
        return events_after(connection, principal.user_id, run_id, number, _EVENTS_AT_ONCE)


def is_at_rest(room: EnrichmentsRoom, principal: Principal, run_id: str) -> bool:
    """Whether nothing more will happen to the run; also when it is gone with its upload."""
    with room.db.read() as connection:
        try:
            return RunStore(connection, principal.user_id).get(run_id).run.status.is_over
        except NotFound:
            return True
