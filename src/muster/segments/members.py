"""The members of one version: a window of them, or all of them in constant memory; for other rooms as well."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.segments.base import Base
from muster.segments.changes import Side, moved
from muster.segments.choose import without
from muster.segments.frozen import frozen_groups, member_ids, member_pieces
from muster.segments.joined_file import JoinedFile
from muster.segments.model import MemberColumn, Source, Version
from muster.segments.patience import Patience, of_job
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources, sources_then
from muster.segments.store import SegmentStore
from muster.segments.values import MemberRow, chosen_columns, rows_shown
from muster.segments.version_store import VersionStore
from muster.tables.model import ROW_ID
from muster.tables.reading import whole
from muster.tables.scan import scan
from muster.tables.vectors import ChosenRows, IdVector

UPLOAD_ID: Final = "_upload_id"
_TEXT: Final = pa.large_string()

Pieces = Callable[[int], Iterator[pa.Array]]
"""The row ids of the source at a position, sorted, in pieces."""


@dataclass(frozen=True, slots=True)
class Members:
    """Members of one version, or some of them, with the values of that version.

    columns: of all uploads, by name. count: how many `scan` gives.
    """

    segment_id: str
    version: int
    columns: tuple[MemberColumn, ...]
    count: int
    _room: SegmentsRoom
    _base: Base
    _vectors: tuple[IdVector, ...]
    _pieces: Pieces

    @property
    def upload_ids(self) -> tuple[str, ...]:
        """The uploads in the order of `scan`: what the first number of a place in it counts."""
        return tuple(layout.manifest.table_id for layout in self._base.sources.layouts)

    def window(
        self, offset: int, limit: int, names: Sequence[str] | None, patience: Patience
    ) -> tuple[tuple[MemberColumn, ...], list[MemberRow]]:
        """At most `limit` members from `offset` on, in the order of uploads and rows; and the columns shown.

        Raises InputError (`column_unknown`), Overloaded, Unavailable.
        """
        columns = chosen_columns(self._base.sources, names)
        rows: list[tuple[int, int]] = []
        for position, vector in enumerate(self._vectors):
            if offset < len(vector) and len(rows) < limit:
                rows += [(position, row_id) for row_id in vector.window(offset, limit - len(rows))]
            offset = max(0, offset - len(vector))
        return columns, rows_shown(self._room, self._base, rows, columns, patience)

    def nobody(self) -> "Members":
        """The same version without any member."""
        nothing = ChosenRows(pa.array([], pa.int64()))
        return replace(
            self, count=0, _vectors=(nothing,) * len(self._vectors), _pieces=lambda _position: iter(())
        )

    def scan(
        self, names: Sequence[str] | None = None, *, after: tuple[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All members in constant memory: `_upload_id` and `_row_id` (int64), then the columns of these names.

        Columns are text (large_string, null: empty), joined values in their place. In the order of uploads and rows,
        the same each time. after: (position of an upload, row id) of a member; begin behind it.
        Raises InputError (`column_unknown`) before the first batch, then Overloaded, StorageFull, Unavailable.
        """
        return self._scan([column.name for column in chosen_columns(self._base.sources, names)], after)

    def _scan(self, names: Sequence[str], after: tuple[int, int] | None) -> Iterator[pa.RecordBatch]:
        for position, layout in enumerate(self._base.sources.layouts):
            if after is not None and position < after[0]:
                continue
            first = after[1] + 1 if after is not None and position == after[0] else 0
            joined = JoinedFile(self._room, self._base, position, names)
            physical = [layout.columns[name].physical for name in names if name in layout.columns]
            try:
                for piece in self._pieces(position):
                    ids = piece.filter(pc.greater_equal(piece, first))
                    if not len(ids):
                        continue
                    stretch = (ids[0].as_py(), ids[-1].as_py())
                    tables = self._room.reading.tables
                    for batch in scan(
                        tables, layout.manifest, [ROW_ID, *physical], order="_row_id", between=stretch
                    ):
                        kept = batch.filter(pc.is_in(batch.column(0), value_set=ids))
                        if kept.num_rows:
                            yield self._shown(position, names, kept, joined)
            finally:
                joined.close()

    def _shown(
        self, position: int, names: Sequence[str], batch: pa.RecordBatch, joined: JoinedFile
    ) -> pa.RecordBatch:
        layout = self._base.sources.layouts[position]
        row_ids = batch.column(0).cast(pa.int64())
        upload = pa.repeat(pa.scalar(layout.manifest.table_id, _TEXT), len(row_ids))
        values = []
        for name in names:
            column = layout.columns.get(name)
            own = (
                pa.nulls(len(row_ids), _TEXT) if column is None else batch.column(column.physical).cast(_TEXT)
            )
            values.append(own)
        values = joined.over(row_ids, values)
        return pa.RecordBatch.from_arrays([upload, row_ids, *values], names=[UPLOAD_ID, ROW_ID, *names])


@dataclass(frozen=True, slots=True)
class Changes:
    """Who came since a version, with the values of now, and who went, with the values of then."""

    joined: Members
    departed: Members


def open_members(
    room: SegmentsRoom, principal: Principal, segment_id: str, *, version: int | None = None
) -> Members:
    """The members of a version, the newest when None; `refresh.current` brings that up to date first.

    Rows that were taken out of their tables since (people who were erased) are left out.
    Raises NotFound (`segment_not_found`, `segment_not_counted`, `segment_version_not_found`,
    `segment_version_gone`), Forbidden,
    Unavailable.
    """
    return _members(room, open_version(room, principal, segment_id, version))


def open_changes(
    room: SegmentsRoom,
    principal: Principal,
    segment_id: str,
    *,
    since: int,
    version: int | None = None,
    patience: Patience | None = None,
) -> Changes:
    """Who came and who went between two versions. Raises as `open_members`, and Overloaded, StorageFull."""
    after = open_version(room, principal, segment_id, version)
    before = open_version(room, principal, segment_id, since)
    change = moved(room, before.side(), after.side(), patience or of_job())
    return Changes(_some(room, after, change.joined), _some(room, before, change.departed))


@dataclass(frozen=True, slots=True)
class Opened:
    """A version, its sources without rows that are gone, and its members in them."""

    version: Version
    base: Base
    vectors: tuple[IdVector, ...]

    def side(self) -> Side:
        return Side(self.base.sources, self.base.dedupe, [vector.array() for vector in self.vectors])


def open_version(room: SegmentsRoom, principal: Principal, segment_id: str, number: int | None) -> Opened:
    """A version, the newest when None. Raises as `open_members`."""
    with room.db.read() as connection:
        segment = SegmentStore(connection, principal).get(segment_id)
        wanted = segment.version if number is None else number
        if wanted is None:
            raise NotFound(
                "This segment has not been counted yet. Follow its status and ask again.",
                code="segment_not_counted",
            )
        version = VersionStore(connection, principal).get(segment_id, wanted)
    if version.made_by is None:
        raise NotFound(
            "The members of this version are no longer kept, only its size is. Take one of the newest.",
            code="segment_version_gone",
        )
    looked_at = [Source(each.upload_id, each.table_version) for each in version.sources]
    sources, fewer = sources_then(room.reading, principal, looked_at)
    dedupe = version.definition.dedupe
    groups = None
    if dedupe is not None and dedupe.joins_fields:
        groups = frozen_groups(room, version, sources)
    vectors = tuple(
        _there(room, sources, at, member_ids(room, version, position), fewer[at])
        for at, position in enumerate(version.positions)
    )
    return Opened(version, Base(sources, dedupe, groups), vectors)


def _there(room: SegmentsRoom, sources: Sources, at: int, ids: IdVector, fewer: bool) -> IdVector:
    """Without rows that were taken out of the table since."""
    hidden = sources.layouts[at].hidden
    if not fewer or hidden is None:
        return ids
    gone = whole(room.reading, hidden).table.column(ROW_ID).combine_chunks()
    return ChosenRows(without(ids.array(), gone))


def _members(room: SegmentsRoom, found: Opened) -> Members:
    def pieces(at: int) -> Iterator[pa.Array]:
        # From the file, not from memory; the scan itself leaves out rows that are hidden by now.
        yield from member_pieces(room, found.version, found.version.positions[at])

    return Members(
        segment_id=found.version.segment_id,
        version=found.version.number,
        columns=found.base.sources.columns,
        count=sum(map(len, found.vectors)),
        _room=room,
        _base=found.base,
        _vectors=found.vectors,
        _pieces=pieces,
    )


def _some(room: SegmentsRoom, found: Opened, ids: Sequence[pa.Array]) -> Members:
    """These members only."""
    every = _members(room, found)
    return replace(
        every,
        count=sum(map(len, ids)),
        _vectors=tuple(ChosenRows(each) for each in ids),
        _pieces=lambda at: iter([ids[at]]),
    )
