"""Ask one provider about different inputs: what the cache knows first, the rest while the budget lasts.

The order of things keeps money safe: what could cost more than is left is not asked; what was answered is in the
cache before anything else happens, so a run that is killed asks again only what was in flight.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.clock import Clock
from muster.db.database import Database
from muster.db.seal import Seal
from muster.enrichments import cache
from muster.enrichments.accept import Acceptance
from muster.enrichments.cache import Answer, Inputs, Questions
from muster.enrichments.model import LEFT, MAX_EXAMPLES, Failure, StepCounts
from muster.enrichments.pool import WORTH_ROWS, Processes
from muster.enrichments.provider import (
    CONFIDENCE,
    COST,
    OUTCOME,
    REASON,
    Call,
    Outcome,
    Provider,
    Terms,
    answers,
    schema_of,
)
from muster.enrichments.provider import Where as Runs
from muster.errors import Unavailable

MAX_INPUT_CHARACTERS: Final = 10_000
_TOO_LONG: Final = "input_too_long"
_ABOUT_SECONDS: Final = 1.0
"""How long one batch of a provider that waits for others may take: what it answered is kept after each."""
_LEFT: Final = "left"


@dataclass(slots=True)
class Pace:
    """How many inputs a provider deals with in about a second, as seen so far."""

    rows: float = 0

    def next(self, terms: Terms, most: int) -> int:
        return max(1, min(most, round(self.rows) or 2 * terms.concurrency))

    def saw(self, rows: int, seconds: float) -> None:
        self.rows = rows * _ABOUT_SECONDS / max(seconds, 0.001) if rows else self.rows


@dataclass(frozen=True, slots=True)
class Asking:
    """One step, ready to ask. keys: names of its inputs, in the order of `k<i>`. accepted: what each target takes."""

    db: Database
    seal: Seal
    clock: Clock
    processes: Processes
    provider: Provider
    terms: Terms
    call: Call
    questions: Questions
    keys: Sequence[str]
    accepted: Sequence[Acceptance]
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a batch: `k<i>`, `v<t>` and the rest of `waves.Waves.answers`, for the first `counts.done` inputs."""

    answers: pa.Table
    counts: StepCounts


def batch_rows(asking: Asking) -> int:
    """How many inputs to hand to `ask` next."""
    most = asking.provider.manifest.batch_rows
    if asking.provider.manifest.where is Runs.NETWORK:
        return asking.pace.next(asking.terms, most)
    return most


def ask(
    asking: Asking, inputs: pa.Table, budget_micros: int | None, is_stopping: Callable[[], bool]
) -> Asked:
    """Answer these inputs, or the first of them when it is to stop.

    inputs: `k<i>`, `n`, `first`, as `Waves.inputs_sql` gives them. budget_micros: what may still be spent.
    Raises what the provider raises for every input, Unavailable.
    """
    keys = inputs.select([f"k{at}" for at in range(len(asking.keys))]).combine_chunks()
    if asking.terms.keep is None and asking.terms.is_free:
        answer = _provided(asking, _batch(asking, keys), is_stopping)
        cached: Any = False
        asked_at: Any = _millis(asking)
    else:
        answer, cached, asked_at = _known_or_asked(asking, keys, budget_micros, is_stopping)
    done = answer.num_rows
    part = _part(asking, keys.slice(0, done), answer, cached, asked_at)
    return Asked(part, _counts(inputs.slice(0, done), part))


def _known_or_asked(
    asking: Asking, keys: pa.Table, budget_micros: int | None, is_stopping: Callable[[], bool]
) -> tuple[pa.RecordBatch, pa.Array, pa.Array]:
    """The answers in order, whether each was in the cache, and when it was asked for (Unix ms)."""
    wanted: list[Inputs] = list(zip(*(column.to_pylist() for column in keys.columns), strict=True))
    with asking.db.read() as connection:
        known = cache.find(connection, asking.seal, asking.questions, wanted, asking.clock())
    new = [each for each in wanted if each not in known]
    mine = asking.questions.asked_by
    allowed = len(new)
    if budget_micros is not None and not asking.terms.is_free:
        # What this step paid before it was cut off belongs to what it spends.
        spent = sum(each.cost_micros for each in known.values() if each.asked_by == mine)
        allowed = min(allowed, max(budget_micros - spent, 0) // asking.terms.price_micros)
    found: dict[Inputs, Answer | tuple[Outcome, str | None]] = dict(known)
    found.update(dict.fromkeys(new[allowed:], (Outcome.SKIPPED, LEFT)))
    if allowed:
        found.update(_asked(asking, keys.schema, new[:allowed], is_stopping))
    done: list[Answer | tuple[Outcome, str | None]] = []
    for each in wanted:
        if each not in found:
            break  # it was to stop; what comes after it is in the cache
        done.append(found[each])
    is_cached = pa.array([isinstance(each, Answer) and each.asked_by != mine for each in done], pa.bool_())
    now = _millis(asking)
    at = [round(each.asked_at.timestamp() * 1000) if isinstance(each, Answer) else now for each in done]
    return _as_batch(asking, done), is_cached, pa.array(at, pa.int64())


def _asked(
    asking: Asking, schema: pa.Schema, inputs: Sequence[Inputs], is_stopping: Callable[[], bool]
) -> Mapping[Inputs, Answer | tuple[Outcome, str | None]]:
    """Ask about all of these, and keep the answers; those that were not asked any more are left out."""
    columns = list(zip(*inputs, strict=True))
    table = pa.table([pa.array(column, pa.large_string()) for column in columns], schema=_as_text(schema))
    started = time.monotonic()
    answer = _provided(asking, _batch(asking, table), is_stopping)
    asking.pace.saw(answer.num_rows, time.monotonic() - started)
    now = asking.clock()
    found: dict[Inputs, Answer | tuple[Outcome, str | None]] = {}
    for each, row in zip(inputs, answer.to_pylist(), strict=False):
        outcome = Outcome(row[OUTCOME])
        if outcome is Outcome.UNASKED:
            continue
        if outcome in {Outcome.FOUND, Outcome.EMPTY}:
            values = {output.name: row[output.name] for output in asking.terms.gives}
            told = {name: value for name, value in values.items() if value is not None}
            cost = _cost(asking.terms, outcome, row[COST])
            found[each] = Answer(outcome, told, row[CONFIDENCE], cost, now, asking.questions.asked_by)
        else:
            found[each] = (outcome, row[REASON])
    kept = {each: value for each, value in found.items() if isinstance(value, Answer)}
    if kept and asking.terms.keep is not None:
        with asking.db.begin() as connection:
            cache.keep(connection, asking.seal, asking.questions, kept)
    return found


def _cost(terms: Terms, outcome: Outcome, said: int | None) -> int:
    """What an answer cost: what the provider says, else by its terms."""
    if said is not None:
        return said
    is_paid = outcome is Outcome.FOUND or (outcome is Outcome.EMPTY and terms.price_per == "asked")
    return terms.price_micros if is_paid else 0


def _as_batch(asking: Asking, done: Sequence[Answer | tuple[Outcome, str | None]]) -> pa.RecordBatch:
    gives = asking.terms.gives
    values = {
        output.name: [each.values.get(output.name) if isinstance(each, Answer) else None for each in done]
        for output in gives
    }
    return answers(
        gives,
        len(done),
        values,
        outcomes=[each.outcome if isinstance(each, Answer) else each[0] for each in done],
        reasons=[None if isinstance(each, Answer) else each[1] for each in done],
        confidences=[each.confidence if isinstance(each, Answer) else None for each in done],
        costs=[each.cost_micros if isinstance(each, Answer) else 0 for each in done],
    )


def _batch(asking: Asking, keys: pa.Table) -> pa.RecordBatch:
    """The inputs under the names the provider knows; an optional one without a column is null."""
    columns = dict(zip(asking.keys, keys.columns, strict=True))
    arrays = [
        _whole(columns[need.name]) if need.name in columns else pa.nulls(keys.num_rows, pa.large_string())
        for need in asking.terms.needs
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[need.name for need in asking.terms.needs])


def _provided(asking: Asking, batch: pa.RecordBatch, is_stopping: Callable[[], bool]) -> pa.RecordBatch:
    """What the provider answers, held to its contract; cut before the first input it did not get to."""
    too_long = _too_long(batch)
    if too_long is not None:
        # Only what fits goes out; the answers are put back in their places.
        places = pc.indices_nonzero(pc.invert(too_long))
        answer = _provided(asking, batch.take(places), is_stopping)
        return _spread(answer, places, batch.num_rows)
    if asking.provider.manifest.where is Runs.PROCESSES and batch.num_rows >= WORTH_ROWS:
        pieces = list(asking.processes.enrich(asking.provider.manifest.id, batch, asking.call, is_stopping))
        answer = pa.Table.from_batches(pieces, schema_of(asking.terms.gives)).combine_chunks()
        answer = answer.to_batches()[0] if answer.num_rows else answers(asking.terms.gives, 0, {})
    else:
        answer = asking.provider.enrich(batch, replace(asking.call, is_stopping=is_stopping))
        _check(asking, batch, answer)
    unasked = pc.index(answer.column(OUTCOME), Outcome.UNASKED.value).as_py()
    if unasked < 0 or asking.terms.keep is not None:
        return answer
    return answer.slice(0, unasked)


def _too_long(batch: pa.RecordBatch) -> pa.Array | None:
    """Which inputs are longer than a provider is asked to read; None when none is."""
    found = None
    for column in batch.columns:
        is_long = pc.fill_null(pc.greater(pc.utf8_length(column), MAX_INPUT_CHARACTERS), False)
        if pc.any(is_long).as_py():
            found = is_long if found is None else pc.or_(found, is_long)
    return found


def _spread(answer: pa.RecordBatch, places: pa.Array, rows: int) -> pa.RecordBatch:
    """An answer to some of `rows` inputs as one to all; the others were too long to be asked about."""
    where = pc.index_in(pa.array(range(rows), pa.uint64()), places.slice(0, answer.num_rows))
    columns = {name: answer.column(name).take(where) for name in answer.schema.names}
    answered = pc.is_valid(where)
    outcomes = pc.if_else(answered, columns[OUTCOME], pa.scalar(Outcome.SKIPPED.value))
    reasons = pc.if_else(answered, columns[REASON], pa.scalar(_TOO_LONG, pa.large_string()))
    return pa.RecordBatch.from_arrays(
        [{OUTCOME: outcomes, REASON: reasons}.get(name, column) for name, column in columns.items()],
        schema=answer.schema,
    )


def _check(asking: Asking, batch: pa.RecordBatch, answer: pa.RecordBatch) -> None:
    if answer.num_rows != batch.num_rows or answer.schema != schema_of(asking.terms.gives):
        raise Unavailable(
            f"The provider {asking.provider.manifest.id} broke its contract: it was asked about {batch.num_rows} "
            f"inputs and answered {answer.num_rows}, or in other columns. Report it to whoever made it.",
            code="provider_broken",
        )


def _part(asking: Asking, keys: pa.Table, answer: pa.RecordBatch, cached: Any, asked_at: Any) -> pa.Table:
    """The columns of `waves.Waves.answers`."""
    rows = answer.num_rows
    columns: dict[str, Any] = {f"k{at}": _whole(column) for at, column in enumerate(keys.columns)}
    outcome, confidence = answer.column(OUTCOME), pc.fill_null(answer.column(CONFIDENCE), 1.0)
    is_found = pc.equal(outcome, Outcome.FOUND.value)
    for acceptance in asking.accepted:
        columns[f"v{acceptance.target}"] = acceptance.accepted(answer, is_found, confidence)
    is_left = pc.fill_null(pc.equal(answer.column(REASON), LEFT), False)
    columns["outcome"] = pc.if_else(is_left, pa.scalar(_LEFT), outcome)
    columns["code"] = answer.column(REASON)
    columns["confidence"] = confidence
    columns["cost"] = pc.fill_null(answer.column(COST), 0)
    columns["cached"] = cached if isinstance(cached, pa.Array) else pa.repeat(pa.scalar(cached), rows)
    columns["at"] = (
        asked_at if isinstance(asked_at, pa.Array) else pa.repeat(pa.scalar(asked_at, pa.int64()), rows)
    )
    return pa.table(columns)


def _counts(inputs: pa.Table, part: pa.Table) -> StepCounts:
    outcome = part["outcome"]
    number = {row["values"]: row["counts"] for row in pc.value_counts(outcome).to_pylist()}
    cached = pc.sum(part["cached"]).as_py() or 0
    left = number.get(_LEFT, 0)
    paid = pc.sum(pc.if_else(part["cached"], 0, part["cost"])).as_py() or 0
    return StepCounts(
        done=part.num_rows,
        done_rows=pc.sum(inputs["n"]).as_py() or 0,
        asked=part.num_rows - cached - left,
        cached=cached,
        found=number.get(Outcome.FOUND.value, 0),
        empty=number.get(Outcome.EMPTY.value, 0),
        skipped=number.get(Outcome.SKIPPED.value, 0),
        failed=number.get(Outcome.FAILED.value, 0),
        left=left,
        cost_micros=paid,
        failures=dict(_failures(inputs, part)),
    )


def _failures(inputs: pa.Table, part: pa.Table) -> Iterator[tuple[str, Failure]]:
    is_failed = pc.equal(part["outcome"], Outcome.FAILED.value)
    if not pc.any(is_failed).as_py():
        return
    failed = pa.table(
        {"code": pc.fill_null(part["code"], "unknown"), "n": inputs["n"], "first": inputs["first"]}
    ).filter(is_failed)
    for code in pc.unique(failed["code"]).to_pylist():
        of_code = failed.filter(pc.equal(failed["code"], code))
        rows = pc.sum(of_code["n"]).as_py()
        yield (
            code,
            Failure(of_code.num_rows, rows, tuple(of_code["first"].slice(0, MAX_EXAMPLES).to_pylist())),
        )


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """One array of large_string."""
    joined = column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        joined = pa.concat_arrays(joined.chunks) if joined.num_chunks else pa.array([], column.type)
    return joined if joined.type == pa.large_string() else joined.cast(pa.large_string())


def _as_text(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(name, pa.large_string()) for name in schema.names])


def _millis(asking: Asking) -> int:
    return round(asking.clock().timestamp() * 1000)
