"""Look at segments: one, a list, the history of one, what was done by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.segments.force import load_manual
from muster.segments.manual import Manual
from muster.segments.model import Segment, Version
from muster.segments.order import Order, Place
from muster.segments.room import SegmentsRoom
from muster.segments.store import SegmentStore, Wanted
from muster.segments.version_store import Counted, VersionStore

SIZES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A segment with what is shown beside it. sizes: its last counts, the oldest first.

    is_stale: something it is made from changed since it was counted.
    """

    segment: Segment
    upload_names: Mapping[str, str]
    sizes: Sequence[int]
    is_stale: bool


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """following: where the next page begins, None at the end."""

    segments: Sequence[Shown]
    total: int
    following: Place | None


def shown(room: SegmentsRoom, principal: Principal, segment: Segment) -> Shown:
    """A segment at hand."""
    with room.db.read() as connection:
        return shown_in(connection, principal, segment)


def shown_in(connection: Connection, principal: Principal, segment: Segment) -> Shown:
    """As `shown`, in the caller's transaction."""
    return _with_facts(connection, principal, [segment])[0]


def list_segments(
    room: SegmentsRoom, principal: Principal, wanted: Wanted, order: Order, limit: int, after: Place | None
) -> SegmentPage:
    """One page; nothing is counted."""
    with room.db.read() as connection:
        store = SegmentStore(connection, principal)
        found = store.list(wanted, order, limit + 1, after)
        total = store.count(wanted)
        page = found[:limit]
        facts = _with_facts(connection, principal, page)
    following = Place.of(order, page[-1]) if len(found) > limit else None
    return SegmentPage(facts, total, following)


def history(
    room: SegmentsRoom, principal: Principal, segment_id: str, before: int | None, limit: int
) -> tuple[Sequence[Version], int, int | None]:
    """Versions, the newest first; how many there are in all; the number the next page begins before.

    Raises NotFound, Forbidden.
    """
    with room.db.read() as connection:
        segment = SegmentStore(connection, principal).get(segment_id)
        found = VersionStore(connection, principal).list(segment_id, before, limit + 1)
    page = found[:limit]
    return page, segment.version or 0, page[-1].number if len(found) > limit else None


def manual_of(room: SegmentsRoom, principal: Principal, segment_id: str) -> tuple[Segment, Manual]:
    """What was added and left out by hand. Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        segment = SegmentStore(connection, principal).get(segment_id)
    return segment, load_manual(room, segment.manual_key)


def _with_facts(connection: Connection, principal: Principal, segments: Sequence[Segment]) -> list[Shown]:
    uploads = {upload_id for segment in segments for upload_id in segment.definition.uploads}
    store, versions = SegmentStore(connection, principal), VersionStore(connection, principal)
    names = store.upload_names(uploads)
    tables = {upload_id: version for upload_id, (version, _) in store.newest_tables(uploads).items()}
    counted = versions.counted(segments)
    sizes = versions.sizes([segment.id for segment in segments], SIZES_SHOWN)
    return [
        Shown(segment, names, sizes[segment.id], _is_stale(segment, counted.get(segment.id), tables))
        for segment in segments
    ]


def _is_stale(segment: Segment, counted: Counted | None, tables: Mapping[str, int]) -> bool:
    now = {upload_id: tables.get(upload_id) for upload_id in segment.definition.uploads}
    return counted is None or counted.revision != segment.revision or counted.tables != now
