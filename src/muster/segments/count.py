"""One count of a segment: look at what it is made from, find its members, keep them as its next version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from muster.accounts.model import Principal
from muster.objects.keys import segment_file
from muster.segments.base import Base, base_of
from muster.segments.changes import Moved, Side, moved
from muster.segments.choose import Forced, chosen, chosen_of
from muster.segments.force import forced, load_manual
from muster.segments.frozen import FILES, member_ids, write_version
from muster.segments.model import (
    KEPT_VERSIONS,
    By,
    Cause,
    Counts,
    Kind,
    Segment,
    Source,
    Version,
    VersionSource,
)
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources, sources_at
from muster.segments.store import SegmentStore
from muster.segments.version_store import VersionStore

_PHONE_ROWS = 100_000
"""Numbers in other forms than E.164 are read at some sixteen thousand a second."""


@dataclass(frozen=True, slots=True)
class State:
    """A segment, its newest version, and for each upload the version and the rows of its table now."""

    segment: Segment
    newest: Version | None
    tables: Mapping[str, tuple[int, int]]

    @property
    def is_current(self) -> bool:
        """Whether the newest version says what a new count would say."""
        if self.newest is None or self.newest.revision != self.segment.revision:
            return False
        counted = {source.upload_id: source.table_version for source in self.newest.sources}
        return counted == {upload_id: version for upload_id, (version, _) in self.tables.items()}

    @property
    def cause(self) -> Cause:
        """Why a new count would be made."""
        if self.newest is None:
            return Cause.CREATED
        if self.newest.revision == self.segment.revision:
            return Cause.TABLES if self.segment.kind is Kind.LIVE else Cause.REFRESHED
        is_same = self.newest.definition == self.segment.definition
        return Cause.MEMBERS if is_same else Cause.CHANGED

    def takes_long(self, inline_rows: int) -> bool:
        """Whether a new count is nothing to wait for."""
        dedupe = self.segment.definition.dedupe
        newest, counted = self.newest, set[tuple[str, int]]()
        if dedupe is None and newest is not None and newest.revision == self.segment.revision:
            counted = {(source.upload_id, source.table_version) for source in newest.sources}
        rows = sum(
            rows for upload_id, (version, rows) in self.tables.items() if (upload_id, version) not in counted
        )
        if dedupe is not None and dedupe.identity.by is By.PHONE and rows > _PHONE_ROWS:
            return True
        return rows > inline_rows


def look(room: SegmentsRoom, principal: Principal, segment_id: str) -> State:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        store = SegmentStore(connection, principal)
        segment = store.get(segment_id)
        newest = (
            None
            if segment.version is None
            else VersionStore(connection, principal).get(segment_id, segment.version)
        )
        return State(segment, newest, store.newest_tables(segment.definition.uploads))


def count(
    room: SegmentsRoom, principal: Principal, state: State, made_by: str, patience: Patience
) -> Version:
    """The next version of a segment; its files are written, it is not published.

    Raises NotFound, Conflict (`table_not_ready`, `identity_unfit`), Overloaded, StorageFull, Unavailable.
    """
    segment, newest = state.segment, state.newest
    definition = segment.definition
    sources = newest_sources(room.reading, principal, definition.uploads)
    base = base_of(room, sources, definition.dedupe, patience)
    by_hand = forced(
        room, base, load_manual(room, segment.manual_key).of_uploads(definition.uploads), patience
    )
    ids = _members(room, state, base, by_hand, patience)
    patience.still_time()
    change = _moved(room, principal, newest, base, ids, patience)
    write_version(room, segment.id, made_by, base, ids)
    return Version(
        segment_id=segment.id,
        number=1 if newest is None else newest.number + 1,
        revision=segment.revision,
        cause=state.cause,
        at=room.clock(),
        counts=Counts(
            members=sum(map(len, ids)),
            candidates=base.candidates,
            joined=sum(map(len, change.joined)),
            departed=sum(map(len, change.departed)),
        ),
        made_by=made_by,
        definition=definition,
        sources=tuple(
            VersionSource(source.upload_id, source.version, len(rows))
            for source, rows in zip(sources.key, ids, strict=True)
        ),
        positions=tuple(range(len(ids))),
    )


def publish(room: SegmentsRoom, principal: Principal, version: Version) -> bool:
    """Make a version the newest; False when it is not the next one any more. Twice is once."""
    with room.db.begin() as connection:
        versions = VersionStore(connection, principal)
        if versions.is_made_by(version.segment_id, version.number, version.made_by):
            return True
        if not versions.advance(version):
            return False
        old = versions.forget_files(version.segment_id, version.number - KEPT_VERSIONS + 1)
    discard(room, version.segment_id, old)
    return True


def discard(room: SegmentsRoom, segment_id: str, made_by: Sequence[str]) -> None:
    """Delete the files of versions."""
    for maker in made_by:
        for name in FILES:
            room.objects.delete(segment_file(segment_id, maker, name))


def _members(
    room: SegmentsRoom, state: State, base: Base, by_hand: Forced, patience: Patience
) -> tuple[pa.Array, ...]:
    """The members; those of tables that did not change are taken from the version before."""
    newest, predicate = state.newest, state.segment.definition.predicate
    is_known = newest is not None and newest.revision == state.segment.revision and newest.made_by
    if newest is None or not is_known or base.groups is not None:
        return chosen(room, base, predicate, by_hand, patience)
    known = {
        (source.upload_id, source.table_version): position
        for source, position in zip(newest.sources, newest.positions, strict=True)
    }
    found = []
    for position, source in enumerate(base.sources.key):
        before = known.get((source.upload_id, source.version))
        found.append(
            chosen_of(room, base, position, predicate, by_hand, patience)
            if before is None
            else member_ids(room, newest, before).array()
        )
    return tuple(found)


def _moved(
    room: SegmentsRoom,
    principal: Principal,
    newest: Version | None,
    base: Base,
    ids: Sequence[pa.Array],
    patience: Patience,
) -> Moved:
    if newest is None or newest.made_by is None:
        return Moved(tuple(ids), ())
    before = Side(
        sources_at(
            room.reading, principal, [Source(each.upload_id, each.table_version) for each in newest.sources]
        ),
        newest.definition.dedupe,
        [member_ids(room, newest, position).array() for position in newest.positions],
    )
    return moved(room, before, Side(base.sources, base.dedupe, ids), patience)
