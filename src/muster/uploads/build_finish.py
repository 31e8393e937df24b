"""The last steps of a build: duplicates, profile, and the transaction that makes the table the upload's own."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from muster.accounts import keys
from muster.db.database import Connection
from muster.errors import InputError, LimitError, NotSignedIn
from muster.jobs.kinds import StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.objects.keys import table_file, upload_prefix
from muster.tables.manifest import keep, load_manifest
from muster.tables.model import Group, Manifest, TableId
from muster.tables.profile import build_profile, store_profile
from muster.tables.profile_counts import ValueCounts
from muster.tables.publish import newest, point_to, size_bytes
from muster.tables.rejects import concatenate
from muster.tables.write import WrittenPart, load_part
from muster.uploads.build_duplicates import find_duplicates, keep_duplicates, load_duplicates, merge_rejects
from muster.uploads.build_plan import (
    PortionNote,
    all_rejects_key,
    check_is_current,
    issues_key,
    load_notes,
    load_plan,
    principal_of,
    rejects_key,
)
from muster.uploads.model import Source, Upload, UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

log = structlog.get_logger("muster.uploads")

_UNFINISHED = frozenset({UploadStatus.UPLOADED, UploadStatus.PROCESSING})


def settle_duplicates(room: UploadsRoom, job: Job, context: StepContext) -> Json:
    """Apply the rules that need the whole upload; they see what the others left."""
    notes = load_notes(room, job)
    context.report(_progress("comparing", notes))
    plan = load_plan(room, job)
    found = find_duplicates(room, job, plan.rules, _draft(room, job, notes))
    keep_duplicates(room, job, found)
    return {"rejected": found.hidden_rows, "issues": found.issues}


def profile_table(room: UploadsRoom, job: Job, counts: ValueCounts | None, context: StepContext) -> Json:
    """Describe the finished columns. counts: of the rows, where they were counted while they were written."""
    notes = load_notes(room, job)
    manifest = _draft(room, job, notes, with_duplicates=True)
    kinds = {column.physical: column.kinds for column in _parts(room, job, notes)[-1].state.columns}

    def pause() -> None:
        context.report(_progress("profiling", notes))

    profile = build_profile(room.tables, manifest, kinds, counts=counts, pause=pause)
    store_profile(room.tables, _profile_key(job), profile)
    return {"columns": len(profile.columns)}


def publish_table(room: UploadsRoom, job: Job, context: StepContext) -> Json:
    """Store the manifest and, in one transaction, point to it and finish the upload.

    Raises NotFound when the upload was deleted meanwhile, or another job has taken over.
    """
    notes = load_notes(room, job)
    context.report(_progress("publishing", notes))
    manifest = replace(_draft(room, job, notes, with_duplicates=True), profile_key=_profile_key(job))
    status = UploadStatus.READY_WITH_ERRORS if manifest.rows_rejected else UploadStatus.READY
    with room.db.read() as connection:
        manifest, is_new = _next_version(room, connection, job, manifest)
    if is_new:
        manifest = keep(room.tables, _with_rejects(room, job, notes, manifest))
    with room.db.begin() as connection:
        if is_new:
            _finish(room, connection, job, manifest, status, None)
        else:  # it died between this and the note of it, and has begun anew
            UploadStore(connection, principal_of(job)).move(job.subject, _UNFINISHED, status, None)
    return {"rows_accepted": manifest.visible_rows, "rows_rejected": manifest.rows_rejected}


def end_upload(room: UploadsRoom, connection: Connection, job: Job, state: JobState) -> None:
    """A build that did not end well: say so, and keep what it had done as the upload's table."""
    store = UploadStore(connection, principal_of(job))
    if store.job_of(job.subject) != job.id or store.get(job.subject).status not in _UNFINISHED:
        return  # deleted, taken over by another job, or ended before
    status = UploadStatus.CANCELLED if state is JobState.CANCELLED else UploadStatus.FAILED
    notes = load_notes(room, job)
    if not notes:
        store.move(job.subject, _UNFINISHED, status, job.reason)
        _count_usage(room, store, job)
        return
    manifest, _ = _next_version(room, connection, job, _draft(room, job, notes))
    kept = keep(room.tables, _with_rejects(room, job, notes, manifest))
    _finish(room, connection, job, kept, status, job.reason)


def _draft(
    room: UploadsRoom, job: Job, notes: Sequence[PortionNote], *, with_duplicates: bool = False
) -> Manifest:
    """The table so far, not stored yet."""
    written = _parts(room, job, notes)
    last = notes[-1]
    manifest = Manifest(
        table_id=TableId(job.subject),
        version=1,
        parent=None,
        made_by=job.id,
        rows=last.total_accepted,
        rows_received=last.total_accepted + last.total_rejected,
        rows_rejected=last.total_rejected,
        columns=written[-1].state.final(),
        groups=(Group(tuple(each.part for each in written if each.part is not None)),),
        issues=tuple(issues_key(job, note.number) for note in notes if note.issues),
        issues_rows=sum(note.issues for note in notes),
        noted=(job.id, last.number),
    )
    if not with_duplicates:
        return manifest
    found = load_duplicates(room, job)
    return replace(
        manifest,
        hidden_key=found.hidden_key,
        hidden_rows=found.hidden_rows,
        rows_rejected=manifest.rows_rejected + found.hidden_rows,
        issues=(*manifest.issues, *found.issues_keys),
        issues_rows=manifest.issues_rows + found.issues,
    )


def _parts(room: UploadsRoom, job: Job, notes: Sequence[PortionNote]) -> Sequence[WrittenPart]:
    return [load_part(room.tables, TableId(job.subject), job.id, note.number) for note in notes]


def _with_rejects(room: UploadsRoom, job: Job, notes: Sequence[PortionNote], manifest: Manifest) -> Manifest:
    """With all rejects in one file, by row."""
    if not manifest.rows_rejected:
        return manifest
    keys = [rejects_key(job, note.number) for note in notes if note.rejected]
    if manifest.hidden_rows:
        merge_rejects(room, keys, load_duplicates(room, job), all_rejects_key(job))
    else:
        concatenate(room.tables, keys, all_rejects_key(job))
    return replace(manifest, rejects_key=all_rejects_key(job))


def _next_version(
    room: UploadsRoom, connection: Connection, job: Job, manifest: Manifest
) -> tuple[Manifest, bool]:
    """The manifest as the next version of its table; False when this job has published it before."""
    pointer = newest(connection, job.user_id, manifest.table_id)
    if pointer is None:
        return manifest, True
    before = load_manifest(room.tables, manifest.table_id, pointer.version)
    if before.made_by == job.id:
        return before, False
    return replace(manifest, version=pointer.version + 1, parent=pointer.version), True


def _finish(
    room: UploadsRoom,
    connection: Connection,
    job: Job,
    manifest: Manifest,
    status: UploadStatus,
    reason: str | None,
) -> None:
    """Point to the table and bring the upload's row in line with it."""
    check_is_current(connection, job)
    store = UploadStore(connection, principal_of(job))
    upload = store.get(job.subject)
    if upload.source is Source.FILE and manifest.parent is None:
        _spend_rows(connection, job, manifest.visible_rows)
    point_to(room.tables, connection, job.user_id, manifest)
    names = tuple(column.name for column in manifest.columns)
    store.finish(
        replace(
            upload,
            status=status,
            status_reason=reason,
            rows_received=manifest.rows_received,
            rows_accepted=manifest.visible_rows,
            rows_rejected=manifest.rows_rejected,
            fields=upload.fields if upload.fields_declared else names,
            stored_bytes=_received_bytes(room, upload) + size_bytes(manifest),
        )
    )
    _count_usage(room, store, job)


def _spend_rows(connection: Connection, job: Job, rows: int) -> None:
    """A batch counts against its key's quota when it comes; how many rows a file has is known only now."""
    try:
        keys.spend_rows(connection, principal_of(job), rows)
    except NotSignedIn:
        log.info("upload.key_revoked", job_id=job.id)  # it was good when the file was taken in
    except LimitError as refused:  # no outage: waiting does not help
        raise InputError(refused.message, code=refused.error_code) from refused


def _received_bytes(room: UploadsRoom, upload: Upload) -> int:
    """Bytes of what was sent, as it lies in the store."""
    return sum(info.size_bytes for info in room.objects.list(upload_prefix(upload.id)))


def _count_usage(room: UploadsRoom, store: UploadStore, job: Job) -> None:
    upload = store.get(job.subject)
    now = room.clock()
    seconds = max(0, round((now - upload.created_at).total_seconds()))
    store.count_usage(upload, now.date().isoformat(), seconds)


def _profile_key(job: Job) -> str:
    return table_file(job.subject, job.id, "profile.json")


def _progress(phase: str, notes: Sequence[PortionNote]) -> Progress:
    last = notes[-1]
    return Progress(
        phase, last.done_bytes, last.done_bytes, "bytes", last.total_accepted, last.total_rejected
    )
