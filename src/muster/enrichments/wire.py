"""The public JSON names of enrichment (API.md, section 6; docs/api/enrichments.md). Nothing else spells them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.enrichments.failures import failure_words
from muster.enrichments.model import Run, RunStatus, StepCounts
from muster.enrichments.provider import Provider
from muster.enrichments.read import RunPage
from muster.enrichments.store import ListedRun
from muster.enrichments.wire_providers import money
from muster.jobs.model import Job, JobState

Titles = Mapping[str, Provider]


class StepCountsJson(TypedDict):
    rows: int
    inputs: int
    done: int
    done_rows: int
    asked: int
    cached: int
    found: int
    empty: int
    skipped: int
    failed: int
    left: int
    cost: float


class RunStepJson(TypedDict):
    step: int
    provider: str
    title: str
    connection: str | None
    inputs: dict[str, str]
    outputs: dict[str, str]
    settings: dict[str, Any]
    counts: StepCountsJson


class RunTargetJson(TypedDict):
    column: str
    policy: Literal["fill_empty", "overwrite"]
    min_confidence: float
    accept: dict[str, Any] | None
    is_new: bool
    already: int | None
    filled: int | None


class FailureJson(TypedDict):
    step: int
    provider: str
    code: str
    message: str
    inputs: int
    rows: int
    row_ids: list[int]


class RunProgressJson(TypedDict):
    state: str
    phase: str
    done: int
    total: int | None
    unit: str
    rows_per_second: float | None
    seconds_left: float | None


class RunJson(TypedDict):
    run_id: str
    upload_id: str
    upload_name: str
    name: str
    status: Literal["queued", "running", "paused", "done", "stopped", "failed", "cancelled", "undone"]
    parent_id: str | None
    reason_code: str | None
    reason: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    table_version: int
    new_version: int | None
    change_id: int | None
    budget: float | None
    cost: float
    rows: int | None
    filter: dict[str, Any] | None
    progress: RunProgressJson | None
    providers: list[RunStepJson]
    targets: list[RunTargetJson]
    failures: list[FailureJson]
    actions: list[Literal["pause", "resume", "cancel", "retry-failed", "undo"]]


class RunAnswerJson(TypedDict):
    status: Literal["success"]
    run: RunJson


class RunsJson(TypedDict):
    status: Literal["success"]
    runs: list[RunJson]
    next_cursor: str | None
    total: int


class CacheJson(TypedDict):
    status: Literal["success"]
    answers: int
    by_provider: dict[str, int]


class CacheErasedJson(TypedDict):
    status: Literal["success"]
    erased: int


def run_answer(listed: ListedRun, job: Job | None, titles: Titles) -> bytes:
    return msgspec.json.encode({"status": "success", "run": run_json(listed, job, titles)})


def runs_json(page: RunPage, titles: Titles) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "runs": [run_json(listed, page.jobs.get(listed.run.id), titles) for listed in page.runs],
            "next_cursor": None if page.next is None else page.next.encode(),
            "total": page.total,
        }
    )


def run_json(listed: ListedRun, job: Job | None, titles: Titles) -> dict[str, Any]:
    """A run; a provider whose package is gone is called by its id."""
    run = listed.run
    status = run.status
    if job is not None and job.state is JobState.PAUSED and not status.is_over:
        status = RunStatus.PAUSED
    steps = _padded(run)
    return {
        "run_id": run.id,
        "upload_id": run.upload_id,
        "upload_name": listed.upload_name,
        "name": run.name,
        "status": status.value,
        "parent_id": run.parent_id,
        "reason_code": run.reason_code,
        "reason": run.reason,
        "created_at": rfc3339(run.created_at),
        "started_at": None if run.started_at is None else rfc3339(run.started_at),
        "finished_at": None if run.finished_at is None else rfc3339(run.finished_at),
        "table_version": run.table_version,
        "new_version": run.new_version,
        "change_id": run.change_id,
        "budget": None if run.budget_micros is None else money(run.budget_micros),
        "cost": money(run.cost_micros),
        "rows": run.counts.rows,
        "filter": run.plan.filter,
        "progress": None if status.is_over or job is None else _progress_json(run, job),
        "providers": [
            {
                "step": at,
                "provider": step.provider,
                "title": _title(titles, step.provider),
                "connection": step.connection,
                "inputs": step.inputs,
                "outputs": step.outputs,
                "settings": step.settings,
                "counts": _counts_json(steps[at]),
            }
            for at, step in enumerate(run.plan.steps)
        ],
        "targets": _targets_json(run),
        "failures": [
            {
                "step": at,
                "provider": run.plan.steps[at].provider,
                "code": code,
                "message": failure_words(code),
                "inputs": failure.inputs,
                "rows": failure.rows,
                "row_ids": failure.row_ids,
            }
            for at, counts in enumerate(steps)
            for code, failure in sorted(counts.failures.items())
        ],
        "actions": _actions(run, status, steps),
    }


def _padded(run: Run) -> list[StepCounts]:
    """Counts of every step; nothing for those that have not begun."""
    counts = list(run.counts.steps)
    return counts + [StepCounts()] * (len(run.plan.steps) - len(counts))


def _counts_json(counts: StepCounts) -> Mapping[str, Any]:
    names = StepCountsJson.__annotations__.keys() - {"cost"}
    return {**{name: getattr(counts, name) for name in sorted(names)}, "cost": money(counts.cost_micros)}


def _targets_json(run: Run) -> list[dict[str, Any]]:
    found = []
    for at, target in enumerate(run.plan.targets):
        counts = run.counts.targets[at] if at < len(run.counts.targets) else None
        found.append(
            {
                "column": target.column,
                "policy": target.policy.value,
                "min_confidence": target.min_confidence,
                "accept": target.accept,
                "is_new": target.is_new,
                "already": None if counts is None else counts.already,
                "filled": None if counts is None else counts.filled,
            }
        )
    return found


def _progress_json(run: Run, job: Job) -> dict[str, Any]:
    """How far it is; rates are taken over the whole run, so that asking twice without news answers the same."""
    progress = job.progress
    seconds = 0.0 if job.started_at is None else (job.updated_at - job.started_at).total_seconds()
    done_rows = sum(step.done_rows for step in run.counts.steps)
    rate = done_rows / seconds if job.state is JobState.RUNNING and seconds > 0 and done_rows else None
    left = None if progress.total is None else max(progress.total - progress.done, 0)
    return {
        "state": job.state.value,
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "rows_per_second": None if rate is None else round(rate, 1),
        "seconds_left": None if rate is None or left is None else round(left / rate, 1),
    }


def _actions(run: Run, status: RunStatus, steps: Sequence[StepCounts]) -> list[str]:
    if status is RunStatus.PAUSED:
        return ["resume", "cancel"]
    if not status.is_over:
        return ["pause", "cancel"]
    actions = []
    if status in {RunStatus.DONE, RunStatus.STOPPED}:
        if any(counts.failed or counts.left for counts in steps):
            actions.append("retry-failed")
        if run.change_id is not None:
            actions.append("undo")
    return actions


def cache_json(by_provider: Mapping[str, int]) -> bytes:
    return msgspec.json.encode(
        {"status": "success", "answers": sum(by_provider.values()), "by_provider": by_provider}
    )


def erased_json(erased: int) -> bytes:
    return msgspec.json.encode({"status": "success", "erased": erased})


def _title(titles: Titles, provider_id: str) -> str:
    found = titles.get(provider_id)
    return provider_id if found is None else found.manifest.title
