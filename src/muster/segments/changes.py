"""Who came and who went between two counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from muster.segments.choose import without
from muster.segments.keyed import keyed
from muster.segments.model import By, Dedupe, Identity
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources

_NOBODY = pa.array([], pa.int64())


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two counts: its sources, how duplicates were joined, and its members by position."""

    sources: Sources
    dedupe: Dedupe | None
    ids: Sequence[pa.Array]

    def by_upload(self) -> Mapping[str, pa.Array]:
        return {
            str(layout.manifest.table_id): ids
            for layout, ids in zip(self.sources.layouts, self.ids, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Moved:
    """joined: rows by position in the later sources; departed: by position in the earlier ones; sorted."""

    joined: tuple[pa.Array, ...]
    departed: tuple[pa.Array, ...]


def moved(room: SegmentsRoom, before: Side, after: Side, patience: Patience) -> Moved:
    """Rows that are members on one side only.

    Where both sides join duplicates, a person whose group is now represented by another row has neither come nor
    gone. Raises Overloaded, Conflict (`identity_unfit`), StorageFull, Unavailable.
    """
    earlier, later = before.by_upload(), after.by_upload()
    joined = tuple(
        _only(ids, earlier.get(layout.manifest.table_id, _NOBODY))
        for layout, ids in zip(after.sources.layouts, after.ids, strict=True)
    )
    departed = tuple(
        _only(ids, later.get(layout.manifest.table_id, _NOBODY))
        for layout, ids in zip(before.sources.layouts, before.ids, strict=True)
    )
    both = before.dedupe is not None and after.dedupe is not None
    if not both or after.dedupe is None or not any(map(len, joined)) or not any(map(len, departed)):
        return Moved(joined, departed)
    identity = after.dedupe.identity
    if identity.by is By.MATCH:  # says nothing of other versions than those it looked at
        return Moved(joined, departed)
    return _without_stayers(room, before.sources, after.sources, identity, Moved(joined, departed), patience)


def _only(ids: pa.Array, others: pa.Array) -> pa.Array:
    return without(ids.cast(pa.int64()), others.cast(pa.int64()))


def _without_stayers(
    room: SegmentsRoom,
    before: Sources,
    after: Sources,
    identity: Identity,
    found: Moved,
    patience: Patience,
) -> Moved:
    """Without rows of people who are on both sides, by another row."""
    came = keyed(room, after, identity, patience, prefix="b")
    went = keyed(room, before, identity, patience, prefix="a")
    tables = {
        **came.tables,
        **went.tables,
        "came": pa.table({"place": after.places(found.joined)}),
        "went": pa.table({"place": before.places(found.departed)}),
    }
    rows = room.reading.queries.run(
        f"""
        WITH came_keys AS MATERIALIZED (SELECT place, key FROM {came.sql} SEMI JOIN came USING (place)),
        went_keys AS MATERIALIZED (SELECT place, key FROM {went.sql} SEMI JOIN went USING (place))
        SELECT place, true AS is_new FROM came_keys SEMI JOIN went_keys USING (key)
        UNION ALL SELECT place, false FROM went_keys SEMI JOIN came_keys USING (key)
        """,  # noqa: S608 - expressions and names of our own
        tables,
        seconds=patience.query_seconds,
    )
    stayed = rows.filter(rows.column("is_new")).column("place").cast(pa.int64()).combine_chunks()
    replaced = rows.filter(pc.invert(rows.column("is_new"))).column("place").cast(pa.int64()).combine_chunks()
    return Moved(
        after.split(without(after.places(found.joined), stayed)),
        before.split(without(before.places(found.departed), replaced)),
    )
