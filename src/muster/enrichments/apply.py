"""From answers to the table: what every row gets, as a new column group, as fills, and with where it came from."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from muster.db.database import Connection
from muster.enrichments.model import LEFT, Plan, RunStatus
from muster.enrichments.steps import MAX_SECONDS, Stand, Work
from muster.enrichments.store import RunStore
from muster.jobs.kinds import StepContext
from muster.jobs.model import Json, Progress
from muster.tables.enrich import Enrichment, publish_enrichment
from muster.tables.fills import Fill, write_fill
from muster.tables.groups import NewColumn, WrittenGroup, write_group
from muster.tables.model import ROW_ID, Added, Manifest, Traces
from muster.tables.provenance import trace_schema, write_traces

ORIGIN: Final = "enrichment:"
SEVERAL: Final = "several"
_ACTOR: Final = "enrichment"


class _Written(msgspec.Struct, frozen=True):
    """What `write` left for `publish`: names of columns do not belong into what a job remembers."""

    group: WrittenGroup | None
    fills: tuple[Fill, ...]
    columns: tuple[str, ...]
    traces: tuple[Traces, ...]
    failures: str | None
    rows: int


class _Unordered(Exception):
    """The engine gave rows in another order than the table has."""


def fill(work: Work, stand: Stand, context: StepContext) -> Json:
    """Work out what every row gets. Returns how many rows get something, for each target and in all."""
    context.report(_progress(stand, "joining"))
    sql = work.waves(stand).filled_sql()
    try:
        return _filled(work, stand, sql, context)
    except _Unordered:
        # It keeps the order of the table as long as it can; a sort of everything is for when it cannot.
        return _filled(work, stand, f"SELECT * FROM ({sql}) ORDER BY {ROW_ID}", context)  # noqa: S608


def _filled(work: Work, stand: Stand, sql: str, context: StepContext) -> Json:
    targets = len(work.run.plan.targets)
    filled = [0] * targets
    rows = 0
    schema = pa.schema([(ROW_ID, pa.int64()), *(pair for at in range(targets) for pair in _members(at))])
    last = -1

    def seen() -> Iterator[pa.RecordBatch]:
        nonlocal rows, last
        for batch in batches:
            last = _ascending(batch.column(0), last)
            context.report(_progress(stand, "joining"))
            some = None
            for at in range(targets):
                is_filled = batch.column(f"f{at}").is_valid()
                filled[at] += pc.sum(is_filled).as_py() or 0
                some = is_filled if some is None else pc.or_(some, is_filled)
            rows += (pc.sum(some).as_py() or 0) if some is not None else 0
            yield batch

    with work.room.reading.queries.stream(sql, seconds=MAX_SECONDS) as batches:
        work.files.write(_filled_key(work), schema, seen())
    return {"filled": filled, "rows": rows}


def _members(at: int) -> list[tuple[str, pa.DataType]]:
    """What `Waves.filled_sql` gives of one target, as the traces want it."""
    return [
        (f"f{at}", pa.large_string()),
        (f"p{at}", pa.int8()),
        (f"c{at}", pa.float32()),
        (f"m{at}", pa.int64()),
        (f"h{at}", pa.bool_()),
        (f"t{at}", pa.int64()),
    ]


def _ascending(row_ids: pa.Array, last: int) -> int:
    """The last of these ids. Raises _Unordered unless each is greater than the one before."""
    if not len(row_ids):
        return last
    rises = pc.all(pc.greater(row_ids.slice(1), row_ids.slice(0, len(row_ids) - 1))).as_py()
    if rises is False or row_ids[0].as_py() <= last:
        raise _Unordered
    found: int = row_ids[-1].as_py()
    return found


def write(work: Work, stand: Stand, filled: Json, context: StepContext) -> Json:
    """Write the new columns, the fills of old ones, the traces, and which rows failed."""
    plan, room = work.run.plan, work.room.reading.tables
    table_id, run_id = work.shape.manifest.table_id, work.run.id

    def pause() -> None:
        context.report(_progress(stand, "writing"))

    pause()
    new = [at for at, target in enumerate(plan.targets) if target.is_new]
    group = None
    if new:
        columns = [NewColumn(plan.targets[at].column, _origin(plan, at)) for at in new]
        group = write_group(room, table_id, run_id, _dense(work, new), columns, pause)
    fills = [
        write_fill(room, table_id, run_id, work.shape.columns[target.column], _values(work, at), pause)
        for at, target in enumerate(plan.targets)
        if not target.is_new and filled["filled"][at]
    ]
    physical = iter(group.columns if group else ())
    columns_of = tuple(
        next(physical).physical if target.is_new else work.shape.columns[target.column].physical
        for target in plan.targets
    )
    traces = write_traces(room, table_id, run_id, _traces(work), len(plan.targets), pause)
    written = _Written(group, tuple(fills), columns_of, tuple(traces), _failures(work, stand), filled["rows"])
    work.files.put(_written_key(work), msgspec.json.encode(written))
    return {"new": len(new), "fills": len(fills)}


def publish(work: Work, stand: Stand, filled: Json, context: StepContext) -> Json:
    """Make it the newest version of the table, and the run done, in one transaction."""
    with work.room.db.read() as connection:
        run = RunStore(connection, work.job.user_id).get(work.job.subject).run
    if run.status.is_over:
        return {}  # it died between this and the note of it
    written = msgspec.json.decode(work.files.get(_written_key(work)), type=_Written)
    is_cut_short = any(step.left for step in stand.steps)
    now = work.room.clock()
    counts = stand.counts(filled=filled["filled"])

    def finish(connection: Connection, version: int | None, change_id: int | None) -> None:
        RunStore(connection, work.job.user_id).change(
            run.id,
            now,
            status=RunStatus.STOPPED if is_cut_short else RunStatus.DONE,
            reason_code=LEFT if is_cut_short else None,
            reason="The budget was reached; what was found so far is in the table." if is_cut_short else None,
            counts=counts,
            cost_micros=counts.cost_micros,
            new_version=version,
            change_id=change_id,
            finished_at=now,
        )

    def also(connection: Connection, kept: Manifest, change_id: int) -> None:
        finish(connection, kept.version, change_id)

    if written.group is None and not written.fills and written.failures is None:
        with work.room.db.begin() as connection:
            finish(connection, None, None)
        return {}
    providers = tuple(step.provider for step in run.plan.steps)
    added = Added(run.id, written.columns, providers, written.traces, written.failures)
    wanted = Enrichment(work.shape.manifest, written.group, written.fills, added)
    kept = publish_enrichment(
        work.room.reading.tables,
        work.job.user_id,
        _ACTOR,
        wanted,
        written.rows,
        also,
        lambda: context.report(_progress(stand, "publishing")),
    )
    return {"version": kept.version}


def _origin(plan: Plan, target: int) -> str:
    providers = {plan.steps[step].provider for step, _ in plan.feeding(plan.targets[target].column)}
    return ORIGIN + (providers.pop() if len(providers) == 1 else SEVERAL)


def _dense(work: Work, targets: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """The new values of every row id there is; rows that are hidden or not meant have none."""
    names = [ROW_ID, *(f"f{at}" for at in targets)]
    schema = pa.schema([(ROW_ID, pa.int64()), *((name, pa.large_string()) for name in names[1:])])
    next_id = 0
    for batch in work.files.batches(_filled_key(work), names):
        first, last = batch.column(0)[0].as_py(), batch.column(0)[-1].as_py()
        if first > next_id:
            yield from _nothing(next_id, first, schema)
        if last - first + 1 == batch.num_rows:
            yield batch.cast(schema)
        else:
            every = pa.arange(first, last + 1)
            where = pc.index_in(every, batch.column(0))
            columns = [column.take(where) for column in batch.columns[1:]]
            yield pa.RecordBatch.from_arrays([every, *columns], schema=schema)
        next_id = last + 1
    yield from _nothing(next_id, work.shape.manifest.rows, schema)


def _nothing(first: int, stop: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    step = 64 * 1024
    for start in range(first, stop, step):
        ids = pa.arange(start, min(start + step, stop))
        nulls = [pa.nulls(len(ids), field.type) for field in schema][1:]
        yield pa.RecordBatch.from_arrays([ids, *nulls], schema=schema)


def _values(work: Work, target: int) -> Iterator[pa.RecordBatch]:
    """The rows that get a value for one target."""
    for batch in work.files.batches(_filled_key(work), [ROW_ID, f"f{target}"]):
        some = batch.filter(batch.column(1).is_valid())
        if some.num_rows:
            yield some


def _traces(work: Work) -> Iterator[pa.RecordBatch]:
    targets = len(work.run.plan.targets)
    schema = trace_schema(targets)
    for batch in work.files.batches(_filled_key(work), schema.names):
        yield batch.select(schema.names).cast(schema)


def _failures(work: Work, stand: Stand) -> str | None:
    """The key of a file with `_row_id`, `step`, `code` of what failed or was left; None when nothing did."""
    steps = [at for at, counts in enumerate(stand.steps) if counts.failed or counts.left]
    if not steps:
        return None
    waves = work.waves(stand)
    sql = " UNION ALL ".join(waves.failed_sql(step) for step in steps)
    key = work.files.key("failures.parquet")
    schema = pa.schema([(ROW_ID, pa.int64()), ("step", pa.int32()), ("code", pa.large_string())])
    with work.room.reading.queries.stream(f"{sql} ORDER BY 1, 2", seconds=MAX_SECONDS) as batches:
        work.files.write(key, schema, batches)
    return key


def _progress(stand: Stand, phase: str) -> Progress:
    return Progress(phase, 0, None, "rows", sum(step.found for step in stand.steps))


def _filled_key(work: Work) -> str:
    return work.files.key("filled.parquet")


def _written_key(work: Work) -> str:
    return work.files.key("written.json")
