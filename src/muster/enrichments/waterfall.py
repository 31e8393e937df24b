"""The waterfall in plain Python, for a few rows: the sample of an estimate, and the measure of `waves.py`; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from muster.enrichments.forms import formed
from muster.enrichments.model import Plan, Policy
from muster.enrichments.provider import Form, Terms

Inputs = tuple[str | None, ...]
Values = Mapping[int, str]
"""What an answer gives each target, by its place in the plan; only acceptable values."""


@dataclass(slots=True)
class RowState:
    """A row on its way. values: of the table, by column. given: by target, what it got and from which step."""

    row_id: int
    values: Mapping[str, str | None]
    given: dict[int, tuple[str, int]] = field(default_factory=dict)
    reached: list[int] = field(default_factory=list)


def pour(
    plan: Plan,
    terms: Sequence[Terms],
    rows: Sequence[RowState],
    ask: Callable[[int, Sequence[Inputs]], Mapping[Inputs, Values]],
) -> None:
    """Work the steps off, one after the other, over these rows.

    ask: the answers of a step to different inputs, in order of the rows that have them first. Rows note which
    steps were asked about them (`reached`) and what they were given.
    """
    for step in range(len(plan.steps)):
        asking: dict[Inputs, list[RowState]] = {}
        for row in rows:
            inputs = _inputs(plan, terms[step], step, row)
            if inputs is not None and _lacks(plan, step, row):
                row.reached.append(step)
                asking.setdefault(inputs, []).append(row)
        answered = ask(step, list(asking))
        for row in rows:
            inputs = _inputs(plan, terms[step], step, row)
            values = {} if inputs is None else answered.get(inputs, {})
            for at, _ in plan.targets_of(step):
                if at in values and at not in row.given and _is_free(plan, at, row):
                    row.given[at] = (values[at], step)


def _inputs(plan: Plan, terms: Terms, step: int, row: RowState) -> Inputs | None:
    """What the step is asked about this row; None when something it needs is missing."""
    columns = plan.steps[step].inputs
    needs = [need for need in terms.needs if need.name in columns]
    found = tuple(_formed(_value(plan, columns[need.name], row), need.form) for need in needs)
    if terms.needs_one:
        return found if any(value is not None for value in found) else None
    missing = any(need.required and value is None for need, value in zip(needs, found, strict=True))
    return None if missing else found


def _value(plan: Plan, column: str, row: RowState) -> str | None:
    own = row.values.get(column)
    at = next((at for at, target in enumerate(plan.targets) if target.column == column), None)
    if at is None:
        return own
    given = row.given[at][0] if at in row.given else None
    if plan.targets[at].policy is Policy.OVERWRITE:
        return own if given is None else given
    return given if _formed(own, Form.TRIMMED) is None else own


def _lacks(plan: Plan, step: int, row: RowState) -> bool:
    return any(at not in row.given and _is_free(plan, at, row) for at, _ in plan.targets_of(step))


def _is_free(plan: Plan, at: int, row: RowState) -> bool:
    target = plan.targets[at]
    if target.policy is Policy.OVERWRITE or target.is_new:
        return True
    return _formed(row.values.get(target.column), Form.TRIMMED) is None


def _formed(value: str | None, form: Form) -> str | None:
    text: str | None = formed(pa.array([value], pa.large_string()), form)[0].as_py()
    return text
