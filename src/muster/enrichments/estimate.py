"""What a run would do and cost, before it does: counted where it can be counted, tried on a sample where not.

Nothing is stored but answers of providers that were asked for the sample, which a run then finds in the cache.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from muster.accounts.model import Principal
from muster.enrichments import cache
from muster.enrichments.ask import Asking, ask
from muster.enrichments.choose import asking_of
from muster.enrichments.model import Policy, StepCounts
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.start import Planned, WantedRun, planned
from muster.enrichments.waterfall import Inputs, RowState, Values, pour
from muster.enrichments.waves import TableSql, Waves
from muster.predicates.parse import predicate_from
from muster.tables.ids import Question, all_ids
from muster.tables.model import ROW_ID
from muster.tables.page import page
from muster.tables.relation import relation

MAX_SAMPLE: Final = 200
_LOOKED_UP: Final = 20_000
"""Inputs whose place in the cache is looked up; of more, the share is taken for all."""


@dataclass(frozen=True, slots=True)
class StepEstimate:
    """One provider. rows: that could be asked about; rows_likely: that earlier providers leave to it.

    inputs: different ones; None, with rows, when they come from an earlier provider of the same run.
    sample: what came of the sample; None when it was not asked. costs in micros; None: not to be told.
    """

    rows_with_inputs: int | None
    rows: int | None
    rows_likely: int | None
    inputs: int | None
    cached: int
    sample: StepCounts | None
    cost_likely: int | None
    cost_most: int | None


@dataclass(frozen=True, slots=True)
class TargetEstimate:
    """One column. already, missing: rows with and without a value; expected: rows likely to get one."""

    already: int
    missing: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of the sample. values, providers: by target, what it would get and from which step."""

    row_id: int
    values: Mapping[int, str]
    steps: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Estimate:
    """rows: of the table; rows_matching: that the filter lets through."""

    ready: Planned
    rows: int
    rows_matching: int
    steps: Sequence[StepEstimate]
    targets: Sequence[TargetEstimate]
    sample: Sequence[SampleRow]

    @property
    def cost_likely(self) -> int | None:
        likely = [step.cost_likely for step in self.steps]
        return None if None in likely else sum(each or 0 for each in likely)

    @property
    def cost_most(self) -> int | None:
        most = [step.cost_most for step in self.steps]
        return None if None in most else sum(each or 0 for each in most)


def estimate(
    room: EnrichmentsRoom, principal: Principal, wanted: WantedRun, *, sample: int, ask_paid: bool
) -> Estimate:
    """sample: rows to try it on, at most MAX_SAMPLE. ask_paid: ask providers with a price for it, too.

    Raises what `planned` raises, and what a provider refuses for every input.
    """
    ready = planned(room, principal, wanted)
    query = _Query(room, ready)
    counted = query.one(query.waves.already_sql())
    already = [counted[f"a{at}"] for at in range(len(ready.plan.targets))]
    rows = counted["rows"]
    askable = query.askable()
    poured = _Sample(room, principal, ready, query, ask_paid)
    sampled = poured.run(sample)
    targets = []
    for at, target in enumerate(ready.plan.targets):
        missing = rows if target.policy is Policy.OVERWRITE else rows - already[at]
        targets.append(TargetEstimate(already[at], missing, poured.expected(at, sampled, askable)))
    steps = [
        _step(room, principal, query, poured, step, sampled, askable) for step in range(len(ready.steps))
    ]
    shown = [
        SampleRow(
            row.row_id,
            {at: value for at, (value, _) in row.given.items()},
            {at: step for at, (_, step) in row.given.items()},
        )
        for row in sampled
    ]
    return Estimate(ready, ready.shape.manifest.visible_rows, rows, steps, targets, shown)


def _step(
    room: EnrichmentsRoom,
    principal: Principal,
    query: "_Query",
    poured: "_Sample",
    step: int,
    sampled: Sequence[RowState],
    askable: int,
) -> StepEstimate:
    opened = query.ready.steps[step]
    counts = poured.counts.get(step)
    if query.is_chained(step):
        free = 0 if opened.terms.is_free else None
        return StepEstimate(None, None, None, None, 0, counts, free, free)
    found = query.one(query.counted_sql(step))
    rows, inputs = found["rows"], found["inputs"]
    with_inputs = query.one(f"SELECT count(*) AS n FROM ({query.waves.with_inputs_sql(step)})")["n"]  # noqa: S608
    cached = _cached(room, principal, query, step, inputs)
    likely = None
    if sampled and not poured.is_unsure(step - 1):
        likely = min(rows, round(askable * sum(step in row.reached for row in sampled) / len(sampled)))
    most = (inputs - cached) * opened.terms.price_micros
    cost_likely: int | None = 0 if most == 0 else None
    if most and likely is not None and rows:
        share = likely / rows
        if opened.terms.price_per == "found":
            share = (
                share * counts.found / max(1, counts.done - counts.left)
                if counts and counts.done > counts.left
                else -1.0
            )
        cost_likely = None if share < 0 else round(most * share)
    return StepEstimate(with_inputs, rows, likely, inputs, cached, counts, cost_likely, most)


def _cached(room: EnrichmentsRoom, principal: Principal, query: "_Query", step: int, inputs: int) -> int:
    """How many inputs of a step the cache has an answer for; about, where there are very many."""
    asking = asking_of(
        room, query.ready.steps[step], query.ready.plan, step, principal, query.ready.wanted.upload_id
    )
    if asking.terms.keep is None or not inputs:
        return 0
    keys = ", ".join(f"k{at}" for at in range(len(asking.keys)))
    sql = f"SELECT {keys} FROM ({query.waves.inputs_sql(step)}) LIMIT {_LOOKED_UP}"  # noqa: S608
    table = query.run(sql)
    known: list[Inputs] = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    with room.db.read() as connection:
        found = len(cache.find(connection, room.seal, asking.questions, known, room.clock()))
    return found if len(known) == inputs else round(found * inputs / len(known))


class _Query:
    """The plan over the newest version of the table, for somebody who waits."""

    def __init__(self, room: EnrichmentsRoom, ready: Planned) -> None:
        self.ready = ready
        self._queries = room.reading.queries
        plan, shape = ready.plan, ready.shape
        names = {name for step in plan.steps for name in step.inputs.values()}
        names |= {target.column for target in plan.targets}
        self.columns = [shape.columns[name] for name in sorted(names) if name in shape.columns]
        physical = {column.name: column.physical for column in self.columns}
        found = relation(room.reading, shape, physical.values())
        self._tables = dict(found.tables)
        rows = None
        if plan.filter is not None:
            ids = all_ids(room.reading, shape, Question(predicate_from(plan.filter))).array()
            self._tables["only_ids"] = pa.table({ROW_ID: pa.array(ids).cast(pa.int64())})
            rows = "only_ids"
        terms = [step.terms for step in ready.steps]
        self.waves = Waves(plan, terms, TableSql(f"SELECT * FROM {found.sql}", physical, rows))  # noqa: S608

    def run(self, sql: str) -> pa.Table:
        return self._queries.run(sql, self._tables)

    def one(self, sql: str) -> dict[str, int]:
        row: dict[str, int] = self.run(sql).to_pylist()[0]
        return row

    def counted_sql(self, step: int) -> str:
        keys = ", ".join(f"k{at}" for at in range(len(self.waves.keys(step))))
        asking = self.waves.asking_sql(step)
        return f"SELECT count(*) AS rows, count(DISTINCT ({keys},)) AS inputs FROM ({asking})"  # noqa: S608

    def is_chained(self, step: int) -> bool:
        """Whether it needs a column that only the run itself makes."""
        return any(column not in self.ready.shape.columns for _, column in self.waves.keys(step))

    def _askable_sql(self) -> str:
        steps = [step for step in range(len(self.ready.steps)) if not self.is_chained(step)]
        return " UNION ".join(f"SELECT {ROW_ID} FROM ({self.waves.asking_sql(step)})" for step in steps)  # noqa: S608

    def askable(self) -> int:
        """Rows some step could be asked about."""
        return self.one(f"SELECT count(*) AS n FROM ({self._askable_sql()})")["n"]  # noqa: S608

    def sample(self, rows: int) -> list[int]:
        """Row ids from everywhere among those; the same ones every time."""
        sql = f"SELECT {ROW_ID} FROM ({self._askable_sql()}) ORDER BY hash({ROW_ID}), {ROW_ID} LIMIT {rows}"  # noqa: S608
        ids: list[int] = self.run(sql)[ROW_ID].to_pylist()
        return sorted(ids)


class _Sample:
    """The plan tried on a few rows. counts: of each step that was asked."""

    def __init__(
        self, room: EnrichmentsRoom, principal: Principal, ready: Planned, query: _Query, ask_paid: bool
    ) -> None:
        self.counts: dict[int, StepCounts] = {}
        self._room = room
        self._principal = principal
        self._ready = ready
        self._query = query
        self._ask_paid = ask_paid
        self._until = time.monotonic() + room.estimate_life.total_seconds()

    def run(self, rows: int) -> list[RowState]:
        if not rows:
            return []
        ids = self._query.sample(rows)
        columns = self._query.columns
        found = page(self._room.reading, self._ready.shape, ids, columns)
        names = [column.name for column in columns]
        states = [
            RowState(row_id, dict(zip(names, map(_text, values), strict=True)))
            for row_id, values in zip(
                ids, zip(*found.values, strict=True) if names else [()] * len(ids), strict=True
            )
        ]
        pour(self._ready.plan, [step.terms for step in self._ready.steps], states, self._ask)
        return states

    def is_unsure(self, step: int) -> bool:
        """Whether up to and with this step some input of the sample was not answered."""
        return any(counts.left or counts.failed for at, counts in self.counts.items() if at <= step)

    def expected(self, target: int, sampled: Sequence[RowState], askable: int) -> int | None:
        """Rows of the whole table that would get a value; None when the sample does not tell."""
        feeding = [step for step, _ in self._ready.plan.feeding(self._ready.plan.targets[target].column)]
        if not sampled:
            return None if askable else 0
        if any(self.counts[step].left for step in feeding if step in self.counts):
            return None
        return round(askable * sum(target in row.given for row in sampled) / len(sampled))

    def _ask(self, step: int, inputs: Sequence[Inputs]) -> Mapping[Inputs, Values]:
        if not inputs:
            return {}
        opened = self._ready.steps[step]
        asking = asking_of(
            self._room, opened, self._ready.plan, step, self._principal, self._ready.wanted.upload_id
        )
        budget = None if opened.terms.is_free or self._ask_paid else 0
        try:
            came = _answered(asking, inputs, budget, lambda: time.monotonic() > self._until)
        finally:
            asking.call.close()
        counts, rows = came
        self.counts[step] = replace(counts, left=len(inputs) - counts.done + counts.left, done=len(inputs))
        return rows


def _answered(
    asking: Asking, inputs: Sequence[Inputs], budget: int | None, is_stopping: Callable[[], bool]
) -> tuple[StepCounts, dict[Inputs, Values]]:
    columns = {
        f"k{at}": pa.array(column, pa.large_string()) for at, column in enumerate(zip(*inputs, strict=True))
    }
    ones = pa.array([1] * len(inputs), pa.int64())
    came = ask(asking, pa.table({**columns, "n": ones, "first": ones}), budget, is_stopping)
    targets = [acceptance.target for acceptance in asking.accepted]
    rows: dict[Inputs, Values] = {
        each: {at: row[f"v{at}"] for at in targets if row[f"v{at}"] is not None}
        for each, row in zip(inputs, came.answers.to_pylist(), strict=False)
    }
    return came.counts, rows


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
