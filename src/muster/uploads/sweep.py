"""Find what crashes left behind: objects without an upload, half-written files, stale claims."""

from datetime import timedelta
from itertools import groupby, islice

import structlog

from muster.objects.keys import UPLOADS, upload_of
from muster.uploads.room import UploadsRoom
from muster.uploads.store import known_ids

log = structlog.get_logger("muster.uploads")

_GRACE = timedelta(hours=1)
"""Bytes are written before their row. No request lives this long, so older ones have no row coming."""
_AT_ONCE = 500


def sweep(room: UploadsRoom, *, alone: bool) -> int:
    """Delete orphaned objects and forget stale idempotency claims; returns how many objects went.

    alone: true only before this process serves and while no other one can: then nothing is being written
    and everything without a row is an orphan, however young.
    """
    grace = timedelta(0) if alone else _GRACE
    room.idempotency.sweep(alone=alone)
    room.objects.clear_temporary(grace)
    oldest_in_work = room.clock() - grace
    removed = 0
    by_upload = groupby(room.objects.list(UPLOADS), key=lambda found: upload_of(found.key))
    while batch := [(upload_id, list(found)) for upload_id, found in islice(by_upload, _AT_ONCE)]:
        with room.db.read() as connection:
            known = known_ids(connection, [upload_id for upload_id, _ in batch if upload_id])
        for upload_id, found in batch:
            # A key that is not ours to read is not ours to delete.
            if upload_id is not None and upload_id not in known:
                old = [info for info in found if info.modified_at <= oldest_in_work]
                for info in old:
                    room.objects.delete(info.key)
                removed += len(old)
    if removed:
        log.info("uploads.orphans_swept", objects=removed)
    return removed
