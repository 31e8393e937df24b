"""Start a run: plan it, keep it, and queue its job, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.enrichments.choose import open_steps
from muster.enrichments.model import Plan, Run, RunCounts, RunStatus
from muster.enrichments.plan import OpenStep, Sample, WantedStep, WantedTarget, make_plan
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.store import ListedRun, RunStore
from muster.errors import InputError, Issue
from muster.ids import new_enrichment_id
from muster.jobs.enqueue import enqueue
from muster.predicates.check import check
from muster.predicates.model import Predicate, to_json
from muster.tables.ids import Question
from muster.tables.layout import Layout
from muster.tables.window import WindowWish, newest_layout, window

KIND: Final = "enrich_table"
"""Kind of the job that carries a run out; its subject is the run."""
_SAMPLE_ROWS: Final = 100

Also = Callable[[Connection, ListedRun], None]


@dataclass(frozen=True, slots=True)
class WantedRun:
    """What was asked for, before the table was looked at."""

    upload_id: str
    steps: Sequence[WantedStep]
    targets: Sequence[WantedTarget] = ()
    filter: Predicate | None = None
    budget_micros: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan over the newest version of a table, with its providers ready to be asked."""

    plan: Plan
    shape: Layout
    steps: Sequence[OpenStep]
    wanted: WantedRun = field(repr=False)


def planned(room: EnrichmentsRoom, principal: Principal, wanted: WantedRun) -> Planned:
    """Raises NotFound, Forbidden, Conflict (`table_not_ready`), InputError: `plan_invalid`, `filter_invalid`,
    `provider_unknown`, `settings_invalid` and what connections raise."""
    shape = newest_layout(room.reading, principal, wanted.upload_id)
    if wanted.filter is not None:
        check(wanted.filter, shape.columns, pointer="/filter")
    with room.db.read() as connection:
        steps = open_steps(room, connection, principal.user_id, wanted.steps)
    names = [column.name for column in shape.manifest.columns]
    filter_json = None if wanted.filter is None else to_json(wanted.filter)
    plan = make_plan(steps, wanted.targets, filter_json, names, _sample(room, shape))
    return Planned(plan, shape, steps, wanted)


def start(
    room: EnrichmentsRoom,
    principal: Principal,
    wanted: WantedRun,
    also: Also = lambda _connection, _run: None,
) -> ListedRun:
    """Keep the run and queue its job. also: done in the same transaction.

    Raises what `planned` raises, InputError (`budget_missing`) when something has a price and there is no budget.
    """
    ready = planned(room, principal, wanted)
    if wanted.budget_micros is None and any(not step.terms.is_free for step in ready.steps):
        message = "A provider of this run has a price. Say the most the run may cost as `budget`."
        issue = Issue(None, "budget", "/budget", "budget_missing", message)
        raise InputError(message, code="budget_missing", issues=[issue])
    name = wanted.name or _name(ready.steps)
    return enqueued(room, principal, ready.plan, ready.shape, name, wanted.budget_micros, also=also)


def enqueued(
    room: EnrichmentsRoom,
    principal: Principal,
    plan: Plan,
    shape: Layout,
    name: str,
    budget_micros: int | None,
    *,
    parent_id: str | None = None,
    also: Also = lambda _connection, _run: None,
) -> ListedRun:
    """A run of this plan over this version of a table, and its job. Raises NotFound when the upload is gone."""
    now = room.clock()
    run_id, upload_id = new_enrichment_id(), shape.manifest.table_id
    payload: Mapping[str, Any] = {
        "upload_id": upload_id,
        "steps": len(plan.steps),
        "targets": len(plan.targets),
    }
    with room.db.begin() as connection:
        newest_name = RunStore(connection, principal.user_id).upload_name(upload_id)
        job_id = enqueue(connection, KIND, principal.user_id, run_id, dict(payload), now, unit="rows")
        run = Run(
            id=run_id,
            user_id=principal.user_id,
            upload_id=upload_id,
            name=name,
            status=RunStatus.QUEUED,
            job_id=job_id,
            plan=plan,
            counts=RunCounts(),
            budget_micros=budget_micros,
            cost_micros=0,
            table_version=shape.manifest.version,
            created_at=now,
            updated_at=now,
            parent_id=parent_id,
        )
        RunStore(connection, principal.user_id).add(run)
        details = {"run": run_id, "providers": ", ".join(step.provider for step in plan.steps)[:500]}
        audit.record(connection, principal, "enrichment.started", upload_id, details, now)
        listed = ListedRun(run, newest_name)
        also(connection, listed)
    return listed


def _name(steps: Sequence[OpenStep]) -> str:
    titles = list(dict.fromkeys(step.provider.manifest.title for step in steps))
    return ", ".join(titles)[:200]


def _sample(room: EnrichmentsRoom, shape: Layout) -> Sample:
    """The first rows of the table, to see by their values what columns hold."""
    found = window(room.reading, shape, WindowWish(Question(), limit=_limit(shape)))
    return [
        [None if value is None else str(value) for value in row]
        for row in zip(*found.page.values, strict=True)
    ]


def _limit(shape: Layout) -> int:
    """Fewer rows of very wide tables."""
    return max(1, min(_SAMPLE_ROWS, 100_000 // max(1, len(shape.columns))))
