"""What a job that was cancelled or failed never looked at: the rest of the upload, as it was sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.errors import Conflict, InputError, NotFound
from muster.jobs.model import Job
from muster.jobs.read import newest_job
from muster.tables.formats.lines import TEXT
from muster.uploads.build_plan import BuildPlan, load_notes, load_plan
from muster.uploads.build_source import portions_of
from muster.uploads.decide import decide
from muster.uploads.file_model import UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.readers.model import FileFormat, Layout, Portion, Reject
from muster.uploads.room import UploadsRoom

_BATCH_ROWS = 4096
_GROWING = frozenset({FileFormat.JSON, FileFormat.NDJSON})

Batches = Callable[[], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class _Rest:
    """Where the rest of an upload starts; layout: None for a batch."""

    file: UploadFile | None
    layout: Layout | None
    position: Mapping[str, Any] | None


def unprocessed_rows(
    room: UploadsRoom, principal: Principal, upload: Upload
) -> tuple[Sequence[str], Batches]:
    """The columns as they were sent, and batches of them with `_row` and `_value` behind; none when all is done.

    Raises Conflict (`file_unreadable`), Unavailable.
    """
    rest = _rest(room, principal, upload)
    if rest is None:
        return (), lambda: iter(())

    def portions() -> Iterator[Portion]:
        room.scratch.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="rest-", dir=room.scratch) as scratch:
            found = portions_of(room, upload, rest.file, rest.layout, rest.position, Path(scratch))
            with closing(found):  # type: ignore[type-var]
                yield from found

    names = () if rest.layout is None else rest.layout.columns
    if rest.layout is None or rest.layout.format in _GROWING or not names:
        names = tuple(_names_in(portions()))
    return names, lambda: _batches(portions(), names)


def _rest(room: UploadsRoom, principal: Principal, upload: Upload) -> _Rest | None:
    if upload.status not in {UploadStatus.CANCELLED, UploadStatus.FAILED}:
        return None
    with room.db.read() as connection:
        job = newest_job(connection, principal.user_id, upload.id)
        file = FileStore(connection, principal.user_id).get(upload.id)
    notes = [] if job is None else load_notes(room, job)
    if notes and notes[-1].position is None:
        return None
    position = notes[-1].position if notes else None
    return _Rest(file, None if file is None else _layout(room, principal, job, file), position)


def _layout(room: UploadsRoom, principal: Principal, job: Job | None, file: UploadFile) -> Layout | None:
    """As the job read it; as it would have, when it did not come so far."""
    plan = None if job is None else _plan(room, job)
    if plan is not None:
        return plan.layout
    try:
        return decide(room, principal.user_id, file).layout
    except InputError as error:
        raise Conflict(
            f"The rows of this file cannot be told apart. {error.message}", code="file_unreadable"
        ) from error


def _plan(room: UploadsRoom, job: Job) -> BuildPlan | None:
    """None for a job that ended before it had one."""
    try:
        return load_plan(room, job)
    except NotFound:
        return None


def _names_in(portions: Iterator[Portion]) -> list[str]:
    """The columns of all portions, for formats that find them while reading."""
    names: dict[str, None] = {}
    for portion in portions:
        names.update(dict.fromkeys(portion.table.column_names))
        for reject in portion.rejects:
            names.update(dict.fromkeys(reject.values or ()))
    return list(names)


def _batches(portions: Iterator[Portion], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for portion in portions:
        if not portion.rejects:
            yield from _table_batches(portion, names)
        else:
            yield from _mixed_batches(portion, names)


def _table_batches(portion: Portion, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    there = set(portion.table.column_names)
    size = portion.table.num_rows
    columns = [portion.table[name] if name in there else pa.nulls(size, TEXT) for name in names]
    whole = pa.table(
        [*columns, portion.rows, pa.nulls(size, TEXT)], names=[str(at) for at in range(len(names) + 2)]
    )
    for start in range(0, size, _BATCH_ROWS):
        yield from whole.slice(start, _BATCH_ROWS).combine_chunks().to_batches()


def _mixed_batches(portion: Portion, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Good rows and bad ones in their places."""
    good = portion.table.append_column("_row", portion.rows).combine_chunks()
    places = ((row, at) for at, row in enumerate(portion.rows.to_pylist()))
    rejects = ((reject.row, reject) for reject in portion.rejects)
    order: Iterator[tuple[int, int | Reject]] = merge(places, rejects, key=itemgetter(0))
    while held := [each for _, each in islice(order, _BATCH_ROWS)]:
        yield _mixed(good, names, held)


def _mixed(good: pa.Table, names: Sequence[str], held: Sequence[int | Reject]) -> pa.RecordBatch:
    """good: the portion's rows, `_row` last. held: places in it, and rejects."""
    rejects = [each if isinstance(each, Reject) else None for each in held]
    taken = good.take(pa.array([None if isinstance(each, Reject) else each for each in held], pa.int64()))
    there = set(good.column_names[:-1])
    columns: list[pa.Array] = []
    for name in names:
        told = pa.array([each and (each.values or {}).get(name) for each in rejects], TEXT)
        columns.append(pc.coalesce(taken[name].combine_chunks(), told) if name in there else told)
    numbers = pa.array([each and each.row for each in rejects], pa.int64())
    columns.append(pc.coalesce(taken.column(taken.num_columns - 1).combine_chunks(), numbers))
    columns.append(
        pa.array([each.original if each and each.values is None else None for each in rejects], TEXT)
    )
    return pa.record_batch(columns, names=[str(at) for at in range(len(columns))])
