"""Cancel, pause and go on with a run."""

from collections.abc import Callable
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.store import ListedRun, RunStore
from muster.errors import Conflict
from muster.ids import UserId
from muster.jobs import control
from muster.jobs.model import Job

_Ask = Callable[[Connection, UserId, str, datetime], Job]


def cancel(room: EnrichmentsRoom, principal: Principal, run_id: str) -> tuple[ListedRun, Job]:
    """End a run without its columns, within two seconds; what was answered stays in the cache.

    Raises NotFound, Forbidden, Conflict (`run_over`).
    """
    return _ask(room, principal, run_id, control.cancel, "enrichment.cancelled")


def pause(room: EnrichmentsRoom, principal: Principal, run_id: str) -> tuple[ListedRun, Job]:
    """Let a run rest after what it is asking at the moment. Raises as `cancel`."""
    return _ask(room, principal, run_id, control.pause, "enrichment.paused")


def resume(room: EnrichmentsRoom, principal: Principal, run_id: str) -> tuple[ListedRun, Job]:
    """Let a paused run go on. Raises as `cancel`."""
    return _ask(room, principal, run_id, control.resume, "enrichment.resumed")


def _ask(
    room: EnrichmentsRoom, principal: Principal, run_id: str, ask: _Ask, action: str
) -> tuple[ListedRun, Job]:
    now = room.clock()
    with room.db.begin() as connection:
        store = RunStore(connection, principal.user_id)
        listed = store.get(run_id)
        if listed.run.status.is_over:
            raise Conflict("This run is over. Start a new one, or retry what failed.", code="run_over")
        job = ask(connection, principal.user_id, listed.run.job_id, now)
        audit.record(connection, principal, action, listed.run.upload_id, {"run": run_id}, now)
        return store.get(run_id), job
