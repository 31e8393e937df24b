"""Take a file in with many requests: what arrived of each one is durable, whatever becomes of the connection.

The upload's row exists from the start (`receiving`). The bytes of a request are cut into parts, objects of
their own; each part moves the offset when it is durable, so a crash of client, network or server costs at most
one part. One request at a time may append: it holds a lease in the row, and every change of the offset is a
compare-and-set on lease and offset, so several server processes agree and the loser's bytes are dropped.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, InputError, MusterError, NotFound, PayloadTooLarge
from muster.ids import new_upload_id, random_text
from muster.objects.keys import file_part
from muster.uploads.file_model import AWAITING_MAPPING, FilePart, UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.model import UploadStatus
from muster.uploads.receive_file import complete, new_upload
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore
from muster.uploads.tus import Checksum, Creation, expired_message
from muster.web.stream import BodyCut, file_too_large

log = structlog.get_logger("muster.uploads")

LEASE: Final = timedelta(seconds=10)
"""How long a request that went silent keeps others from appending."""
PART_BYTES: Final = 64 * 1024 * 1024
PART_SECONDS: Final = 15.0
"""A part is closed at this size or age, so that a slow client loses no more than that either."""
_RENEW_SECONDS = 3.0


@dataclass(slots=True)
class Turn:
    """One request's right to append. file: as it stands; writer: names the request in the row."""

    file: UploadFile
    writer: str = field(default_factory=lambda: random_text(22))


def create(room: UploadsRoom, principal: Principal, creation: Creation) -> UploadFile:
    """Begin a resumable upload. Raises PayloadTooLarge over the limit, InputError for an empty file."""
    now = room.clock()
    _check_length(room, creation.length_bytes, 0)
    file = UploadFile(
        upload_id=new_upload_id(now),
        file_name=creation.wish.file_name,
        media_type=creation.wish.media_type,
        length_bytes=creation.length_bytes,
        received_bytes=0,
        parts=(),
        sha256=None,
        expires_at=now + room.file_life,
        is_auto=creation.wish.is_auto,
        metadata=creation.metadata,
    )
    with room.db.begin() as connection:
        UploadStore(connection, principal).add(
            new_upload(file.upload_id, creation.wish, now, UploadStatus.RECEIVING, 0)
        )
        FileStore(connection, principal.user_id).add(file)
        audit.record(connection, principal, "upload.begun", file.upload_id, {}, now)
    return file


def look(room: UploadsRoom, principal: Principal, upload_id: str) -> UploadFile:
    """Where an upload stands. Raises NotFound, Forbidden, Conflict (`upload_expired`)."""
    with room.db.read() as connection:
        _, file = _found(room, connection, principal, upload_id)
    return file


def is_being_written(file: UploadFile, now: datetime) -> bool:
    """Whether some request may append at the moment."""
    return file.writer is not None and file.writer_until is not None and now <= file.writer_until


def is_alive(file: UploadFile, *, since: UploadFile) -> bool:
    """Whether the request that may append still receives bytes: it kept its lease without adding a part.

    One that was cut off adds what it has and lets go, or falls silent.
    """
    return (
        file.writer == since.writer
        and file.writer_until != since.writer_until
        and file.received_bytes == since.received_bytes
    )


def begin(
    room: UploadsRoom,
    principal: Principal,
    upload_id: str,
    offset: int,
    *,
    length_bytes: int | None = None,
    announced_bytes: int | None = None,
) -> Turn:
    """Become the one request that may append at `offset`; `append` ends it.

    length_bytes: of the whole file, when the client tells it only now. announced_bytes: of this request.
    Raises NotFound, Forbidden, PayloadTooLarge, Conflict: `upload_expired`, `upload_complete`,
    `offset_mismatch`, `upload_locked`.
    """
    now = room.clock()
    with room.db.begin() as connection:
        files = FileStore(connection, principal.user_id)
        status, file = _found(room, connection, principal, upload_id)
        if status is not UploadStatus.RECEIVING:
            raise Conflict("This upload is complete; nothing can be appended to it.", code="upload_complete")
        if offset != file.received_bytes:
            raise Conflict(
                "The upload stands at another offset. Ask for it with HEAD and go on from there.",
                code="offset_mismatch",
            )
        if length_bytes is not None and length_bytes != file.length_bytes:
            _check_length(room, length_bytes, offset)
            if not files.set_length(file.upload_id, length_bytes):
                raise Conflict("The length of this upload is known already.", code="upload_length_known")
        turn = Turn(file)
        if not files.take(file.upload_id, offset, turn.writer, now, now + LEASE):
            raise _locked()
        turn.file = files.get(file.upload_id) or file
        _check_room(room, turn.file, announced_bytes or 0)
    return turn


def append(
    room: UploadsRoom,
    principal: Principal,
    turn: Turn,
    pieces: Iterator[bytes],
    checksum: Checksum | None = None,
) -> UploadFile:
    """Store the bytes of one request durably, part by part; runs in a thread. Returns where the upload stands.

    When the connection breaks, what had arrived is kept. With a checksum it is all or nothing.
    Raises PayloadTooLarge, Conflict (`checksum_mismatch`; `upload_locked` when another request took over),
    StorageFull, Unavailable; parts stored before stay.
    """
    try:
        if checksum is not None:
            _store_part(room, principal, turn, checksum.verified(_Renewed(room, principal, turn, pieces)))
        else:
            arriving = _Arriving(_Renewed(room, principal, turn, pieces))
            while arriving.has_more():
                _store_part(room, principal, turn, arriving.part())
        if turn.file.is_complete:
            _finish_late(room, principal, turn)
    finally:
        end(room, principal, turn)
    return turn.file


def end(room: UploadsRoom, principal: Principal, turn: Turn) -> None:
    """Let the next request append."""
    try:
        with room.db.begin() as connection:
            FileStore(connection, principal.user_id).release(turn.file.upload_id, turn.writer)
    except MusterError as error:
        # The lease ends by itself; the caller must hear what went wrong first.
        log.warning("upload.lease_left_behind", upload_id=turn.file.upload_id, code=error.error_code)


class _Arriving:
    """The pieces of one request, given out as the parts of a file; a broken connection is an early end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._next: bytes | None = None

    def has_more(self) -> bool:
        """Wait for the next piece; False when no more will come."""
        if self._next is None:
            try:
                self._next = next(self._pieces, None)
            except BodyCut:
                return False
        return self._next is not None

    def part(self) -> Iterator[bytes]:
        """Pieces up to the size or the age of a part."""
        size_bytes, until = 0, time.monotonic() + PART_SECONDS
        while self.has_more() and size_bytes < PART_BYTES and time.monotonic() < until:
            piece, self._next = self._next or b"", None
            size_bytes += len(piece)
            yield piece


class _Renewed(Iterator[bytes]):
    """The pieces unchanged, counted against what may still come; keeps the lease while they arrive."""

    def __init__(self, room: UploadsRoom, principal: Principal, turn: Turn, pieces: Iterator[bytes]) -> None:
        self._room = room
        self._principal = principal
        self._turn = turn
        self._pieces = pieces
        self._start = turn.file.received_bytes
        self._size_bytes = 0
        self._renew_at = time.monotonic() + _RENEW_SECONDS

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._size_bytes += len(piece)
        _check_room(
            self._room, self._turn.file, self._start + self._size_bytes - self._turn.file.received_bytes
        )
        if time.monotonic() >= self._renew_at:
            with self._room.db.begin() as connection:
                store = FileStore(connection, self._principal.user_id)
                if not store.renew(self._turn.file.upload_id, self._turn.writer, self._room.clock() + LEASE):
                    raise _locked()
            self._renew_at = time.monotonic() + _RENEW_SECONDS
        return piece


def _store_part(room: UploadsRoom, principal: Principal, turn: Turn, pieces: Iterator[bytes]) -> None:
    """One part: its bytes, then the row that counts them, and all that follows when it was the last."""
    file = turn.file
    key = file_part(file.upload_id, len(file.parts), random_text(8))
    size_bytes = room.objects.put(key, pieces)
    appended = None
    is_committing = False
    try:
        with room.db.begin() as connection:
            now = room.clock()
            if size_bytes:
                appended = FileStore(connection, principal.user_id).append(
                    file, FilePart(key, size_bytes), turn.writer, now + LEASE, now + room.file_life
                )
                if appended is None:
                    raise _locked()
                if appended.is_complete:
                    _finish(room, connection, principal, appended)
            is_committing = True
    except BaseException:
        if not is_committing:
            _drop(room, key)
        raise
    if appended is None:
        _drop(room, key)
    else:
        turn.file = appended


def _finish(room: UploadsRoom, connection: Connection, principal: Principal, file: UploadFile) -> bool:
    """The last byte is there: what `complete` says, once."""
    reason = None if file.is_auto else AWAITING_MAPPING
    if not UploadStore(connection, principal).finish_receiving(file.upload_id, file.received_bytes, reason):
        return False
    FileStore(connection, principal.user_id).finish(file.upload_id)
    complete(room, connection, principal, file)
    return True


def _finish_late(room: UploadsRoom, principal: Principal, turn: Turn) -> None:
    """A length told after the last byte completes an upload without another part."""
    with room.db.begin() as connection:
        _finish(room, connection, principal, turn.file)


def _found(
    room: UploadsRoom, connection: Connection, principal: Principal, upload_id: str
) -> tuple[UploadStatus, UploadFile]:
    upload = UploadStore(connection, principal).get(upload_id)
    file = FileStore(connection, principal.user_id).get(upload_id)
    if file is None:
        raise NotFound("This upload did not come as a file.", code="upload_not_found")
    if (
        upload.status is UploadStatus.RECEIVING
        and file.expires_at is not None
        and file.expires_at < room.clock()
    ):
        raise Conflict(expired_message(file.expires_at), code="upload_expired")
    return upload.status, file


def _check_length(room: UploadsRoom, length_bytes: int | None, received_bytes: int) -> None:
    if length_bytes is None:
        return
    if length_bytes > room.max_file_bytes:
        raise file_too_large(room.max_file_bytes, f"Upload-Length says {length_bytes}")
    if length_bytes == 0:
        raise InputError("The file is empty; there is nothing to upload.", code="file_empty")
    if length_bytes < received_bytes:
        raise InputError("More bytes than this have arrived already.", code="upload_length_invalid")


def _check_room(room: UploadsRoom, file: UploadFile, coming_bytes: int) -> None:
    """Raise PayloadTooLarge when so many bytes more are too many."""
    reached = file.received_bytes + coming_bytes
    if file.length_bytes is not None and reached > file.length_bytes:
        raise PayloadTooLarge(
            f"This upload was announced with {file.length_bytes} bytes; more than that came. "
            "Start a new one with the right Upload-Length.",
            code="upload_length_exceeded",
        )
    if reached > room.max_file_bytes:
        raise file_too_large(room.max_file_bytes, f"more than {room.max_file_bytes} arrived")


def _locked() -> Conflict:
    return Conflict(
        "Another request appends to this upload at the moment. Ask for the offset with HEAD and try again.",
        code="upload_locked",
        retry_after_seconds=1,
    )


def _drop(room: UploadsRoom, key: str) -> None:
    try:
        room.objects.delete(key)
    except MusterError as error:
        # Its upload lives, so the sweep must look at the parts of its row to find it.
        log.warning("upload.part_left_behind", code=error.error_code)
