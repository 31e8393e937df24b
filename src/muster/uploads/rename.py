"""Give an upload another name."""

from dataclasses import replace

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.uploads.model import Upload
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore


def rename(room: UploadsRoom, principal: Principal, upload_id: str, name: str) -> Upload:
    """name: already checked by `records.parse.name_problem`. Raises NotFound, Forbidden."""
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.get(upload_id)
        store.rename(upload_id, name)
        audit.record(connection, principal, "upload.renamed", upload_id, {}, room.clock())
    return replace(upload, name=name)
