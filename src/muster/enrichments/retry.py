"""Ask again about what failed: a new run of the same plan, over those rows alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from muster.accounts.model import Principal
from muster.enrichments.failed_rows import failed_rows
from muster.enrichments.model import FailedOf
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.start import Also, enqueued
from muster.enrichments.store import ListedRun, RunStore
from muster.errors import Conflict
from muster.tables.window import newest_layout

_AGAIN: Final = " (again)"


def retry_failed(
    room: EnrichmentsRoom,
    principal: Principal,
    run_id: str,
    *,
    codes: Sequence[str] | None,
    step: int | None,
    budget_micros: int | None,
    also: Also = lambda _connection, _run: None,
) -> ListedRun:
    """Start a run over the rows that failed, or were left for want of budget; what is known costs nothing.

    codes, step: only what failed for these reasons, in this step. budget_micros: None: what the first run had.
    Raises NotFound, Forbidden, Conflict: `run_not_over`, `nothing_to_retry`, `table_not_ready`.
    """
    with room.db.read() as connection:
        run = RunStore(connection, principal.user_id).get(run_id).run
    if not run.status.is_over:
        raise Conflict("This run is still at work. Wait for it, or cancel it.", code="run_not_over")
    shape = newest_layout(room.reading, principal, run.upload_id)
    again = FailedOf(run_id, None if codes is None else tuple(codes), step)
    if not len(failed_rows(room.reading, shape.manifest, again)):
        raise Conflict(
            "No row of this run failed like that, or the table no longer holds what the run added.",
            code="nothing_to_retry",
        )
    targets = tuple(replace(target, is_new=target.column not in shape.columns) for target in run.plan.targets)
    plan = replace(run.plan, targets=targets, filter=None, again=again)
    budget = run.budget_micros if budget_micros is None else budget_micros
    name = f"{run.name.removesuffix(_AGAIN)[:180]}{_AGAIN}"
    return enqueued(room, principal, plan, shape, name, budget, parent_id=run_id, also=also)
