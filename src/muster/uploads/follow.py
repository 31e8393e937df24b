"""Follow the work on an upload, event by event."""

from collections.abc import Sequence

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.jobs.model import JobEvent
from muster.jobs.read import events_after
from muster.uploads.job_state import working_job
from muster.uploads.model import UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

_AT_ONCE = 200


def missed(room: UploadsRoom, principal: Principal, upload_id: str, number: int) -> Sequence[JobEvent]:
    """What happened to the jobs of an upload after event `number`, oldest first, some at a time."""
    with room.db.read() as connection:
        return events_after(connection, principal.user_id, upload_id, number, _AT_ONCE)


def is_at_rest(room: UploadsRoom, principal: Principal, upload_id: str) -> bool:
    """Whether nothing works on the upload and nothing of it is still coming; also when it was deleted."""
    with room.db.read() as connection:
        try:
            upload = UploadStore(connection, principal).get(upload_id)
        except NotFound:
            return True
        is_receiving = upload.status is UploadStatus.RECEIVING
        return not is_receiving and working_job(connection, principal, upload_id) is None
