"""Who the members of a version are, as Parquet: row ids, and which rows were one person. No audience data.

`members.parquet`: `position` (of the source in the version), `_row_id`; sorted by both, a row group holds rows of
one source. `groups.parquet`, where fields are joined: `winner_position`, `winner_row`, `position`, `row`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.objects.keys import segment_file
from muster.segments.base import Base
from muster.segments.groups import Groups
from muster.segments.model import Version
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS, ROW_MASK, Sources
from muster.tables.model import ROW_ID
from muster.tables.vectors import ChosenRows, IdVector

FILES: Final = ("members.parquet", "groups.parquet")
ROW_GROUP_ROWS: Final = 256 * 1024
_MEMBERS: Final = pa.schema([("position", pa.int16()), (ROW_ID, pa.int64())])
_GROUPS: Final = pa.schema(
    [
        ("winner_position", pa.int16()),
        ("winner_row", pa.int64()),
        ("position", pa.int16()),
        ("row", pa.int64()),
    ]
)


def write_version(
    room: SegmentsRoom, segment_id: str, made_by: str, base: Base, ids: Sequence[pa.Array]
) -> None:
    """Store the members, durably; writing them again is harmless. Raises StorageFull, Unavailable."""
    buffer = pa.BufferOutputStream()
    with pq.ParquetWriter(buffer, _MEMBERS, **_encoding([ROW_ID])) as writer:
        for position, rows in enumerate(ids):
            for start in range(0, len(rows), ROW_GROUP_ROWS):
                piece = rows.slice(start, ROW_GROUP_ROWS).cast(pa.int64())
                at = pa.repeat(pa.scalar(position, pa.int16()), len(piece))
                writer.write_table(pa.table([at, piece], schema=_MEMBERS), row_group_size=ROW_GROUP_ROWS)
    room.objects.put(segment_file(segment_id, made_by, "members.parquet"), [buffer.getvalue()])
    if base.groups is not None and base.dedupe is not None and base.dedupe.joins_fields:
        table = _groups_of_members(base.sources, base.groups, ids)
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, row_group_size=ROW_GROUP_ROWS, **_encoding(["winner_row", "row"]))
        room.objects.put(segment_file(segment_id, made_by, "groups.parquet"), [buffer.getvalue()])


def member_pieces(room: SegmentsRoom, version: Version, position: int) -> Iterator[pa.Array]:
    """The row ids (int64, sorted) of one source, piece by piece. position: in the files of the version.

    Raises NotFound, Unavailable.
    """
    key = segment_file(version.segment_id, version.made_by or "", "members.parquet")
    with pq.ParquetFile(room.reading.tables.cache.path(key), memory_map=True) as file:
        for number in range(file.num_row_groups):
            if file.metadata.row_group(number).column(0).statistics.min == position:
                yield file.read_row_group(number, columns=[ROW_ID]).column(0).combine_chunks()


def member_ids(room: SegmentsRoom, version: Version, position: int) -> IdVector:
    """All row ids of one source; kept for the next call. Raises NotFound, Unavailable."""

    def read() -> IdVector:
        pieces = list(member_pieces(room, version, position))
        return ChosenRows(_narrow(pa.concat_arrays(pieces or [pa.array([], pa.int64())])))

    return room.reading.vectors.get(("members", version.segment_id, version.made_by, position), read)


def frozen_groups(room: SegmentsRoom, version: Version, sources: Sources) -> Groups:
    """The groups of a version that joined fields. sources: those of the version that are still there."""
    key = segment_file(version.segment_id, version.made_by or "", "groups.parquet")
    table = pq.read_table(room.reading.tables.cache.path(key), memory_map=True)
    ranks = {position: sources.ranks[at] for at, position in enumerate(version.positions)}
    winner, place = (
        _places(table.column(position), table.column(row), ranks)
        for position, row in (("winner_position", "winner_row"), ("position", "row"))
    )
    there = pc.and_(pc.is_valid(winner), pc.is_valid(place))
    places = pa.table({"winner": winner, "place": place}).filter(there)
    places = places.sort_by([("place", "ascending")]).combine_chunks()
    hidden = tuple(layout.manifest.hidden_key for layout in sources.layouts)
    return Groups((version.segment_id, version.made_by, sources.ranks, hidden), places, ())


def _groups_of_members(sources: Sources, groups: Groups, ids: Sequence[pa.Array]) -> pa.Table:
    members = sources.places(ids)
    kept = groups.members.filter(pc.is_in(groups.members.column("winner"), value_set=members))
    at = pa.array(sources.by_age, pa.int16())
    return pa.table(
        [
            at.take(pc.shift_right(kept.column("winner"), PLACE_BITS).combine_chunks()),
            pc.bit_wise_and(kept.column("winner"), ROW_MASK),
            at.take(pc.shift_right(kept.column("place"), PLACE_BITS).combine_chunks()),
            pc.bit_wise_and(kept.column("place"), ROW_MASK),
        ],
        schema=_GROUPS,
    )


def _places(positions: pa.ChunkedArray, rows: pa.ChunkedArray, ranks: dict[int, int]) -> pa.ChunkedArray:
    """Places of rows; null for those of uploads that are gone."""
    known = pa.array(list(ranks), pa.int16())
    at = pc.index_in(positions, value_set=known)
    firsts = pa.array([rank << PLACE_BITS for rank in ranks.values()], pa.int64())
    return pc.add(firsts.take(at.combine_chunks()), rows.combine_chunks())


def _encoding(numbers: Sequence[str]) -> dict[str, Any]:
    """Sorted numbers take about a byte each."""
    return {
        "compression": "zstd",
        "use_dictionary": False,
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
    }


def _narrow(ids: pa.Array) -> pa.Array:
    """In half the memory where they fit."""
    return ids.cast(pa.int32()) if not len(ids) or ids[-1].as_py() < 2**31 else ids
