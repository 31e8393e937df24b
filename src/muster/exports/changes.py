"""Exports since the last one: prepared rows are compared with what the destination has, and what it has is noted anew."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.exports.leaving import Leaving
from muster.exports.model import CHANGE, Change, Counts, Definition, Export, Outcome, OutcomePart, Reason
from muster.exports.outcomes import OutcomeRows, RowOutcome, keep_outcomes, outcomes_key
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore, State
from muster.exports.work import chunks, local_file, rows_key, scratch_file, work_key
from muster.ids import UserId
from muster.jobs.model import Json
from muster.objects.keys import export_state
from muster.tables.compare import RowSet, compare, repeated, settle

_TEXT: Final = pa.large_string()
_SLICE_ROWS: Final = 16 * 1024


def shape_of(definition: Definition) -> RowSet:
    """The columns as they are kept, and which are the key."""
    numbers = {name: f"c{at}" for at, name in enumerate(definition.output_names)}
    return RowSet(tuple(numbers.values()), tuple(numbers[name] for name in definition.key))


def changes_key(export_id: str) -> str:
    return work_key(export_id, "changes.parquet")


def state_of(room: ExportsRoom, user_id: UserId, series: str) -> State | None:
    """What the destination of a series has; None before the first export since the last one."""
    with room.db.read() as connection:
        return ExportStore(connection, user_id).state(series)


def find_changes(room: ExportsRoom, export: Export, portions: int, before: str | None, number: int) -> Json:
    """Compare the prepared rows with what was sent; returns how many of each there are.

    portions: of prepared rows; before: the object of the state, None for none; number: of the outcomes to tell of.
    """
    limits = room.reading.tables.engine
    now = [local_file(room, rows_key(export.id, at)) for at in range(portions)]
    shape = shape_of(export.definition)
    with scratch_file(room) as path:
        found = compare(limits, shape, now, _files(room, before), path)
        room.objects.put(changes_key(export.id), chunks(path))
    told = OutcomeRows()
    if found.repeated:
        for position, upload_id, row_id in repeated(limits, now):
            told.add(RowOutcome(position, upload_id, row_id, Outcome.LEFT_OUT, Reason.REPEATED_KEY))
    part = keep_outcomes(room.objects, export.id, number, told)
    return {
        "joined": found.joined,
        "changed": found.changed,
        "left": found.left,
        "unchanged": found.unchanged,
        "repeated": found.repeated,
        "part": None if part is None else [part.number, part.written, part.failed, part.left_out],
    }


def with_changes(counts: Counts, found: Json) -> Counts:
    """The counts with what comparing found."""
    left_out = dict(counts.left_out)
    for reason, name in ((Reason.UNCHANGED, "unchanged"), (Reason.REPEATED_KEY, "repeated")):
        if found[name]:
            left_out[reason] = left_out.get(reason, 0) + found[name]
    part = found["part"]
    return Counts(
        seen=counts.seen,
        written=counts.written,
        failed=counts.failed,
        left_out=left_out,
        failures=counts.failures,
        unhashed=counts.unhashed,
        joined=found["joined"],
        changed=found["changed"],
        left=found["left"],
        dismissed=counts.dismissed,
        parts=counts.parts if part is None else (*counts.parts, OutcomePart(*part)),
        place=counts.place,
    )


def read_changes(room: ExportsRoom, export: Export, offset: int = 0) -> Iterator[Leaving]:
    """What is different, from a row on: first what joined or changed, then what left; never both in one batch."""
    names = export.definition.output_names
    with pq.ParquetFile(local_file(room, changes_key(export.id)), memory_map=True) as file:
        begin = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if begin + rows > offset:
                table = file.read_row_group(group).slice(max(0, offset - begin))
                yield from _leaving(table, names)
            begin += rows


def file_schema(definition: Definition) -> pa.Schema:
    """Of a file of changes: the columns, then what each row is."""
    return pa.schema([*((name, _TEXT) for name in definition.output_names), (CHANGE, _TEXT)])


def file_batches(room: ExportsRoom, export: Export) -> Iterator[pa.RecordBatch]:
    """The changes as rows of a file."""
    schema = file_schema(export.definition)
    for leaving in read_changes(room, export):
        columns = [*leaving.rows.columns, pa.array(leaving.changes, _TEXT)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def keep_state(room: ExportsRoom, export: Export, before: str | None, counts: Counts) -> Json:
    """Note what the destination has now: what it had, with what is different, but for the rows it refused."""
    key = export_state(export.series, export.id)
    failed = [local_file(room, outcomes_key(export.id, part.number)) for part in counts.parts if part.failed]
    with scratch_file(room) as path:
        rows = settle(
            room.reading.tables.engine,
            shape_of(export.definition),
            _files(room, before),
            local_file(room, changes_key(export.id)),
            failed,
            path,
        )
        room.objects.put(key, chunks(path))
    return {"object_key": key, "rows": rows}


def _leaving(table: pa.Table, names: Sequence[str]) -> Iterator[Leaving]:
    gone = pc.equal(table["change"], str(Change.LEFT))
    for part in (table.filter(pc.invert(gone)), table.filter(gone)):
        for batch in part.combine_chunks().to_batches(_SLICE_ROWS):
            yield Leaving(
                rows=pa.record_batch(
                    [batch.column(f"c{at}").cast(_TEXT) for at in range(len(names))], names=list(names)
                ),
                positions=batch.column("position").to_pylist(),
                upload_ids=batch.column("upload_id").to_pylist(),
                row_ids=batch.column("row_id").to_pylist(),
                changes=tuple(Change(change) for change in batch.column("change").to_pylist()),
                keys=batch.column("key").to_pylist(),
                digests=batch.column("digest").to_pylist(),
            )


def _files(room: ExportsRoom, key: str | None) -> Sequence[Path]:
    return [] if key is None else [local_file(room, key)]
