"""Stop, pause and go on with the work on an upload."""

from collections.abc import Callable
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.jobs import control
from muster.jobs.model import Job
from muster.uploads.job_state import working_job
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

_Ask = Callable[[Connection, UserId, str, datetime], Job]


def cancel(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    """End the work on an upload; its bytes stay, and `reprocess` starts again. Returns it as it is then.

    A running job stops within two seconds and makes the status `cancelled`; an upload that only waits for a
    mapping is cancelled at once. Raises NotFound, Forbidden, Conflict (`nothing_to_cancel`).
    """
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        store.get(upload_id)
        job = working_job(connection, principal, upload_id)
        if job is not None:
            control.cancel(connection, principal.user_id, job.id, room.clock())
        elif not store.move(upload_id, {UploadStatus.UPLOADED}, UploadStatus.CANCELLED, "cancelled_by_user"):
            raise Conflict(
                "Nothing works on this upload. A file that is still coming is given up by deleting it.",
                code="nothing_to_cancel",
            )
        audit.record(connection, principal, "upload.cancelled", upload_id, {}, room.clock())
        return store.get(upload_id)


def pause(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    """Let the job rest after the step it is in. Raises NotFound, Forbidden, Conflict (`nothing_to_pause`)."""
    return _ask(room, principal, upload_id, control.pause, "nothing_to_pause")


def resume(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    """Let a paused job go on. Raises NotFound, Forbidden, Conflict (`nothing_to_resume`)."""
    return _ask(room, principal, upload_id, control.resume, "nothing_to_resume")


def _ask(room: UploadsRoom, principal: Principal, upload_id: str, ask: _Ask, refusal: str) -> Upload:
    with room.db.begin() as connection:
        upload = UploadStore(connection, principal).get(upload_id)
        job = working_job(connection, principal, upload_id)
        if job is None:
            raise Conflict("Nothing works on this upload at the moment.", code=refusal)
        ask(connection, principal.user_id, job.id, room.clock())
        return upload
