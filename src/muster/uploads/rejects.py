"""The rejects of an upload as they are now: those of its table, or of the batch it came as."""

from collections.abc import Iterator

import msgspec

from muster.accounts.model import Principal
from muster.objects.frames import frame_chunks, read_index
from muster.objects.keys import rejects as batch_rejects_key
from muster.tables.manifest import load_manifest
from muster.tables.model import TableId
from muster.tables.publish import newest
from muster.uploads.model import Upload
from muster.uploads.room import UploadsRoom


class RejectHead(msgspec.Struct):
    """Of a stored reject, which record of the upload it was and what is wrong with it."""

    row: int
    code: str
    line_number: int | None = None
    field: str | None = None


_head = msgspec.json.Decoder(RejectHead)
_raws = msgspec.json.Decoder(list[msgspec.Raw])


def rejects_key_of(room: UploadsRoom, principal: Principal, upload: Upload) -> str | None:
    """Where the rejects of an upload lie; None when it has none."""
    with room.db.read() as connection:
        pointer = newest(connection, principal.user_id, TableId(upload.id))
    if pointer is not None:
        return load_manifest(room.tables, pointer.table_id, pointer.version).rejects_key
    return batch_rejects_key(upload.id) if upload.rows_rejected else None


def head_of(raw: msgspec.Raw) -> RejectHead:
    """A stored reject without its values."""
    return _head.decode(raw)


def row_of(raw: msgspec.Raw) -> int:
    """Which record of the upload a stored reject was."""
    return head_of(raw).row


def stored_rejects(room: UploadsRoom, key: str) -> Iterator[msgspec.Raw]:
    """Every reject in one object, by row, a frame at a time. Raises NotFound, Unavailable."""
    for chunk in frame_chunks(room.objects, key, read_index(room.objects, key)):
        yield from _raws.decode(b"".join((b"[", chunk, b"]")))
