"""Find what exports leave behind: files past their time, objects of exports that are gone, states nobody compares with."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby, islice

import structlog

from muster.accounts import audit
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore, expired, known_exports, known_states
from muster.exports.work import drop_work, principal_of
from muster.objects.keys import EXPORT_STATES, EXPORTS, export_file
from muster.objects.store import ObjectInfo

log = structlog.get_logger("muster.exports")

_AT_ONCE = 500
_ORPHAN_LIFE = timedelta(hours=24)
"""Bytes are written before they are noted; after this long nobody is going to."""


def sweep(room: ExportsRoom) -> int:
    """Delete them; returns how many objects went. Raises Unavailable."""
    now = room.clock()
    removed = _drop_expired(room, now)
    removed += _drop_orphans(room, now - _ORPHAN_LIFE)
    removed += _drop_states(room, now - _ORPHAN_LIFE)
    if removed:
        log.info("exports.swept", objects=removed)
    return removed


def _drop_expired(room: ExportsRoom, now: datetime) -> int:
    removed = 0
    while True:
        with room.db.read() as connection:
            found = expired(connection, now, _AT_ONCE)
        for export in found:
            # The row first: it must never point at bytes that are gone.
            with room.db.begin() as connection:
                ExportStore(connection, export.user_id).drop_file(export.id)
                principal = principal_of(export.user_id)
                audit.record(connection, principal, "export.file_expired", export.id, {}, now)
            removed += drop_work(room, export.id, file=True)
        if len(found) < _AT_ONCE:
            return removed


def _drop_orphans(room: ExportsRoom, written_before: datetime) -> int:
    """Everything of exports that are gone; of those that are over what only their job needed."""
    removed = 0
    by_export = groupby(room.objects.list(EXPORTS), key=lambda found: _export_of(found.key))
    while batch := [(export_id, list(found)) for export_id, found in islice(by_export, _AT_ONCE)]:
        with room.db.read() as connection:
            known = known_exports(connection, [export_id for export_id, _ in batch if export_id])
        for export_id, found in batch:
            if export_id is None:  # a key that is not ours to read is not ours to delete
                continue
            status = known.get(export_id)
            if status is None:
                removed += _delete(room, found, written_before)
            elif status.is_final:
                work = [info for info in found if info.key.startswith(export_file(export_id, "work/"))]
                removed += _delete(room, work, written_before)
    return removed


def _drop_states(room: ExportsRoom, written_before: datetime) -> int:
    removed = 0
    found: Iterator[ObjectInfo] = room.objects.list(EXPORT_STATES)
    while batch := list(islice(found, _AT_ONCE)):
        with room.db.read() as connection:
            known = known_states(connection, [info.key for info in batch])
        removed += _delete(room, [info for info in batch if info.key not in known], written_before)
    return removed


def _delete(room: ExportsRoom, found: list[ObjectInfo], written_before: datetime) -> int:
    old = [info for info in found if info.modified_at <= written_before]
    for info in old:
        room.objects.delete(info.key)
    return len(old)


def _export_of(key: str) -> str | None:
    parts = key.split("/")
    return parts[2] if len(parts) > 3 and parts[2].startswith("exp_") else None
