"""Take a whole file in with one request: its bytes go to the store as they arrive, then the rows follow."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from muster.accounts import audit, upload_tokens
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import InputError, MusterError, StorageFull
from muster.ids import UploadId, new_upload_id
from muster.objects.keys import file_part, upload_prefix
from muster.records.parse import MAX_NAME_CHARACTERS
from muster.uploads.file_model import AWAITING_MAPPING, FilePart, FileWish, UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.job_state import start_build
from muster.uploads.model import Source, Upload, UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore
from muster.web.metrics import BODY_BYTES
from muster.web.stream import at_most

log = structlog.get_logger("muster.uploads")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The bytes of a file that lie in the store and belong to nobody yet. sha256: in hex."""

    upload_id: UploadId
    part: FilePart
    sha256: str


@dataclass(frozen=True, slots=True)
class FileReceipt:
    """What the sender of a file is told once it is durable."""

    upload: Upload
    file: UploadFile
    upload_token: str


def store_file(room: UploadsRoom, pieces: Iterator[bytes]) -> StoredFile:
    """Write the bytes of a file as they come, hashing on the way, in constant memory; runs in a thread.

    When this raises, nothing was stored; what `pieces` raises passes through.
    Raises PayloadTooLarge over `max_file_bytes`, InputError for an empty file, StorageFull, Unavailable.
    """
    upload_id = new_upload_id(room.clock())
    digest = hashlib.sha256()
    key = file_part(upload_id, 0)
    try:
        size_bytes = room.objects.put(key, _hashed(at_most(pieces, room.max_file_bytes), digest.update))
    except BaseException:
        # A flush that failed after the last byte may have left the whole object.
        discard_file(room, upload_id)
        raise
    if size_bytes == 0:
        discard_file(room, upload_id)
        raise InputError("The file is empty; there is nothing to upload.", code="file_empty")
    return StoredFile(upload_id, FilePart(key, size_bytes), digest.hexdigest())


def _hashed(pieces: Iterator[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        update(piece)
        yield piece


def receive_file(
    room: UploadsRoom,
    principal: Principal,
    stored: StoredFile,
    wish: FileWish,
    also: Callable[[Connection, FileReceipt], None] = lambda _connection, _receipt: None,
) -> FileReceipt:
    """Make stored bytes an upload, and queue the job that reads them unless they wait for a mapping.

    also: what else belongs into the transaction. As in `receive`: when this returns everything is durable,
    when it raises nothing is visible and the bytes are gone, except after a commit with unknown outcome.
    """
    now = room.clock()
    size_bytes = stored.part.size_bytes
    upload = new_upload(stored.upload_id, wish, now, UploadStatus.UPLOADED, size_bytes)
    file = UploadFile(
        upload_id=stored.upload_id,
        file_name=wish.file_name,
        media_type=wish.media_type,
        length_bytes=size_bytes,
        received_bytes=size_bytes,
        parts=(stored.part,),
        sha256=stored.sha256,
        expires_at=None,
        is_auto=wish.is_auto,
    )
    is_committing = False
    try:
        with room.db.begin() as connection:
            UploadStore(connection, principal).add(upload)
            FileStore(connection, principal.user_id).add(file)
            token = upload_tokens.issue(connection, upload.id, now, room.upload_token_life)
            complete(room, connection, principal, file)
            receipt = FileReceipt(upload, file, token)
            also(connection, receipt)
            is_committing = True
    except BaseException as error:
        if not is_committing or isinstance(error, StorageFull):
            discard_file(room, stored.upload_id)
        raise
    BODY_BYTES.labels("stored").inc(size_bytes)
    return receipt


def new_upload(
    upload_id: UploadId, wish: FileWish, now: datetime, status: UploadStatus, size_bytes: int
) -> Upload:
    """The row of an upload that came as a file; how many records it holds only its job finds out."""
    is_waiting = status is UploadStatus.UPLOADED and not wish.is_auto
    return Upload(
        id=upload_id,
        name=wish.name_of_upload(MAX_NAME_CHARACTERS),
        source=Source.FILE,
        status=status,
        status_reason=AWAITING_MAPPING if is_waiting else None,
        created_at=now,
        rows_received=0,
        rows_accepted=0,
        rows_rejected=0,
        fields=None,
        fields_declared=False,
        size_bytes=size_bytes,
        stored_bytes=size_bytes,
    )


def complete(room: UploadsRoom, connection: Connection, principal: Principal, file: UploadFile) -> None:
    """What happens when the last byte of a file is durable, in the transaction that says so."""
    now = room.clock()
    if file.is_auto:
        start_build(connection, principal, file.upload_id, file.received_bytes, now)
    audit.record(
        connection, principal, "upload.received", file.upload_id, {"bytes": file.received_bytes}, now
    )


def discard_file(room: UploadsRoom, upload_id: UploadId) -> None:
    """Delete the objects of an upload without a row now if possible; the rest is an orphan for the sweep."""
    try:
        for found in room.objects.list(upload_prefix(upload_id)):
            room.objects.delete(found.key)
    except MusterError as error:
        log.warning("upload.bytes_left_behind", upload_id=upload_id, code=error.error_code)
