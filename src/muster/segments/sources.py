"""The tables a segment looks at, each at one version, and their columns joined by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.segments.model import MemberColumn, Source
from muster.segments.store import SegmentStore
from muster.tables.layout import Layout, layout_of
from muster.tables.manifest import load_manifest
from muster.tables.model import Column, ColumnType, Manifest, Part, TableId
from muster.tables.publish import pointers
from muster.tables.reading import ReadingRoom, load_layout

PLACE_BITS: Final = 40
"""A place tells a row apart from those of all sources: the age rank of its source, then its row id."""
RANK_BITS: Final = 6  # model.MAX_UPLOADS of them
ROW_MASK: Final = (1 << PLACE_BITS) - 1


@dataclass(frozen=True)
class Sources:
    """Layouts in the order of the definition's uploads. owner: whose they are; sent_at: when each upload was sent."""

    owner: Principal
    layouts: tuple[Layout, ...]
    sent_at: tuple[datetime, ...]

    @property
    def key(self) -> tuple[Source, ...]:
        """The same for the same tables at the same versions, in the same order."""
        return tuple(Source(layout.manifest.table_id, layout.manifest.version) for layout in self.layouts)

    @cached_property
    def by_age(self) -> tuple[int, ...]:
        """Positions of the sources, the upload that was sent first first."""
        ids = [layout.manifest.table_id for layout in self.layouts]
        return tuple(sorted(range(len(ids)), key=lambda at: (self.sent_at[at], ids[at])))

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """For each position its age rank: 0 is the oldest upload."""
        ranks = [0] * len(self.layouts)
        for rank, position in enumerate(self.by_age):
            ranks[position] = rank
        return tuple(ranks)

    @cached_property
    def columns(self) -> tuple[MemberColumn, ...]:
        """The columns of all sources by name, in order of first appearance."""
        found: dict[str, list[tuple[str, Column]]] = {}
        for layout in self.layouts:
            for column in layout.manifest.columns:
                found.setdefault(column.name, []).append((layout.manifest.table_id, column))
        return tuple(
            MemberColumn(name, _type(each for _, each in held), tuple(upload for upload, _ in held))
            for name, held in found.items()
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def rows(self) -> int:
        """Visible rows of all sources."""
        return sum(layout.manifest.visible_rows for layout in self.layouts)

    def upload(self, position: int) -> str:
        """Whose table it is."""
        return self.layouts[position].manifest.table_id

    def place(self, position: int, row_id: int) -> int:
        return (self.ranks[position] << PLACE_BITS) | row_id

    def places(self, ids: Sequence[pa.Array]) -> pa.Array:
        """The places of these rows, given by position."""
        found = [
            pc.add(rows.cast(pa.int64()), rank << PLACE_BITS)
            for rows, rank in zip(ids, self.ranks, strict=True)
        ]
        return pa.concat_arrays(found or [pa.array([], pa.int64())])

    def split(self, places: pa.Array) -> tuple[pa.Array, ...]:
        """By position the row ids of these places, in the order they come in."""
        ranks = pc.shift_right(places, PLACE_BITS)
        return tuple(pc.bit_wise_and(places.filter(pc.equal(ranks, rank)), ROW_MASK) for rank in self.ranks)

    def row_of(self, place: int) -> tuple[int, int]:
        """Position of the source and row id."""
        return self.by_age[place >> PLACE_BITS], place & ROW_MASK


def newest_sources(reading: ReadingRoom, principal: Principal, uploads: Sequence[str]) -> Sources:
    """Each upload's table as it is now. Raises NotFound, Forbidden, Conflict (`table_not_ready`)."""
    with reading.tables.db.read() as connection:
        newest = pointers(connection, principal, uploads)
        ages = SegmentStore(connection, principal).upload_ages(uploads)
    return Sources(
        principal,
        tuple(load_layout(reading, each.table_id, each.version) for each in newest),
        tuple(ages[upload_id] for upload_id in uploads),
    )


def sources_at(reading: ReadingRoom, principal: Principal, sources: Sequence[Source]) -> Sources:
    """These versions of the tables of uploads that are there. Raises NotFound, Unavailable."""
    with reading.tables.db.read() as connection:
        ages = SegmentStore(connection, principal).upload_ages([each.upload_id for each in sources])
    return Sources(
        principal,
        tuple(load_layout(reading, TableId(each.upload_id), each.version) for each in sources),
        tuple(ages[each.upload_id] for each in sources),
    )


def sources_then(
    reading: ReadingRoom, principal: Principal, sources: Sequence[Source]
) -> tuple[Sources, tuple[bool, ...]]:
    """These versions, without rows that were taken out of their tables since, and where any were.

    Who was erased from a table is in no older version of it either; other changes leave older versions as they
    were. Raises NotFound, Unavailable.
    """
    found = sources_at(reading, principal, sources)
    with reading.tables.db.read() as connection:
        newest = SegmentStore(connection, principal).newest_tables([each.upload_id for each in sources])
    layouts, fewer = [], []
    for each, then in zip(sources, found.layouts, strict=True):
        now, _ = newest.get(each.upload_id, (each.version, 0))
        hidden = None if now == each.version else _hidden_since(reading, then.manifest, now)
        layouts.append(then if hidden is None else layout_of(hidden))
        fewer.append(hidden is not None)
    return replace(found, layouts=tuple(layouts)), tuple(fewer)


def _hidden_since(reading: ReadingRoom, then: Manifest, newest: int) -> Manifest | None:
    """The version with what its newest one hides; None when that is nothing else."""
    try:
        now = load_manifest(reading.tables, then.table_id, newest)
    except NotFound:  # a newer one took its place this very moment
        return None
    if now.hidden_key == then.hidden_key or _first_part(now) != _first_part(then):
        return None  # a table that was made anew numbers its rows anew
    return replace(then, hidden_key=now.hidden_key, hidden_rows=now.hidden_rows)


def _first_part(manifest: Manifest) -> tuple[Part, ...]:
    return manifest.groups[0].parts[:1] if manifest.groups else ()


def _type(columns: Iterable[Column]) -> ColumnType:
    types = {column.type for column in columns}
    return types.pop() if len(types) == 1 else ColumnType.TEXT
