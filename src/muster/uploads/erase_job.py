"""The job that deletes the bytes of an upload whose row is gone."""

import shutil

from muster.db.database import Connection
from muster.errors import Unavailable
from muster.ids import UploadId
from muster.jobs.abandon import abandon
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.objects.keys import upload_prefix
from muster.tables.erase import erase_table
from muster.tables.model import TableId
from muster.uploads.decide import local_copies
from muster.uploads.job_state import ERASE
from muster.uploads.room import UploadsRoom

_FOLD_SECONDS = 5.0


def erase_kind(room: UploadsRoom) -> JobKind:
    """The kind `erase_upload`; its subject is the upload."""

    def run(run: JobRun) -> None:
        upload_id = UploadId(run.job.subject)
        run.step("objects", lambda context: _delete_objects(room, upload_id, context))
        run.step("others", lambda _context: _end_others(room, upload_id, run.job.id))
        # Once more: a job that was still running may have written until it heard that it is cancelled.
        run.step("rest", lambda context: _delete_objects(room, upload_id, context))
        run.step("traces", lambda _context: _fold(room))

    return JobKind(ERASE, run, _ended)


def _delete_objects(room: UploadsRoom, upload_id: UploadId, context: StepContext) -> Json:
    deleted = 0

    def count() -> None:
        nonlocal deleted
        deleted += 1
        context.report(Progress("deleting", deleted, unit="objects"))

    prefix = upload_prefix(upload_id)
    for found in room.objects.list(prefix):
        room.objects.delete(found.key)
        count()
    room.tables.cache.forget(prefix)
    shutil.rmtree(local_copies(room, upload_id), ignore_errors=True)
    erase_table(room.tables, TableId(upload_id), deleted=count)
    return {"objects": deleted}


def _end_others(room: UploadsRoom, upload_id: UploadId, own_id: str) -> Json:
    with room.db.begin() as connection:
        running = abandon(connection, upload_id, room.clock(), but={own_id})
    if running:
        # An outage to the retries: they wait and look again.
        raise Unavailable("A job still works on this upload and was told to stop.", retry_after_seconds=1)
    return {}


def _fold(room: UploadsRoom) -> Json:
    """Deleted rows live on in the write-ahead log until it is folded into the database."""
    if not room.db.fold_log(_FOLD_SECONDS):
        raise Unavailable("The database is in use; its log is folded in later.", retry_after_seconds=5)
    return {}


def _ended(connection: Connection, job: Job, state: JobState) -> None:
    """Nothing to tell anyone: the upload is gone, and what is left of its bytes the sweep takes."""
    del connection, job, state
