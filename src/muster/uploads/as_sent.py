"""What an upload holds, as text columns under the names of its table, before any rule has looked at it."""

from collections.abc import Iterator

import pyarrow as pa

from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.uploads.build_source import portions_of
from muster.uploads.decide import decide
from muster.uploads.file_store import FileStore
from muster.uploads.mapping import apply_mapping
from muster.uploads.model import UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore


def as_sent(room: UploadsRoom, principal: Principal, upload_id: str) -> Iterator[pa.Table]:
    """The records in their order, a portion at a time; those that cannot be read at all are left out.

    The upload is looked up by this call, not by the first `next`. Raises NotFound, Forbidden, Conflict
    (`upload_not_complete`), InputError for a file that cannot be read.
    """
    with room.db.read() as connection:
        upload = UploadStore(connection, principal).get(upload_id)
        file = FileStore(connection, principal.user_id).get(upload_id)
    if upload.status is UploadStatus.RECEIVING:
        raise Conflict("This upload is not complete; nothing can be read yet.", code="upload_not_complete")
    decision = None if file is None else decide(room, principal.user_id, file)
    layout = None if decision is None else decision.layout
    portions = portions_of(room, upload, file, layout, None, room.scratch / f"try-{upload.id}")
    if decision is None:
        return (portion.table for portion in portions)
    return (apply_mapping(decision.mapping, portion.table) for portion in portions)
