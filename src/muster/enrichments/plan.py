"""From a wish to a plan: which column feeds which input, where each value goes; pure.

Nothing is guessed silently: the plan says every column, and is shown before anything runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from muster.enrichments.model import MAX_TARGETS, Plan, Policy, Step, Target
from muster.enrichments.provider import Input, Provider, Settings, Terms
from muster.errors import InputError, Issue
from muster.records.headers import guess_columns, normalised

Sample = Sequence[Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class WantedStep:
    """One provider as asked for. inputs, outputs: what was said, None for what is left out; the rest is guessed."""

    provider: str
    connection: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str | None] = field(default_factory=dict)
    outputs: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A wanted step with the provider, its settings and the terms that hold under them."""

    wanted: WantedStep
    provider: Provider
    settings: Settings
    terms: Terms


@dataclass(frozen=True, slots=True)
class WantedTarget:
    """How one column is to be filled."""

    column: str
    policy: Policy = Policy.FILL_EMPTY
    min_confidence: float = 0.0
    accept: Mapping[str, Any] | None = None


def make_plan(
    steps: Sequence[OpenStep],
    targets: Sequence[WantedTarget],
    filter_json: Mapping[str, Any] | None,
    columns: Sequence[str],
    sample: Sample = (),
) -> Plan:
    """The plan over a table with these columns. sample: some of its rows, to guess columns by their values.

    Raises InputError (`plan_invalid`) with an issue for each mistake.
    """
    issues: list[Issue] = []
    meanings = _meanings(columns, sample)
    own = meanings
    known = set(columns)
    planned: list[Step] = []
    for at, opened in enumerate(steps):
        pointer = f"/providers/{at}"
        inputs = _inputs(opened, known, (own, meanings), pointer, issues)
        outputs = _outputs(opened, pointer, issues)
        known.update(outputs.values())  # a later provider may need what an earlier one gives
        meanings = {**{name: name for name in outputs.values()}, **meanings}
        planned.append(
            Step(
                opened.wanted.provider,
                opened.provider.manifest.version,
                inputs,
                outputs,
                {} if opened.wanted.connection else dict(opened.wanted.settings),
                opened.wanted.connection,
            )
        )
    chosen = _targets(planned, targets, set(columns), issues)
    if issues:
        raise InputError(
            "This run cannot be planned; `errors` says what to change.", code="plan_invalid", issues=issues
        )
    return Plan(tuple(planned), chosen, filter_json)


def _meanings(columns: Sequence[str], sample: Sample) -> dict[str, str]:
    """Column by canonical field; a column of that very name comes before one that only looks like it."""
    found = {
        guess.field: guess.column
        for guess in guess_columns(columns, sample)
        if guess.field is not None and guess.confidence >= 0.5
    }
    found.update({normalised(column).replace(" ", "_"): column for column in reversed(columns)})
    return {**found, **{column: column for column in columns}}


def _inputs(
    opened: OpenStep,
    known: set[str],
    meanings: tuple[Mapping[str, str], Mapping[str, str]],
    pointer: str,
    issues: list[Issue],
) -> dict[str, str]:
    """meanings: of the table's own columns, and of those together with what earlier providers give."""
    needs, said = opened.terms.needs, opened.wanted.inputs
    for name in said.keys() - {need.name for need in needs}:
        listed = ", ".join(f"`{need.name}`" for need in needs)
        issues.append(
            _issue(f"{pointer}/inputs/{name}", name, "input_unknown", f"This provider needs {listed}.")
        )
    found: dict[str, str] = {}
    for need in needs:
        if need.name in said:
            column = said[need.name]
            if column in known:
                found[need.name] = column
            elif column is not None:
                message = f"The table has no column `{column}`.{_close(column, known)}"
                issues.append(_issue(f"{pointer}/inputs/{need.name}", need.name, "column_unknown", message))
        else:
            # What a provider can do without is not worth waiting for another one.
            is_needed = need.required and not opened.terms.needs_one
            guess = _guessed(need, meanings[1] if is_needed else meanings[0])
            found.update({} if guess is None else {need.name: guess})
    unknown = {name for name, column in said.items() if column is not None}  # said wrongly, if not found
    missing = [need for need in needs if need.required and need.name not in {*found, *unknown}]
    if opened.terms.needs_one:
        missing = [] if found or unknown else list(needs[:1])
    issues.extend(
        _issue(
            f"{pointer}/inputs/{need.name}",
            need.name,
            "input_missing",
            f"Say which column holds {need.title.lower()}: `inputs.{need.name}`. No column looks like it.",
        )
        for need in missing
    )
    return found


def _guessed(need: Input, meanings: Mapping[str, str]) -> str | None:
    return next((meanings[name] for name in (*need.fields, need.name) if name in meanings), None)


def _outputs(opened: OpenStep, pointer: str, issues: list[Issue]) -> dict[str, str]:
    gives, said = opened.terms.gives, opened.wanted.outputs
    for name in said.keys() - {output.name for output in gives}:
        listed = ", ".join(f"`{output.name}`" for output in gives)
        issues.append(
            _issue(f"{pointer}/outputs/{name}", name, "output_unknown", f"This provider gives {listed}.")
        )
    wanted = {output.name: said.get(output.name, output.column) for output in gives}
    found = {name: column for name, column in wanted.items() if column is not None}
    if not found:
        issues.append(
            _issue(
                f"{pointer}/outputs",
                None,
                "outputs_missing",
                "Every output is left out; nothing is to be asked.",
            )
        )
    taken: dict[str, str] = {}
    for name, column in found.items():
        if column in taken:
            message = f"`{taken[column]}` of the same provider goes to `{column}` already."
            issues.append(_issue(f"{pointer}/outputs/{name}", name, "output_taken", message))
        taken[column] = name
    return found


def _targets(
    steps: Sequence[Step], wanted: Sequence[WantedTarget], columns: set[str], issues: list[Issue]
) -> tuple[Target, ...]:
    named = list(dict.fromkeys(column for step in steps for column in step.outputs.values()))
    said = {target.column: target for target in wanted}
    for at, target in enumerate(wanted):
        if target.column not in named:
            message = f"No provider fills `{target.column}`.{_close(target.column, named)}"
            issues.append(_issue(f"/targets/{at}/column", target.column, "target_unknown", message))
    if len(named) > MAX_TARGETS:
        issues.append(
            _issue("/providers", None, "targets_too_many", f"A run fills at most {MAX_TARGETS} columns.")
        )
    chosen = []
    for column in named:
        how = said.get(column, WantedTarget(column))
        chosen.append(
            Target(column, how.policy, how.min_confidence, how.accept, is_new=column not in columns)
        )
    return tuple(chosen)


def _close(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), 1)
    return f" Do you mean `{found[0]}`?" if found else ""


def _issue(pointer: str, field_name: str | None, code: str, message: str) -> Issue:
    return Issue(None, field_name, pointer, code, message)
