"""Find what was left behind: objects without an upload, half-written files, uploads nobody went on with."""

from datetime import datetime, timedelta
from itertools import chain, groupby, islice

import structlog

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.objects.keys import TABLES, UPLOADS, upload_of
from muster.uploads.file_store import expired, remove_expired
from muster.uploads.receive_file import discard_file
from muster.uploads.room import UploadsRoom
from muster.uploads.store import known_ids

log = structlog.get_logger("muster.uploads")

_REQUEST_LIFE = timedelta(hours=1)
"""No request writes to a temporary file, or holds an Idempotency-Key, longer than this without a pause."""
_ORPHAN_LIFE = timedelta(hours=24)
"""Bytes are written before their row. Some stores date an object by the start of its upload, and a large file
on a slow line takes hours; after this long no row is coming."""
_AT_ONCE = 500
_FOLD_SECONDS = 1.0


def sweep(room: UploadsRoom, *, alone: bool, written_before: datetime | None = None) -> int:
    """Delete orphaned objects, give up unfinished files that expired; returns how many objects went.

    alone: true only while this process does not serve yet and no other one can: then what looks unfinished
    was left by a crash, however young. written_before: everything without a row and older than this is an
    orphan; for a sweep in the background that started with the server: only what was there before it.
    """
    now = room.clock()
    if written_before is None:
        written_before = now if alone else now - _ORPHAN_LIFE
    room.idempotency.sweep(alone=alone)
    room.objects.clear_temporary(timedelta(0) if alone else _REQUEST_LIFE)
    _give_up_expired(room, now)
    removed = _sweep_orphans(room, written_before)
    room.db.fold_log(_FOLD_SECONDS)
    if removed:
        log.info("uploads.orphans_swept", objects=removed)
    return removed


def _give_up_expired(room: UploadsRoom, now: datetime) -> None:
    while True:
        with room.db.read() as connection:
            found = expired(connection, now, _AT_ONCE)
        for user_id, upload_id in found:
            with room.db.begin() as connection:
                if not remove_expired(connection, upload_id, now):
                    continue  # somebody went on with it
                nobody = Principal(user_id, frozenset(), "sweep")
                audit.record(connection, nobody, "upload.expired", upload_id, {}, now)
            discard_file(room, upload_id)
        if len(found) < _AT_ONCE:
            return


def _sweep_orphans(room: UploadsRoom, written_before: datetime) -> int:
    removed = 0
    objects = chain(room.objects.list(UPLOADS), room.objects.list(TABLES))
    by_upload = groupby(objects, key=lambda found: upload_of(found.key))
    while batch := [(upload_id, list(found)) for upload_id, found in islice(by_upload, _AT_ONCE)]:
        with room.db.read() as connection:
            known = known_ids(connection, [upload_id for upload_id, _ in batch if upload_id])
        for upload_id, found in batch:
            # A key that is not ours to read is not ours to delete.
            if upload_id is not None and upload_id not in known:
                old = [info for info in found if info.modified_at <= written_before]
                for info in old:
                    room.objects.delete(info.key)
                removed += len(old)
    return removed
