"""Find objects of segments that nothing names: leftovers of crashes, and of counts that came too late."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from itertools import groupby, islice

import structlog

from muster.objects.keys import SEGMENTS, segment_of, segment_prefix
from muster.objects.store import ObjectInfo
from muster.segments.room import SegmentsRoom
from muster.segments.store import named_files

log = structlog.get_logger("muster.segments")

_GRACE = timedelta(hours=24)
_AT_ONCE = 200


def sweep(room: SegmentsRoom, in_work: Callable[[Sequence[str]], Collection[str]]) -> int:
    """Delete what no segment and no match names and nobody wrote lately; returns how many objects went.

    in_work: which of these an unfinished job works on; nothing of them is touched. Raises Unavailable.
    """
    latest = room.clock() - _GRACE
    removed = 0
    by_owner = groupby(room.objects.list(SEGMENTS), key=lambda found: segment_of(found.key))
    while batch := [(owner, list(found)) for owner, found in islice(by_owner, _AT_ONCE)]:
        owners = [owner for owner, _ in batch if owner is not None]
        # First the jobs, then what is named: a job that ends in between has published, and is seen.
        busy = in_work(owners)
        with room.db.read() as connection:
            named = named_files(connection, owners)
        for owner, found in batch:
            if owner is None or owner in busy:  # a key that is not ours to read is not ours to delete
                continue
            names = named.get(owner, set())
            for info in found:
                if info.modified_at <= latest and not _is_named(owner, info, names):
                    room.objects.delete(info.key)
                    removed += 1
    if removed:
        log.info("segments.leftovers_swept", objects=removed)
    return removed


def _is_named(owner: str, info: ObjectInfo, names: Collection[str]) -> bool:
    """Whether the object itself, or whoever made it, is named."""
    return info.key in names or info.key.removeprefix(segment_prefix(owner)).partition("/")[0] in names
