"""Make the table of an upload again, from the bytes that are there."""

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.uploads.file_model import AWAITING_MAPPING
from muster.uploads.job_state import start_build, working_job
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

RESTING = frozenset(
    {
        UploadStatus.UPLOADED,
        UploadStatus.READY,
        UploadStatus.READY_WITH_ERRORS,
        UploadStatus.FAILED,
        UploadStatus.CANCELLED,
    }
)
"""Nothing works on an upload in these; its bytes are there as a whole."""


def reprocess(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    """Queue a new job on the same bytes; the table there is stays readable until the new one is done.

    Raises NotFound, Forbidden, Conflict: `upload_busy`, `upload_not_complete`, `mapping_undecided`.
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.get(upload_id)
        if working_job(connection, principal, upload_id) is not None:
            raise Conflict("A job works on this upload already. Cancel it first.", code="upload_busy")
        if upload.status_reason == AWAITING_MAPPING:
            raise Conflict("Decide the mapping of this file first.", code="mapping_undecided")
        if not store.move(upload_id, RESTING, UploadStatus.UPLOADED, None):
            raise Conflict(
                "This upload is not complete; nothing can be read yet.", code="upload_not_complete"
            )
        start_build(connection, principal, upload.id, upload.size_bytes, now)
        audit.record(connection, principal, "upload.reprocessed", upload_id, {}, now)
        return store.get(upload_id)
