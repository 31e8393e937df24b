"""Delete uploads: rows before bytes, so that nothing visible ever points at nothing.

The row goes in the answer's transaction, and with it the upload is gone from every read. A batch nobody
worked on yet loses its few objects at once. Files, tables and whatever a job may still be writing are deleted
by a job (`erase_job.py`), which also waits until that other job is over.
"""

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.jobs.abandon import abandon
from muster.jobs.enqueue import enqueue
from muster.tables.dependants import named, told
from muster.tables.erase import withdraw
from muster.tables.model import TableId
from muster.uploads.job_state import ERASE
from muster.uploads.model import Source
from muster.uploads.receive import discard_objects
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

_FOLD_SECONDS = 0.2


def erase(room: UploadsRoom, principal: Principal, upload_id: str, *, cascade: bool = False) -> None:
    """Delete one upload; it is gone from every read when this returns.

    cascade: what is made from it (segments, exports) goes too. Raises NotFound (also the second time), Forbidden,
    Conflict (`upload_in_use`) naming what is made from it.
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.locked(upload_id)
        if not cascade:
            _refuse_in_use(room, connection, principal, upload_id)
        rests = [each.remove(connection, principal, upload_id, now) for each in room.dependants]
        store.remove(upload_id)
        had_table = withdraw(connection, principal.user_id, TableId(upload_id))
        running = abandon(connection, upload_id, now)
        by_job = had_table or running > 0 or upload.source is Source.FILE
        if by_job:
            enqueue(connection, ERASE, principal.user_id, upload_id, {}, now, unit="objects")
        audit.record(connection, principal, "upload.deleted", upload_id, {"rows": upload.rows_accepted}, now)
    for rest in rests:
        rest()
    if not by_job:
        discard_objects(room, upload.id)
        # Best effort here: whoever is reading at this moment keeps the log; the sweep folds it in later.
        room.db.fold_log(_FOLD_SECONDS)


def _refuse_in_use(room: UploadsRoom, connection: Connection, principal: Principal, upload_id: str) -> None:
    found = [each for part in room.dependants for each in part.of(connection, principal.user_id, upload_id)]
    if found:
        raise Conflict(
            f"{told(found)} made from this upload. Delete that first, or all of it with `cascade=true`.",
            code="upload_in_use",
            issues=named(found, "upload_in_use"),
        )
