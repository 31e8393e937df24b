"""What is told about enrichment; frozen values, their members named as on the wire. Amounts are in the currency of your prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_AT_WORK = frozenset({"queued", "running", "paused"})


@dataclass(frozen=True, slots=True)
class ProviderInput:
    """One thing a provider needs. fields: columns it is usually found in; form: exact, trimmed or folded."""

    name: str
    title: str
    description: str
    fields: tuple[str, ...] = ()
    form: str = "trimmed"
    required: bool = True


@dataclass(frozen=True, slots=True)
class ProviderOutput:
    """One thing a provider gives. column: the one it fills unless told otherwise; kind: text, boolean or number."""

    name: str
    title: str
    description: str
    column: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class CachedDays:
    """How long answers are kept: those that found something, and that there is nothing."""

    found: float
    empty: float


@dataclass(frozen=True, slots=True)
class CallRate:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTerms:
    """What somebody who is asked needs, gives and costs. needs_one: one of the inputs is enough.

    price: for each input that is `asked` about, or that something is `found` for. cached_days: None: not kept.
    """

    needs: tuple[ProviderInput, ...]
    needs_one: bool = False
    gives: tuple[ProviderOutput, ...]
    price: float
    price_per: str
    cached_days: CachedDays | None = None
    rate: CallRate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider(ProviderTerms):
    """Somebody who can be asked. settings: a JSON Schema; batch_rows: inputs it is handed at once, at most.

    network: whether it asks others. connection: its settings are kept under a name, and runs name that.
    """

    id: str
    version: str
    title: str
    description: str
    network: bool
    connection: bool
    batch_rows: int
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConnection(ProviderTerms):
    """Settings of a provider, kept under a name. settings: secrets among them read as None.

    usable: False where its provider is not installed, takes other settings now, or its secrets cannot be read.
    """

    id: str
    provider: str
    name: str
    settings: Mapping[str, Any]
    usable: bool = True
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TriedConnection:
    """What one call came to. outcome: found, empty, skipped or failed; reason: a code, for those without values."""

    outcome: str
    reason: str | None
    values: Mapping[str, str | None]
    confidence: float | None
    cost: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What something may cost; None where there is nothing to tell from."""

    likely: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class SampleCounts:
    """What came of asking about a sample. left: not asked, for their price."""

    asked: int
    found: int
    empty: int
    skipped: int
    failed: int
    left: int = 0


@dataclass(frozen=True, slots=True)
class EstimatedStep:
    """One provider of an estimate. rows: that could be asked about; rows_likely: that those before leave to it.

    inputs_distinct: different ones among them, the questions; to_ask: those the cache does not know. None where
    the input comes from an earlier provider of the same run. sample: None when it was not asked.
    """

    step: int
    provider: str
    title: str
    connection: str | None
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    rows_with_inputs: int | None
    rows: int | None
    rows_likely: int | None
    inputs_distinct: int | None
    cached: int
    to_ask: int | None
    price: float
    price_per: str
    sample: SampleCounts | None
    cost: Cost


@dataclass(frozen=True, slots=True)
class EstimatedTarget:
    """One column. already, missing: rows with and without a value; expected: rows that will likely get one."""

    column: str
    policy: str
    is_new: bool
    already: int
    missing: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class EstimatedRow:
    """A row of the sample: what it would get, and from which provider, by column."""

    row_id: int
    values: Mapping[str, str]
    providers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EnrichmentEstimate:
    """What a run would do and cost. rows_matching: rows the filter finds, of `rows` in all."""

    upload_id: str
    version: int
    rows: int
    rows_matching: int
    targets: tuple[EstimatedTarget, ...]
    providers: tuple[EstimatedStep, ...]
    cost: Cost
    budget: float | None
    within_budget: bool | None
    sample: tuple[EstimatedRow, ...]


@dataclass(frozen=True, slots=True)
class EnrichmentCounts:
    """How far one provider is. rows: that need it; inputs: different ones among them, of which `done` are dealt with.

    done = asked + cached + left = found + empty + skipped + failed + left. left: not asked, for the budget.
    """

    rows: int = 0
    inputs: int = 0
    done: int = 0
    asked: int = 0
    cached: int = 0
    found: int = 0
    empty: int = 0
    skipped: int = 0
    failed: int = 0
    left: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class EnrichmentStep:
    """One provider of a run. inputs: the column by input; outputs: the column by output."""

    step: int
    provider: str
    title: str
    connection: str | None
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    settings: Mapping[str, Any]
    counts: EnrichmentCounts


@dataclass(frozen=True, slots=True)
class EnrichmentTarget:
    """A column a run fills. already: rows that had a value; filled: rows that got one; None: not known yet."""

    column: str
    policy: str
    min_confidence: float
    accept: Mapping[str, Any] | None
    is_new: bool
    already: int | None
    filled: int | None


@dataclass(frozen=True, slots=True)
class EnrichmentFailure:
    """Why inputs of one step failed or were left, and how many; row_ids: some of the rows concerned."""

    step: int
    provider: str
    code: str
    message: str
    inputs: int
    rows: int
    row_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrichmentProgress:
    """How far the provider at hand is. phase: its id, or a word for people."""

    state: str = "running"
    phase: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "rows"
    rows_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class EnrichmentRun:
    """One run. status: queued, running, paused, done, stopped (by the budget), failed, cancelled, undone.

    reason: why, when it is no happy one. parent_id: the run whose failures it asks about again.
    new_version, change_id: of the table it made; None as long as there is none. rows: that the filter finds.
    actions: what can be done with it now: pause, resume, cancel, retry-failed, undo.
    """

    run_id: str
    upload_id: str
    upload_name: str
    name: str
    status: str
    parent_id: str | None
    reason_code: str | None
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    table_version: int
    new_version: int | None
    change_id: int | None
    budget: float | None
    cost: float
    rows: int | None
    filter: Mapping[str, Any] | None
    progress: EnrichmentProgress | None
    providers: tuple[EnrichmentStep, ...]
    targets: tuple[EnrichmentTarget, ...]
    failures: tuple[EnrichmentFailure, ...]
    actions: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.status not in _AT_WORK


@dataclass(frozen=True, slots=True)
class EnrichmentCache:
    """How many answers are kept, in all and by provider."""

    answers: int
    by_provider: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """Where the value of one cell came from. edited: somebody put it there since, and the rest is None."""

    column: str
    edited: bool
    provider: str | None
    run_id: str | None
    at: datetime | None
    confidence: float | None
    cost: float | None
    cached: bool | None
