"""What a run of enrichment is: its plan, its counts, its life; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from muster.ids import UserId

MAX_STEPS: Final = 20
MAX_TARGETS: Final = 100
MICROS: Final = 1_000_000
LEFT: Final = "budget_reached"
"""Why an input was not asked about: the budget allowed no more calls."""


class Policy(StrEnum):
    """What is asked about, and what happens to a value that is there."""

    FILL_EMPTY = "fill_empty"  # only rows where the column is empty
    OVERWRITE = "overwrite"  # every row; a found value replaces the one there


class RunStatus(StrEnum):
    """Where a run is in its life. PAUSED and UNDONE are seen from its job and from the log of the table."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"  # the budget was reached; what was found is in the table
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"

    @property
    def is_over(self) -> bool:
        return self not in {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED}


@dataclass(frozen=True, slots=True)
class Step:
    """One provider of a plan. inputs: column of the table by input; outputs: column it goes to by output.

    settings: without secrets; with a connection they lie there instead, and this is empty.
    """

    provider: str
    version: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A column that is filled. accept: a test of rules as JSON that values must pass, None: any value will do."""

    column: str
    policy: Policy = Policy.FILL_EMPTY
    min_confidence: float = 0.0
    accept: Mapping[str, Any] | None = None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class FailedOf:
    """The rows that failed in an earlier run. codes, step: only for these reasons, in this step; None: any."""

    run_id: str
    codes: tuple[str, ...] | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked, in which order, for which columns.

    filter: a filter tree as JSON; None: every row. again: only rows that failed before; the filter is then spent.
    """

    steps: tuple[Step, ...]
    targets: tuple[Target, ...]
    filter: Mapping[str, Any] | None = None
    again: FailedOf | None = None

    def feeding(self, column: str) -> tuple[tuple[int, str], ...]:
        """The steps that fill a column, in order, each with the output that goes there."""
        return tuple(
            (at, output)
            for at, step in enumerate(self.steps)
            for output, target in step.outputs.items()
            if target == column
        )

    def targets_of(self, step: int) -> tuple[tuple[int, str], ...]:
        """The targets a step fills (their places in the plan), each with the output that goes there."""
        places = {target.column: at for at, target in enumerate(self.targets)}
        return tuple((places[column], output) for output, column in self.steps[step].outputs.items())


@dataclass(frozen=True, slots=True)
class Failure:
    """Inputs of one step that failed for one reason. row_ids: some of the rows concerned."""

    inputs: int = 0
    rows: int = 0
    row_ids: tuple[int, ...] = ()

    def plus(self, other: "Failure") -> "Failure":
        return Failure(
            self.inputs + other.inputs, self.rows + other.rows, (*self.row_ids, *other.row_ids)[:MAX_EXAMPLES]
        )


MAX_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class StepCounts:
    """How far a step is. rows: that need it; inputs: different ones among them; done: inputs dealt with.

    done = asked + cached + left, or found + empty + skipped + failed + left. done_rows: rows of those inputs.
    """

    rows: int = 0
    inputs: int = 0
    done: int = 0
    done_rows: int = 0
    asked: int = 0
    cached: int = 0
    found: int = 0
    empty: int = 0
    skipped: int = 0
    failed: int = 0
    left: int = 0
    cost_micros: int = 0
    failures: Mapping[str, Failure] = field(default_factory=dict)

    def plus(self, other: "StepCounts") -> "StepCounts":
        """With what another portion of the same step did; rows and inputs are known from the start."""
        names = (
            "done",
            "done_rows",
            "asked",
            "cached",
            "found",
            "empty",
            "skipped",
            "failed",
            "left",
            "cost_micros",
        )
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        failures = dict(self.failures)
        for code, failure in other.failures.items():
            failures[code] = failures.get(code, Failure()).plus(failure)
        return replace(self, **sums, failures=failures)


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """already: rows that had a value when the run began; filled: rows the run gave one; None: not known yet."""

    already: int | None = None
    filled: int | None = None


@dataclass(frozen=True, slots=True)
class RunCounts:
    """rows: of the table that the filter lets through; None: not known yet."""

    rows: int | None = None
    steps: tuple[StepCounts, ...] = ()
    targets: tuple[TargetCounts, ...] = ()

    @property
    def cost_micros(self) -> int:
        return sum(step.cost_micros for step in self.steps)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored. table_version: of the table it reads; new_version, change_id: what it made of it."""

    id: str
    user_id: UserId
    upload_id: str
    name: str
    status: RunStatus
    job_id: str
    plan: Plan
    counts: RunCounts
    budget_micros: int | None
    cost_micros: int
    table_version: int
    created_at: datetime
    updated_at: datetime
    parent_id: str | None = None
    new_version: int | None = None
    change_id: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
