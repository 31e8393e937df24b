"""What lies in the object store of a match: known pairs, decisions, and every pair with its evidence.

Row ids and numbers; no audience data.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from muster.objects.keys import segment_file
from muster.objects.store import read_whole
from muster.segments.match_model import Label, Match, MatchFacts
from muster.segments.probable import Found
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources

PAIRS: Final = "pairs.parquet"
LEVELS: Final = "levels.json"
FACTS: Final = "facts.json"
_ROW_GROUP_ROWS: Final = 64 * 1024
_labels = msgspec.json.Decoder(tuple[Label, ...])
_facts = msgspec.json.Decoder(MatchFacts)
_names = msgspec.json.Decoder(tuple[tuple[str, ...], ...])


def encode_labels(labels: Sequence[Label]) -> bytes:
    return msgspec.json.encode(labels)


def load_labels(room: SegmentsRoom, key: str | None) -> tuple[Label, ...]:
    """What somebody said of pairs; nothing without a key. Raises NotFound, Unavailable."""
    return () if key is None else _labels.decode(read_whole(room.objects, key))


def write_found(room: SegmentsRoom, match_id: str, made_by: str, sources: Sources, found: Found) -> None:
    """Store pairs (ids are places in `sources`) and what their levels are called. Raises StorageFull, Unavailable."""
    ends = {}
    for end in ("a", "b"):
        rows = [sources.row_of(place) for place in found.pairs.column(end).to_pylist()]
        ends[f"{end}_position"] = pa.array([position for position, _ in rows], pa.int16())
        ends[f"{end}_row"] = pa.array([row_id for _, row_id in rows], pa.int64())
    rest = found.pairs.drop_columns(["a", "b"])
    table = pa.table({**ends, **{name: rest.column(name) for name in rest.column_names}})
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, row_group_size=_ROW_GROUP_ROWS, compression="zstd")
    room.objects.put(segment_file(match_id, made_by, PAIRS), [buffer.getvalue()])
    room.objects.put(segment_file(match_id, made_by, LEVELS), [msgspec.json.encode(found.levels)])


def write_facts(room: SegmentsRoom, match_id: str, made_by: str, facts: MatchFacts) -> None:
    room.objects.put(segment_file(match_id, made_by, FACTS), [msgspec.json.encode(facts)])


def load_facts(room: SegmentsRoom, match_id: str, made_by: str) -> MatchFacts:
    """Raises NotFound, Unavailable."""
    return _facts.decode(read_whole(room.objects, segment_file(match_id, made_by, FACTS)))


def read_pairs(room: SegmentsRoom, match: Match, columns: Sequence[str] | None = None) -> pa.Table:
    """Every pair in the order of probability: `a_position`, `a_row`, `b_position`, `b_row`, `probability`, evidence."""
    key = segment_file(match.id, match.made_by or "", PAIRS)
    return pq.read_table(room.reading.tables.cache.path(key), columns=columns, memory_map=True)


def read_levels(room: SegmentsRoom, match: Match) -> tuple[tuple[str, ...], ...]:
    """For each column the names of its levels, by number."""
    return _names.decode(read_whole(room.objects, segment_file(match.id, match.made_by or "", LEVELS)))
