"""From answers to the table: what every row gets, as a new column group, as fills, and with where it came from."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from muster.db.database import Connection
from muster.enrichments.filled import Filled, filled_schema
from muster.enrichments.model import LEFT, Plan, RunStatus
from muster.enrichments.steps import MAX_SECONDS, Stand, Work, release_memory
from muster.enrichments.store import RunStore
from muster.jobs.kinds import StepContext
from muster.jobs.model import Json, Progress
from muster.tables.enrich import Enrichment, publish_enrichment
from muster.tables.fills import Fill, write_fill
from muster.tables.groups import NewColumn, WrittenGroup, write_group
from muster.tables.model import ROW_ID, Added, Manifest, Traces
from muster.tables.provenance import write_traces

ORIGIN: Final = "enrichment:"
SEVERAL: Final = "several"
_ACTOR: Final = "enrichment"
_STRETCH_CELLS: Final = 4_000_000
_JOINED_STRETCH_CELLS: Final = 12_000_000
_LEAST_STRETCH_ROWS: Final = 128 * 1024
"""Rows are joined so many at a time, which bounds the memory of the sort; more where another table is worked out anew
each time."""


class _Written(msgspec.Struct, frozen=True):
    """What `write` left for `publish`: names of columns do not belong into what a job remembers."""

    group: WrittenGroup | None
    fills: tuple[Fill, ...]
    columns: tuple[str, ...]
    traces: tuple[Traces, ...]
    failures: str | None
    rows: int


def write(work: Work, stand: Stand, context: StepContext) -> Json:
    """Join all answers to the rows and write what they get: new columns, fills of old ones, traces, what failed.

    Returns how many rows get something, for each target and in all, and for joined steps what came of the rows.
    """
    with work.files.scratch() as path:
        filled = _joined(work, stand, path, context)
        work.queries.close()  # with it goes the memory of the joins; what failed is asked of a new one
        written = _written(work, stand, Filled(path), filled, context)
    work.files.put(_written_key(work), msgspec.json.encode(written))
    release_memory()
    return filled


def _joined(work: Work, stand: Stand, path: Path, context: StepContext) -> Json:
    """Put what every row gets into a file of this machine: it is read several times, and made again after a crash."""
    plan, waves = work.run.plan, work.waves(stand)
    targets = range(len(plan.targets))
    filled = [0] * len(plan.targets)
    outcomes: dict[str, Counter[str]] = {str(step): Counter() for step in sorted(stand.joined)}
    rows = 0
    schema = filled_schema(len(plan.targets), sorted(waves.answers))
    cells = _JOINED_STRETCH_CELLS if stand.joined else _STRETCH_CELLS
    stretch = max(_LEAST_STRETCH_ROWS, cells // len(schema))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for first in range(0, work.shape.manifest.rows, stretch):
            sql = waves.filled_sql(first, first + stretch)
            with work.queries.stream(sql, seconds=MAX_SECONDS) as batches:
                for batch in batches:
                    context.report(_progress(stand, "joining"))
                    some = pa.repeat(pa.scalar(False), batch.num_rows)
                    for at in targets:
                        is_filled = batch.column(f"f{at}").is_valid()
                        filled[at] += pc.sum(is_filled).as_py() or 0
                        some = pc.or_(some, is_filled)
                    rows += pc.sum(some).as_py() or 0
                    for step, counter in outcomes.items():
                        for each in pc.value_counts(batch.column(f"o{step}").drop_null()).to_pylist():
                            counter[each["values"]] += each["counts"]
                    writer.write_batch(batch.select(schema.names).cast(schema))
            release_memory()
    return {"filled": filled, "rows": rows, "joined": {step: dict(each) for step, each in outcomes.items()}}


def joined_counts(stand: Stand, written: Json) -> Stand:
    """`stand` with what came of the rows that were joined to other tables."""
    for step, outcomes in written["joined"].items():
        at = int(step)
        every, found, skipped = stand.steps[at].inputs, outcomes.get("found", 0), outcomes.get("skipped", 0)
        empty = every - found - skipped
        stand.steps[at] = replace(
            stand.steps[at],
            done=every,
            done_rows=every,
            asked=every,
            found=found,
            skipped=skipped,
            empty=empty,
        )
    return stand


def _written(work: Work, stand: Stand, source: Filled, filled: Json, context: StepContext) -> _Written:
    plan, room = work.run.plan, work.room.reading.tables
    table_id, run_id = work.shape.manifest.table_id, work.run.id

    def pause() -> None:
        context.report(_progress(stand, "writing"))

    pause()
    new = [at for at, target in enumerate(plan.targets) if target.is_new]
    with ThreadPoolExecutor(1) as beside:
        # Beside the columns: both are mostly compression, which needs no interpreter.
        traces = beside.submit(write_traces, room, table_id, run_id, source.traces(plan), len(plan.targets))
        group = None
        if new:
            columns = [NewColumn(plan.targets[at].column, _origin(plan, at)) for at in new]
            dense = source.dense(new, work.shape.manifest.rows)
            group = write_group(room, table_id, run_id, dense, columns, pause)
        fills = [
            write_fill(room, table_id, run_id, work.shape.columns[target.column], source.values(at), pause)
            for at, target in enumerate(plan.targets)
            if not target.is_new and filled["filled"][at]
        ]
        physical = iter(group.columns if group else ())
        columns_of = tuple(
            next(physical).physical if target.is_new else work.shape.columns[target.column].physical
            for target in plan.targets
        )
        failures = _failures(work, stand)
        return _Written(group, tuple(fills), columns_of, tuple(traces.result()), failures, filled["rows"])


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


def _failures(work: Work, stand: Stand) -> str | None:
    """The key of a file with `_row_id`, `step`, `code` of what failed or was left; None when nothing did."""
    steps = [at for at, counts in enumerate(stand.steps) if counts.failed or counts.left]
    if not steps:
        return None
    waves = work.waves(stand)
    sql = " UNION ALL ".join(waves.failed_sql(step) for step in steps)
    key = work.files.key("failures.parquet")
    schema = pa.schema([(ROW_ID, pa.int64()), ("step", pa.int32()), ("code", pa.large_string())])
    with work.queries.stream(f"{sql} ORDER BY 1, 2", seconds=MAX_SECONDS) as batches:
        work.files.write(key, schema, batches)
    return key


def _progress(stand: Stand, phase: str) -> Progress:
    return Progress(phase, 0, None, "rows", sum(step.found for step in stand.steps))


def _written_key(work: Work) -> str:
    return work.files.key("written.json")
