"""What requests to this room say, parsed once at the edge."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from muster.enrichments.accept import check_accept
from muster.enrichments.estimate import MAX_SAMPLE
from muster.enrichments.model import MAX_STEPS, MAX_TARGETS, MICROS, Policy, RunStatus
from muster.enrichments.plan import WantedStep, WantedTarget
from muster.enrichments.start import WantedRun
from muster.errors import InputError, Issue
from muster.predicates.parse import predicate_from
from muster.records.rules import MAX_FIELD_CHARACTERS
from muster.web.json_body import body_refused, decode_json

MAX_BUDGET: Final = 1_000_000_000
MAX_ERASED: Final = 1_000
_Column = Annotated[str, Meta(min_length=1, max_length=MAX_FIELD_CHARACTERS)]
_Id = Annotated[str, Meta(min_length=1, max_length=100)]
_Money = Annotated[float, Meta(ge=0, le=MAX_BUDGET)]


class _Step(msgspec.Struct, forbid_unknown_fields=True):
    provider: _Id
    connection: _Id | None = None
    settings: dict[str, Any] = {}
    inputs: dict[_Id, _Column | None] = {}
    outputs: dict[_Id, _Column | None] = {}


class _Target(msgspec.Struct, forbid_unknown_fields=True):
    column: _Column
    policy: Policy = Policy.FILL_EMPTY
    min_confidence: Annotated[float, Meta(ge=0, le=1)] = 0.0
    accept: dict[str, Any] | None = None


class _Run(msgspec.Struct, forbid_unknown_fields=True, rename={"with_": "with", "filter_": "filter"}):
    upload_id: _Id
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    with_: Annotated[list[_Id], Meta(min_length=1, max_length=MAX_STEPS)] | None = None
    providers: Annotated[list[_Step], Meta(min_length=1, max_length=MAX_STEPS)] | None = None
    targets: Annotated[list[_Target], Meta(max_length=MAX_TARGETS)] = []
    filter_: Any = None
    budget: _Money | None = None
    dry_run: bool = False
    sample: Annotated[int, Meta(ge=0, le=MAX_SAMPLE)] = 50
    ask_paid: bool = False


class _Terms(msgspec.Struct, forbid_unknown_fields=True):
    provider: _Id
    settings: dict[str, Any] = {}


class _Retry(msgspec.Struct, forbid_unknown_fields=True):
    codes: Annotated[list[_Id], Meta(min_length=1, max_length=50)] | None = None
    step: Annotated[int, Meta(ge=0, lt=MAX_STEPS)] | None = None
    budget: _Money | None = None


class _Erase(msgspec.Struct, forbid_unknown_fields=True):
    values: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=1000)]], Meta(max_length=MAX_ERASED)
    ] = []
    all: bool = False


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run as asked for. is_dry: only estimate it; sample, ask_paid: how."""

    wanted: WantedRun
    is_dry: bool
    sample: int
    ask_paid: bool


@dataclass(frozen=True, slots=True)
class RetryRequest:
    """What of a run is to be asked again; None: whatever failed. budget_micros None: as much as the run had."""

    codes: tuple[str, ...] | None
    step: int | None
    budget_micros: int | None


def parse_run(body: bytes) -> RunRequest:
    """Raises InputError."""
    sent = decode_json(body, _Run)
    if (sent.with_ is None) == (sent.providers is None):
        raise body_refused("providers", "body_invalid", "Give `providers`, or `with` and their ids.")
    if sent.with_ is not None:
        steps = [WantedStep(provider) for provider in sent.with_]
    else:
        steps = [
            WantedStep(step.provider, step.connection, step.settings, step.inputs, step.outputs)
            for step in sent.providers or []
        ]
    seen: set[str] = set()
    for at, target in enumerate(sent.targets):
        if target.column in seen:
            message = f"`{target.column}` is named twice among `targets`."
            issue = Issue(None, target.column, f"/targets/{at}/column", "body_invalid", message)
            raise InputError(message, code="body_invalid", issues=[issue])
        seen.add(target.column)
        if target.accept is not None:
            check_accept(target.column, target.accept, f"/targets/{at}/accept")
    wanted = WantedRun(
        upload_id=sent.upload_id,
        steps=steps,
        targets=[
            WantedTarget(target.column, target.policy, target.min_confidence, target.accept)
            for target in sent.targets
        ],
        filter=None if sent.filter_ is None else predicate_from(sent.filter_, pointer="/filter"),
        budget_micros=_micros(sent.budget),
        name=sent.name,
    )
    return RunRequest(wanted, sent.dry_run, sent.sample, sent.ask_paid)


def parse_terms(body: bytes) -> tuple[str, dict[str, Any]]:
    """A provider's id and settings for it, not yet checked. Raises InputError."""
    sent = decode_json(body, _Terms)
    return sent.provider, sent.settings


def parse_retry(body: bytes) -> RetryRequest:
    """An empty body means everything that failed. Raises InputError."""
    sent = decode_json(body or b"{}", _Retry)
    codes = None if sent.codes is None else tuple(sent.codes)
    return RetryRequest(codes, sent.step, _micros(sent.budget))


def parse_erase(body: bytes) -> list[str] | None:
    """The values whose answers are to be erased; None: all answers. Raises InputError."""
    sent = decode_json(body, _Erase)
    if sent.all == bool(sent.values):
        raise body_refused("values", "body_invalid", "Give `values`, or `all` as true.")
    return None if sent.all else sent.values


def parse_statuses(text: str | None) -> frozenset[RunStatus] | None:
    """Statuses between commas; None for None. Raises InputError (`parameter_invalid`)."""
    if text is None:
        return None
    known = {status.value for status in RunStatus}
    names = [name.strip() for name in text.split(",")]
    if not set(names) <= known:
        message = f"`status` is one or more of {', '.join(sorted(known))}, between commas."
        issue = Issue(None, "status", "/status", "parameter_invalid", message)
        raise InputError(message, code="parameter_invalid", issues=[issue])
    return frozenset(RunStatus(name) for name in names)


def _micros(amount: float | None) -> int | None:
    return None if amount is None else round(amount * MICROS)
