"""The contract of providers: what one needs, what it gives, what it costs, and the one method that does its work.

A provider is a class with a `manifest` and `enrich`. Everything else about it (the listing of the API, the
page of the docs, the form in Studio, how it is called, kept, paid and retried) follows from the manifest.
Built-in ones are listed in `providers/__init__.py`; others come as Python packages with an entry point in the
group `muster.enrichment_providers`. `tests/contracts/test_providers.py` runs over every one of them.

Money is counted in whole millionths of the currency your prices are in (`price_micros`); Muster converts nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal, Protocol, TypeVar, runtime_checkable

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

ENTRY_POINTS: Final = "muster.enrichment_providers"

OUTCOME: Final = "_outcome"
REASON: Final = "_reason"
CONFIDENCE: Final = "_confidence"
COST: Final = "_cost_micros"


class Form(StrEnum):
    """How an input is brought into shape before anything is asked; inputs alike after it are asked once."""

    EXACT = "exact"  # as it is
    TRIMMED = "trimmed"  # no blanks at the ends
    FOLDED = "folded"  # trimmed, Unicode NFC, lower case: addresses, domains, names that are looked up


class Kind(StrEnum):
    """What the values of an output are. Cells hold text; this says which text."""

    TEXT = "text"
    BOOLEAN = "boolean"  # `true` or `false`
    NUMBER = "number"


class Where(StrEnum):
    """How the work of a provider is done."""

    HERE = "here"  # quick for many values at once: in the job's own thread
    PROCESSES = "processes"  # much Python for each value: on all processors
    NETWORK = "network"  # waits for others: small batches, cached, may be paced and paid


class Outcome(StrEnum):
    """What became of one input."""

    FOUND = "found"
    EMPTY = "empty"  # it was looked for, and there is nothing
    SKIPPED = "skipped"  # nothing that could be looked for, such as an address that is none; free
    FAILED = "failed"  # it could not be found out; `retry-failed` asks again
    UNASKED = "unasked"  # the run is to stop; the same input comes again when it goes on


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a provider needs. name: of the column in its batches, `[a-z][a-z0-9_]*`.

    fields: names of columns it is usually found in, the best first; guesses are made from them.
    required: rows where it is empty are not asked about; one that is not required may be null in a batch.
    """

    name: str
    title: str
    description: str
    fields: tuple[str, ...] = ()
    form: Form = Form.TRIMMED
    required: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """One thing a provider gives. column: the column it fills unless told otherwise.

    Outputs of several providers with the same column make a waterfall: the first acceptable value stays.
    life: how long a found value may be taken from the cache; None: as long as the provider's `keep` says.
    """

    name: str
    title: str
    description: str
    column: str
    kind: Kind = Kind.TEXT
    life: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """How long answers are taken from the cache: found ones, and that there is nothing."""

    found: timedelta
    empty: timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one use of a provider; the manifest's, unless its settings change it.

    needs_one: it is enough that one of the inputs is there. price_micros: for each input asked about, or for
    each that something was found for. keep: None: not cached, as asking again costs nothing.
    rate, concurrency, timeout_seconds: of calls to somebody else; the provider keeps to them.
    """

    needs: tuple[Input, ...]
    gives: tuple[Output, ...]
    needs_one: bool = False
    price_micros: int = 0
    price_per: Literal["asked", "found"] = "asked"
    keep: Keep | None = None
    rate: Rate | None = None
    concurrency: int = 1
    timeout_seconds: float | None = None

    @property
    def is_free(self) -> bool:
        return self.price_micros == 0


class Settings(BaseModel):
    """Base of the settings of a provider. Secrets are `SecretStr`; titles and descriptions make the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoSettings(Settings):
    """For providers without any."""


@dataclass(frozen=True, slots=True)
class ProviderManifest:
    """What a provider is. id: `[a-z][a-z0-9_]*`, for ever. version: changed when its answers change; part of
    what the cache knows answers by. batch_rows: the most inputs `enrich` is handed at once.

    connection: its settings are kept under a name and used by many runs (addresses, keys), not given each time.
    is_offline: it only behaves as if it waited for others (where: NETWORK).
    """

    id: str
    version: str
    title: str
    description: str
    where: Where
    batch_rows: int
    terms: Terms
    settings: type[Settings] = NoSettings
    connection: bool = False
    is_offline: bool = False

    @property
    def needs_network(self) -> bool:
        return self.where is Where.NETWORK and not self.is_offline


_T = TypeVar("_T", bound="Closeable")


class Closeable(Protocol):
    """Something opened for many batches."""

    def close(self) -> None: ...


class Reference(Protocol):
    """A table of the same user, for providers that look things up in it; see providers/lookup.py."""

    def table_sql(self, upload_id: str, columns: Sequence[str]) -> str:
        """A SELECT of `_row_id` and these columns (display names, renamed to v0, v1 ...) of the newest version.

        Raises NotFound, Forbidden, Conflict, InputError (`column_unknown`).
        """
        ...

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Run a query of the engine over such a SELECT and these Arrow tables."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """What a provider is lent for one batch.

    settings: an instance of the manifest's settings model. wanted: outputs somebody wants; others may be null.
    is_stopping: ask it at least every quarter of a second while waiting; once true, answer what is there and
    leave the rest `UNASKED`. resources: opened once and lent to every batch of a run (`resource`).
    connection: id of the kept settings this uses, None without; what paces calls is shared by it.
    reference: for looking things up in other tables; None where there are none (in other processes).
    allow_private_addresses: the operator lets providers call addresses of the own network (tests, intranets).
    """

    settings: Settings
    wanted: frozenset[str]
    is_stopping: Callable[[], bool] = lambda: False
    resources: dict[str, Any] = field(default_factory=dict)
    connection: str | None = None
    reference: Reference | None = None
    allow_network: bool = True
    allow_private_addresses: bool = False

    def resource(self, name: str, opened: Callable[[], _T]) -> _T:
        """The thing of this name, opened at its first use; whoever runs the batches closes it (`close`)."""
        if name not in self.resources:
            self.resources[name] = opened()
        found: _T = self.resources[name]
        return found

    def close(self) -> None:
        """Close what was opened for these batches, the last first."""
        while self.resources:
            self.resources.popitem()[1].close()


class Provider(ABC):
    """A provider; made without arguments, without side effects, and used by several threads."""

    manifest: ClassVar[ProviderManifest]

    def terms(self, settings: Settings) -> Terms:
        """The terms under these settings; for those whose inputs, outputs or prices are set by the user."""
        del settings
        return self.manifest.terms

    @abstractmethod
    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        """Answer every input, in order.

        batch: up to `batch_rows` different inputs, columns (large_string) named as the terms' `needs`, in the
        form they ask for; required ones are never null or blank, none is longer than 10,000 characters.
        Returns `answers(...)`: as many rows, one column for each of the terms' `gives`, and what became of each.
        What an input holds never raises; raise only what would hold for every input (a MusterError whose message
        tells the user what to do: settings that cannot work, a service that refuses the key).
        """


@runtime_checkable
class Joins(Protocol):
    """A provider whose answers lie in another table of the user: the engine joins them to all rows at once."""

    def reference_sql(self, settings: Settings, call: Call) -> str:
        """A SELECT that gives `k1`, `k2` ... (the terms' `needs` in order, in their form; no two rows alike), the
        outputs by their names, and `_ambiguous`: whether the key stands for several things, so for none."""
        ...


def schema_of(gives: Sequence[Output]) -> pa.Schema:
    """The columns of an answer."""
    return pa.schema(
        [
            *(pa.field(output.name, pa.large_string()) for output in gives),
            pa.field(OUTCOME, pa.string()),
            pa.field(REASON, pa.large_string()),
            pa.field(CONFIDENCE, pa.float32()),
            pa.field(COST, pa.int64()),
        ]
    )


def answers(
    gives: Sequence[Output],
    rows: int,
    values: Mapping[str, Sequence[str | None] | pa.Array],
    *,
    outcomes: Sequence[Outcome] | pa.Array | None = None,
    reasons: Sequence[str | None] | pa.Array | None = None,
    confidences: Sequence[float | None] | pa.Array | None = None,
    costs: Sequence[int | None] | pa.Array | None = None,
) -> pa.RecordBatch:
    """The answer to a batch of `rows` inputs.

    values: by name of output; outputs left out are null everywhere. outcomes: None: found where any output has a
    value, else empty. reasons: a stable code for what failed or was skipped (`timeout`, `not_an_email`).
    confidences: 0 to 1, how sure a found value is; null: certain. costs: millionths, where a call cost
    something else than the terms say; null: as they say.
    Raises ValueError for lengths that do not fit.
    """
    columns = [_texts(values.get(output.name), rows) for output in gives]
    if outcomes is None:
        outcomes = _found_or_empty(columns, rows)
    elif not isinstance(outcomes, pa.Array):
        outcomes = pa.array([str(outcome) for outcome in outcomes], pa.string())
    extra = [
        outcomes,
        _texts(reasons, rows),
        _numbers(confidences, rows, pa.float32()),
        _numbers(costs, rows, pa.int64()),
    ]
    return pa.RecordBatch.from_arrays([*columns, *extra], schema=schema_of(gives))


def _texts(values: Sequence[str | None] | pa.Array | None, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, pa.large_string())
    found = values if isinstance(values, pa.Array) else pa.array(values, pa.large_string())
    return found if found.type == pa.large_string() else found.cast(pa.large_string())


def _numbers(values: Sequence[Any] | pa.Array | None, rows: int, kind: pa.DataType) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def _found_or_empty(columns: Sequence[pa.Array], rows: int) -> pa.Array:
    found = pa.repeat(pa.scalar(False), rows)
    for column in columns:
        found = pc.or_(found, column.is_valid())
    return pc.if_else(found, pa.scalar(Outcome.FOUND.value), pa.scalar(Outcome.EMPTY.value))
