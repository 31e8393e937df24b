"""The steps a run is made of: begin, the inputs of each provider, asking, and noting how far it is.

Each may run twice. What a step needs is read from the run's row and its files; what it returns are counts.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.accept import acceptances
from muster.enrichments.ask import Asking, ask, batch_rows
from muster.enrichments.choose import asking_of, opened_plan, owner_of
from muster.enrichments.failed_rows import failed_rows
from muster.enrichments.model import Run, RunCounts, RunStatus, StepCounts, TargetCounts
from muster.enrichments.plan import OpenStep
from muster.enrichments.provider import Joins
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.store import RunStore
from muster.enrichments.watch import Watch
from muster.enrichments.waves import TableSql, Waves
from muster.enrichments.work_files import WorkFiles
from muster.jobs.kinds import StepContext
from muster.jobs.memory import give_back_memory
from muster.jobs.model import Job, Json, Progress
from muster.predicates.parse import predicate_from
from muster.tables.engine import relation_sql
from muster.tables.ids import Question, all_ids
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, TableId
from muster.tables.queries import Queries
from muster.tables.reading import load_layout

STEP_SECONDS: Final = 3.0
"""After so long a step of asking ends, so that a run can pause there, and a killed one goes on from there."""
MAX_SECONDS: Final = 3600.0
"""For one query of a run; it is cancelled long before by its user, if it is in the way."""
_NOTE_EVERY_SECONDS: Final = 0.5
_JOINED_SCHEMA: Final = [
    ("outcome", pa.string()),
    ("code", pa.large_string()),
    ("confidence", pa.float32()),
    ("cost", pa.int64()),
    ("cached", pa.bool_()),
    ("at", pa.int64()),
]


@dataclass(slots=True)
class Stand:
    """How far a run is, as its steps have returned: what a step builds on. Pure data of counts.

    offsets: of each step, where the files with its answers begin. joined: steps the engine joins whole.
    """

    rows: int
    already: Sequence[int]
    steps: list[StepCounts]
    offsets: dict[int, list[int]]
    joined: set[int] = field(default_factory=set)

    @property
    def spent_micros(self) -> int:
        return sum(step.cost_micros for step in self.steps)

    def counts(self, current: StepCounts | None = None, filled: Sequence[int] | None = None) -> RunCounts:
        """What the run's row shows. current: of the step that is being asked, in place of what is noted of it."""
        steps = list(self.steps) if current is None else [*self.steps[:-1], current]
        targets = tuple(
            TargetCounts(already, None if filled is None else filled[at])
            for at, already in enumerate(self.already)
        )
        return RunCounts(self.rows, tuple(steps), targets)


class Work:
    """One run in one process: what its steps share, opened when the first of them needs it."""

    def __init__(self, room: EnrichmentsRoom, job: Job) -> None:
        self.room = room
        self.job = job
        self.files = WorkFiles(room.reading.tables, str(job.payload["upload_id"]), job.subject)
        self._run: Run | None = None
        self._opened: list[OpenStep] | None = None
        engine = room.reading.tables.engine
        self.queries = Queries(replace(engine, memory_bytes=engine.memory_bytes // 2))
        """Its own, and with less: beside it a run holds columns, and so do the processes that enrich."""
        self._asking: dict[int, Asking] = {}
        self._noted_at = float("-inf")

    @property
    def run(self) -> Run:
        """The run as it was when it began. Raises NotFound when its upload was deleted."""
        if self._run is None:
            with self.room.db.read() as connection:
                self._run = RunStore(connection, self.job.user_id).get(self.job.subject).run
        return self._run

    @property
    def opened(self) -> list[OpenStep]:
        """Its steps with their providers."""
        if self._opened is None:
            with self.room.db.read() as connection:
                self._opened = opened_plan(self.room, connection, self.job.user_id, self.run.plan)
        return self._opened

    @property
    def shape(self) -> Layout:
        """The version of the table it reads."""
        return load_layout(self.room.reading, TableId(self.run.upload_id), self.run.table_version)

    def close(self) -> None:
        while self._asking:
            self._asking.popitem()[1].call.close()
        self.queries.close()

    def waves(self, stand: Stand | None = None) -> Waves:
        """The plan over the table, with the answers so far."""
        run, shape = self.run, self.shape
        columns = {name for step in run.plan.steps for name in step.inputs.values()}
        columns |= {target.column for target in run.plan.targets}
        physical = {name: shape.columns[name].physical for name in sorted(columns) if name in shape.columns}
        sql = relation_sql(shape.manifest, physical.values(), self.room.reading.tables.cache.path)
        rows = self.files.relation([self._rows_key()]) if self._is_restricted() else None
        answers = {
            step: self.files.relation(self.files.answers(step, offset) for offset in offsets)
            for step, offsets in (stand.offsets if stand else {}).items()
            if offsets
        }
        joined = frozenset(stand.joined if stand else ())
        answers |= {step: f"({self._joined_sql(step)})" for step in joined - answers.keys()}
        terms = [opened.terms for opened in self.opened]
        return Waves(run.plan, terms, TableSql(sql, physical, rows), answers, joined)

    def begin(self, context: StepContext) -> Json:
        """Which rows are meant, and how many of them have a value already."""
        context.report(Progress("planning", unit="rows"))
        now = self.room.clock()
        with self.room.db.begin() as connection:
            RunStore(connection, self.job.user_id).change(
                self.job.subject, now, status=RunStatus.RUNNING, started_at=self.run.started_at or now
            )
        if self._is_restricted():
            self.files.write(self._rows_key(), pa.schema([(ROW_ID, pa.int64())]), self._only_rows())
        found = self.queries.run(self.waves().already_sql(), seconds=MAX_SECONDS)
        row = found.to_pylist()[0]
        already = [row[f"a{at}"] for at in range(len(self.run.plan.targets))]
        stand = Stand(row["rows"], already, [], {})
        self.note(stand.counts(), 0)
        return {"rows": row["rows"], "already": already}

    def inputs(self, step: int, stand: Stand, context: StepContext) -> Json:
        """Write the different inputs of a step, or for one that is a join of tables all its answers at once."""
        context.report(Progress(self._phase(step), unit="rows"))
        waves = self.waves(stand)
        if self._is_join(step):
            return self._join(step, waves)
        keys = [f"k{at}" for at in range(len(waves.keys(step)))]
        schema = pa.schema(
            [*((key, pa.large_string()) for key in keys), ("n", pa.int64()), ("first", pa.int64())]
        )
        rows = 0

        def told() -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in batches:
                rows += pc.sum(batch.column("n")).as_py() or 0
                yield batch

        with self.queries.stream(waves.inputs_sql(step), seconds=MAX_SECONDS) as batches:
            inputs = self.files.write(self.files.inputs(step), schema, told())
        return {"inputs": inputs, "rows": rows, "joined": False}

    def asked(self, step: int, offset: int, stand: Stand, context: StepContext) -> Json:
        """Ask about inputs from number `offset` on, for some seconds; returns how far it came."""
        asking = self._asking_of(step)
        before = stand.steps[-1]
        so_far = before
        parts: list[pa.Table] = []
        started = time.monotonic()
        at = offset
        with Watch(context, self._progress(step, before)) as watch:
            while (
                at < before.inputs and not watch.is_stopping() and time.monotonic() - started < STEP_SECONDS
            ):
                inputs = self.files.slice(
                    self.files.inputs(step), at, min(batch_rows(asking), before.inputs - at)
                )
                budget = self.run.budget_micros
                left = (
                    None
                    if budget is None
                    else budget - stand.spent_micros - (so_far.cost_micros - before.cost_micros)
                )
                came = ask(asking, inputs, left, watch.is_stopping)
                so_far = so_far.plus(came.counts)
                at += came.counts.done
                parts.append(came.answers)
                watch.progress = self._progress(step, so_far)
                self._note_now_and_then(stand.counts(so_far))
            if parts:
                answers = pa.concat_tables(parts)
                self.files.write(self.files.answers(step, offset), answers.schema, answers.to_batches())
        counts = stand.counts(so_far)
        self.note(counts, counts.cost_micros)
        return {"next": at, "counts": msgspec.to_builtins(so_far)}

    def note(self, counts: RunCounts, cost_micros: int, **more: Any) -> None:
        """Write down how far the run is, for whoever looks."""
        self._noted_at = time.monotonic()
        with self.room.db.begin() as connection:
            RunStore(connection, self.job.user_id).change(
                self.job.subject, self.room.clock(), counts=counts, cost_micros=cost_micros, **more
            )

    def _note_now_and_then(self, counts: RunCounts) -> None:
        if time.monotonic() - self._noted_at >= _NOTE_EVERY_SECONDS:
            self.note(counts, counts.cost_micros)

    def _progress(self, step: int, counts: StepCounts) -> Progress:
        found = counts.found
        return Progress(self._phase(step), counts.done_rows, counts.rows, "rows", found, counts.failed)

    def _phase(self, step: int) -> str:
        return self.run.plan.steps[step].provider[:40]

    def _is_restricted(self) -> bool:
        return self.run.plan.filter is not None or self.run.plan.again is not None

    def _rows_key(self) -> str:
        return self.files.key("rows.parquet")

    def _only_rows(self) -> Iterator[pa.RecordBatch]:
        """The rows the filter lets through; of a run that retries, those that failed."""
        plan = self.run.plan
        if plan.again is not None:
            ids = failed_rows(self.room.reading, self.shape.manifest, plan.again)
        else:
            question = Question(predicate_from(plan.filter))
            ids = pa.array(all_ids(self.room.reading, self.shape, question).array()).cast(pa.int64())
        yield pa.RecordBatch.from_arrays([_one(ids)], names=[ROW_ID])

    def _is_join(self, step: int) -> bool:
        """Whether a step is done by one join of tables: its provider can, and nothing has to look at each value."""
        provider = self.opened[step].provider
        return isinstance(provider, Joins) and all(
            acceptance.check is None for acceptance in acceptances(self.run.plan, step)
        )

    def _join(self, step: int, waves: Waves) -> Json:
        """A step the engine joins whole: what the other table says now is written down if later steps go by it."""
        is_kept = waves.is_needed_later(step)
        if is_kept:
            plan = self.run.plan
            schema = pa.schema(
                [
                    *((f"k{at}", pa.large_string()) for at in range(len(waves.keys(step)))),
                    *((f"v{target}", pa.large_string()) for target, _ in plan.targets_of(step)),
                    *_JOINED_SCHEMA,
                ]
            )
            with self.queries.stream(self._joined_sql(step), seconds=MAX_SECONDS) as batches:
                self.files.write(self.files.answers(step, 0), schema, batches)
        counted = f"SELECT count(*) AS n FROM ({waves.asking_sql(step)})"  # noqa: S608
        rows = self.queries.run(counted, seconds=MAX_SECONDS)["n"][0].as_py()
        return {"inputs": rows, "rows": rows, "joined": True, "kept": is_kept}

    def _joined_sql(self, step: int) -> str:
        """What another table says, as the answers of a step."""
        plan, opened, asking = self.run.plan, self.opened[step], self._asking_of(step)
        if not isinstance(opened.provider, Joins):
            raise TypeError("only a provider that joins is asked for its table")
        source = opened.provider.reference_sql(opened.settings, asking.call)
        needs = [need.name for need in opened.terms.needs]
        asked = [name for name in needs if name in plan.steps[step].inputs]
        keys = [f"k{needs.index(name) + 1}::VARCHAR AS k{at}" for at, name in enumerate(asked)]
        values = [f'"{output}"::VARCHAR AS v{target}' for target, output in plan.targets_of(step)]
        outputs = ", ".join(f'"{output}"' for output in plan.steps[step].outputs)
        outcome = f"CASE WHEN _ambiguous THEN 'skipped' WHEN coalesce({outputs}) IS NULL THEN 'empty' ELSE 'found' END"
        told = (
            f"{outcome} AS outcome, CASE WHEN _ambiguous THEN 'ambiguous' END AS code, 1::FLOAT AS confidence, "
            f"0::BIGINT AS cost, false AS cached, {round(self.room.clock().timestamp() * 1000)}::BIGINT AS at"
        )
        return f"SELECT {', '.join([*keys, *values])}, {told} FROM ({source})"  # noqa: S608

    def _asking_of(self, step: int) -> Asking:
        if step not in self._asking:
            run = self.run
            owner = owner_of(self.job.user_id)
            asked_by = f"{run.id}:{step}"
            self._asking[step] = asking_of(
                self.room, self.opened[step], run.plan, step, owner, run.upload_id, asked_by=asked_by
            )
        return self._asking[step]


def _one(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(array, pa.ChunkedArray):
        return array
    return pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)


def release_memory() -> None:
    """Give back what Arrow and the C library keep for later: the next to need it is the engine, or another process."""
    pa.default_memory_pool().release_unused()
    give_back_memory()
