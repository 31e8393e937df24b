"""The end of an export: its file where it belongs, its counts, its state, noted in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from muster.accounts import audit
from muster.db.database import Connection
from muster.errors import NotFound
from muster.exports.destination import ExportFile, FileDestination
from muster.exports.destinations.download import Download
from muster.exports.erase_job import enqueue_tidying
from muster.exports.model import Counts, ExportStatus, StoredFile
from muster.exports.opened import OpenExport
from muster.exports.render import file_name, media_type
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore, State
from muster.exports.work import drop_work, load_export, part_key, principal_of
from muster.jobs.kinds import StepContext
from muster.jobs.model import Job, JobState, Json, Progress

_ENDINGS = {JobState.CANCELLED: ExportStatus.CANCELLED}


def store_outside(room: ExportsRoom, opened: OpenExport, sizes: Sequence[int], context: StepContext) -> Json:
    """Hand the finished file to its destination; returns whether it stays here."""
    export, destination = opened.export, opened.destination
    definition = export.definition
    assert isinstance(destination, FileDestination)  # noqa: S101 - asked of those that take files
    assert definition.format is not None  # noqa: S101 - and so is this
    total, sent = sum(sizes), 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        sent = 0
        for number, _ in enumerate(sizes):
            for piece in room.objects.stream(part_key(export.id, number)):
                sent += len(piece)
                context.report(Progress("storing", sent, total))
                yield piece

    file = ExportFile(file_name(definition), media_type(definition.format), total, stream)
    destination.store(file, opened.call)
    return {"stays": isinstance(destination, Download)}


def finish(
    room: ExportsRoom, job: Job, counts: Counts, sizes: Sequence[int], state: Json | None, *, stays: bool
) -> Json:
    """Note the end. sizes: of the file's parts; state: what the destination has now, of exports since the last one."""
    now = room.clock()
    export = load_export(room, job.user_id, job.subject)
    file = None
    if sizes and stays:
        parts = tuple((part_key(export.id, number), size) for number, size in enumerate(sizes))
        file = StoredFile(file_name(export.definition), sum(sizes), parts)
    status = ExportStatus.DONE_WITH_FAILURES if counts.failed else ExportStatus.DONE
    before: str | None = None
    with room.db.begin() as connection:
        store = ExportStore(connection, job.user_id)
        ended = store.change(
            export.id,
            now,
            status=status,
            counts=counts,
            # Somebody who was erased since the rows were counted is no row any more.
            rows=counts.written + counts.failed + counts.left_out_rows,
            file=file,
            expires_at=None if file is None else now + room.file_life,
            finished_at=now,
        )
        if not ended:
            return {}  # noted before a crash
        if state is not None:
            old = store.state(export.series)
            before = None if old is None or old.object_key == state["object_key"] else old.object_key
            store.put_state(export.series, State(state["object_key"], state["rows"], export.id), now)
        audit.record(
            connection,
            principal_of(job.user_id),
            "export.finished",
            export.id,
            {"written": counts.written, "failed": counts.failed, "left_out": counts.left_out_rows},
            now,
        )
    if before is not None:
        room.objects.delete(before)
    return {}


def tidy(room: ExportsRoom, export_id: str, *, stays: bool) -> Json:
    """Delete what only the job needed, and a file that lies elsewhere now."""
    return {"objects": drop_work(room, export_id, file=not stays)}


def end_export(connection: Connection, job: Job, state: JobState, room: ExportsRoom) -> None:
    """What an export is whose job did not succeed; its leftovers go by another job."""
    now = room.clock()
    store = ExportStore(connection, job.user_id)
    try:
        export = store.get(job.subject)
    except NotFound:
        return  # it was deleted
    status = _ENDINGS.get(state, ExportStatus.FAILED)
    counts = export.counts
    if export.definition.format is not None:
        # The file is dropped, wherever it got to, and so nothing was written.
        counts = replace(counts, written=0)
    changed = store.change(
        export.id,
        now,
        status=status,
        counts=counts,
        reason_code=job.reason_code,
        reason=job.reason,
        finished_at=now,
    )
    if changed:
        enqueue_tidying(connection, job.user_id, export.id, now)
