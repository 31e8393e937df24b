"""Take a checked batch in: bytes first, then the row that makes it true, then the answer."""

from collections.abc import Callable

import msgspec
import structlog

from muster.accounts import audit, keys, upload_tokens
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import MAX_ISSUES_SHOWN, MusterError, StorageFull
from muster.ids import UploadId, new_upload_id
from muster.objects.frames import frame_records
from muster.objects.keys import records as records_key
from muster.objects.keys import rejects as rejects_key
from muster.records.chunks import RejectedRecord, join_records
from muster.records.fields import union_of_keys
from muster.records.parse import ParsedBatch
from muster.uploads.job_state import start_build
from muster.uploads.model import Receipt, Source, Upload, UploadStatus
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore
from muster.web.metrics import BODY_BYTES, RECORDS, stage

log = structlog.get_logger("muster.uploads")

_FIELDS_AT_ONCE_BYTES = 64 * 1024
"""Up to here the union of keys is worked out with the upload; for more it waits until someone asks."""


def receive(
    room: UploadsRoom,
    principal: Principal,
    batch: ParsedBatch,
    also: Callable[[Connection, Receipt], None] = lambda _connection, _receipt: None,
) -> Receipt:
    """Store a batch durably and return its receipt.

    also: what else belongs into the transaction (remembering the answer under an Idempotency-Key).
    When this returns, bytes and row have been synced to disk. When it raises nothing is visible, and bytes
    already written are deleted here or, after a crash, by the sweep. One exception: when the database falls
    silent during the commit nobody knows its outcome, and the upload is there in full or not at all.
    Raises LimitError when the key's row quota is used up, StorageFull, Unavailable.
    """
    now = room.clock()
    upload_id = new_upload_id(now)
    is_committing = False
    try:
        stored_bytes = _store_objects(room, upload_id, batch)
        names = batch.fields
        if names is None and batch.size_bytes <= _FIELDS_AT_ONCE_BYTES:
            names = tuple(union_of_keys(chunk.json for chunk in batch.chunks))
        upload = Upload(
            id=upload_id,
            name=batch.upload_name,
            source=Source.API,
            status=UploadStatus.UPLOADED,
            status_reason=None,
            created_at=now,
            rows_received=batch.rows_received,
            rows_accepted=batch.rows_accepted,
            rows_rejected=len(batch.rejected),
            fields=names,
            fields_declared=batch.fields is not None,
            size_bytes=batch.size_bytes,
            stored_bytes=stored_bytes,
        )
        with stage("commit"), room.db.begin() as connection:
            keys.spend_rows(connection, principal, batch.rows_accepted)
            UploadStore(connection, principal).add(upload)
            start_build(connection, principal, upload_id, batch.size_bytes, now)
            token = upload_tokens.issue(connection, upload_id, now, room.upload_token_life)
            receipt = Receipt(
                upload_id,
                token,
                batch.rows_received,
                batch.rows_accepted,
                tuple(record.issue for record in batch.rejected[:MAX_ISSUES_SHOWN]),
                len(batch.rejected),
            )
            audit.record(
                connection, principal, "upload.received", upload_id, {"rows": batch.rows_accepted}, now
            )
            also(connection, receipt)
            is_committing = True
    except BaseException as error:
        # A commit that broke off may have happened all the same: then its row needs these bytes, and if it
        # did not happen the sweep takes them. A full disk is the one failure that says "not committed".
        if not is_committing or isinstance(error, StorageFull):
            discard_objects(room, upload_id)
        raise
    RECORDS.labels("accepted").inc(batch.rows_accepted)
    RECORDS.labels("rejected").inc(len(batch.rejected))
    BODY_BYTES.labels("decoded").inc(batch.size_bytes)
    BODY_BYTES.labels("stored").inc(stored_bytes)
    return receipt


def _store_objects(room: UploadsRoom, upload_id: UploadId, batch: ParsedBatch) -> int:
    with stage("compress"):
        accepted = frame_records((chunk.json, chunk.records) for chunk in batch.chunks)
    with stage("store"):
        stored = room.objects.put(records_key(upload_id), accepted)
        if batch.rejected:
            stored += room.objects.put(
                rejects_key(upload_id), frame_records(join_records(map(_reject_json, batch.rejected)))
            )
    return stored


def _reject_json(record: RejectedRecord) -> bytes:
    """`{"row", "code", "reason", "record"}`; a line that is not JSON is kept as text under "line"."""
    head = msgspec.json.encode(
        {"row": record.issue.row, "code": record.issue.code, "reason": record.issue.message}
    )
    if record.is_json:
        return b"".join((head[:-1], b',"record":', record.raw, b"}"))
    return b"".join((head[:-1], b',"line":', msgspec.json.encode(record.raw.decode(errors="replace")), b"}"))


def discard_objects(room: UploadsRoom, upload_id: UploadId) -> None:
    """Delete an upload's objects now if possible; what stays behind is an orphan for the sweep."""
    for key in (records_key(upload_id), rejects_key(upload_id)):
        try:
            room.objects.delete(key)
        except MusterError as error:
            log.warning("upload.bytes_left_behind", upload_id=upload_id, code=error.error_code)
