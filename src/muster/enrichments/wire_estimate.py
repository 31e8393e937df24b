"""The public JSON names of an estimate (docs/api/enrichments.md)."""

from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.enrichments.estimate import Estimate
from muster.enrichments.model import StepCounts
from muster.enrichments.wire_providers import money


class SampledJson(TypedDict):
    asked: int
    found: int
    empty: int
    skipped: int
    failed: int
    left: int


class CostJson(TypedDict):
    likely: float | None
    most: float | None


class StepEstimateJson(TypedDict):
    step: int
    provider: str
    title: str
    connection: str | None
    inputs: dict[str, str]
    outputs: dict[str, str]
    rows_with_inputs: int | None
    rows: int | None
    rows_likely: int | None
    inputs_distinct: int | None
    cached: int
    to_ask: int | None
    price: float
    price_per: Literal["asked", "found"]
    sample: SampledJson | None
    cost: CostJson


class TargetEstimateJson(TypedDict):
    column: str
    policy: Literal["fill_empty", "overwrite"]
    is_new: bool
    already: int
    missing: int
    expected: int | None


class SampleRowJson(TypedDict):
    _row_id: int
    values: dict[str, str]
    providers: dict[str, str]


class EstimateJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    version: int
    rows: int
    rows_matching: int
    targets: list[TargetEstimateJson]
    providers: list[StepEstimateJson]
    cost: CostJson
    budget: float | None
    within_budget: bool | None
    sample: list[SampleRowJson]


def estimate_json(found: Estimate) -> bytes:
    """The answer to a question, or to a dry run."""
    ready = found.ready
    plan, budget = ready.plan, ready.wanted.budget_micros
    most = found.cost_most
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": ready.shape.manifest.table_id,
            "version": ready.shape.manifest.version,
            "rows": found.rows,
            "rows_matching": found.rows_matching,
            "targets": [
                {
                    "column": target.column,
                    "policy": target.policy.value,
                    "is_new": target.is_new,
                    "already": estimated.already,
                    "missing": estimated.missing,
                    "expected": estimated.expected,
                }
                for target, estimated in zip(plan.targets, found.targets, strict=True)
            ],
            "providers": [_step_json(found, at) for at in range(len(plan.steps))],
            "cost": {"likely": _amount(found.cost_likely), "most": _amount(most)},
            "budget": _amount(budget),
            "within_budget": None if most is None else most <= (budget or 0),
            "sample": [
                {
                    "_row_id": row.row_id,
                    "values": {plan.targets[at].column: value for at, value in row.values.items()},
                    "providers": {
                        plan.targets[at].column: plan.steps[step].provider for at, step in row.steps.items()
                    },
                }
                for row in found.sample
            ],
        }
    )


def _step_json(found: Estimate, at: int) -> dict[str, Any]:
    step, opened, estimated = found.ready.plan.steps[at], found.ready.steps[at], found.steps[at]
    inputs = estimated.inputs
    return {
        "step": at,
        "provider": step.provider,
        "title": opened.provider.manifest.title,
        "connection": step.connection,
        "inputs": step.inputs,
        "outputs": step.outputs,
        "rows_with_inputs": estimated.rows_with_inputs,
        "rows": estimated.rows,
        "rows_likely": estimated.rows_likely,
        "inputs_distinct": inputs,
        "cached": estimated.cached,
        "to_ask": None if inputs is None else inputs - estimated.cached,
        "price": money(opened.terms.price_micros),
        "price_per": opened.terms.price_per,
        "sample": None if estimated.sample is None else _sampled(estimated.sample),
        "cost": {"likely": _amount(estimated.cost_likely), "most": _amount(estimated.cost_most)},
    }


def _sampled(counts: StepCounts) -> dict[str, int]:
    return {
        "asked": counts.done - counts.left,
        "found": counts.found,
        "empty": counts.empty,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "left": counts.left,
    }


def _amount(micros: int | None) -> float | None:
    return None if micros is None else money(micros)
