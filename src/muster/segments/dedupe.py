"""Find the groups of rows that are the same person, in one query over all tables."""

from collections.abc import Hashable

import pyarrow as pa
import pyarrow.compute as pc

from muster.segments.groups import Groups
from muster.segments.keyed import disproved, keyed
from muster.segments.matched import decisions_key, matched
from muster.segments.model import By, Dedupe, Keep
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS, RANK_BITS, Sources
from muster.tables.model import ROW_ID
from muster.tables.relation import relation


def groups_of(room: SegmentsRoom, sources: Sources, dedupe: Dedupe, patience: Patience) -> Groups:
    """The groups of more than one row; kept for the next call.

    Raises Overloaded, Conflict (`identity_unfit`), StorageFull, Unavailable.
    """
    # Policies of fields change no group, and hidden rows are part of what a version is.
    hidden = tuple(layout.manifest.hidden_key for layout in sources.layouts)
    is_match = dedupe.identity.by is By.MATCH
    settled = decisions_key(room, sources, dedupe.identity) if is_match else None
    key = (sources.key, sources.ranks, hidden, dedupe.identity, dedupe.keep, settled)
    return room.groups.get(key, lambda: _found(room, sources, dedupe, key, patience))


def filled_counts(room: SegmentsRoom, sources: Sources, places: pa.Array, patience: Patience) -> pa.Table:
    """`place` and `filled`: how many cells each of these rows has filled."""
    wanted = pa.table({"place": places})
    selects, tables = [], {"wanted": wanted}
    for position, layout in enumerate(sources.layouts):
        columns = [column.physical for column in layout.manifest.columns]
        source = relation(room.reading, layout, columns, prefix=f"s{position}_")
        tables |= source.tables
        filled = " + ".join(f'("{column}" IS NOT NULL)::BIGINT' for column in columns) or "0::BIGINT"
        first = sources.ranks[position] << PLACE_BITS
        # Only the rows of this source, by row id: one probe for each row, none for those that stand alone.
        selects.append(
            f"SELECT {first:d} + {ROW_ID} AS place, {filled} AS filled FROM {source.sql} "  # noqa: S608
            f"WHERE {first:d} + {ROW_ID} IN (SELECT place FROM wanted)"
        )
    return room.reading.queries.run(" UNION ALL ".join(selects), tables, seconds=patience.query_seconds)


def _visible(room: SegmentsRoom, sources: Sources, tables: dict[str, pa.Table]) -> str:
    """The matched rows that are there now, as something to select from."""
    selects = []
    for position, layout in enumerate(sources.layouts):
        rows = relation(room.reading, layout, (), prefix=f"s{position}_")
        tables |= rows.tables
        first = sources.ranks[position] << PLACE_BITS
        selects.append(f"SELECT {first:d} + {ROW_ID} AS place FROM {rows.sql}")  # noqa: S608
    return f"(SELECT place, key FROM matched SEMI JOIN ({' UNION ALL '.join(selects)}) USING (place))"  # noqa: S608


def by_then_place(number: str) -> str:
    """An expression that orders by a count and, where it is equal, by place, the newest last."""
    return f"{number}::HUGEINT * {1 << PLACE_BITS + RANK_BITS:d} + place"


def _found(room: SegmentsRoom, sources: Sources, dedupe: Dedupe, key: Hashable, patience: Patience) -> Groups:
    if dedupe.identity.by is By.MATCH:
        tables: dict[str, pa.Table] = {"matched": matched(room, sources, dedupe.identity)}
        source, spelling = _visible(room, sources, tables), None
    else:
        rows = keyed(room, sources, dedupe.identity, patience, prove_later=True)
        source, tables, spelling = rows.sql, rows.tables, rows.spelling
    candidates = room.reading.queries.run(
        f"""
        WITH keyed AS NOT MATERIALIZED (SELECT place, key FROM {source}),
        again AS (
            SELECT key, max(place) AS newest FROM keyed WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1
        )
        SELECT keyed.place, again.newest{", keyed.key" if spelling else ""} FROM keyed JOIN again USING (key)
        """,  # noqa: S608 - names and expressions of our own
        tables,
        seconds=patience.query_seconds,
    )
    if spelling:
        # One key of each group: they are the same.
        keys = candidates.filter(pc.equal(candidates.column("place"), candidates.column("newest")))
        bad = disproved(room, spelling, keys.select(["place", "key"]), patience)
        candidates = candidates.select(["place", "newest"])
        if len(bad):
            candidates = candidates.filter(pc.invert(pc.is_in(candidates.column("newest"), value_set=bad)))
    if dedupe.keep is Keep.MOST_COMPLETE and candidates.num_rows:
        candidates = _most_complete(room, sources, candidates, patience)
    return _groups(sources, key, candidates.rename_columns(["place", "winner"]))


def _most_complete(
    room: SegmentsRoom, sources: Sources, candidates: pa.Table, patience: Patience
) -> pa.Table:
    """The candidates with the fullest row of each group in the place of the newest."""
    filled = filled_counts(room, sources, candidates.column("place").combine_chunks(), patience)
    by_filled = by_then_place("filled")
    return room.reading.queries.run(
        f"""
        WITH best AS (
            SELECT newest, arg_max(place, {by_filled}) AS winner
            FROM candidates JOIN filled USING (place) GROUP BY newest
        )
        SELECT place, winner FROM candidates JOIN best USING (newest)
        """,  # noqa: S608
        {"candidates": candidates, "filled": filled},
        seconds=patience.query_seconds,
    )


def _groups(sources: Sources, key: Hashable, found: pa.Table) -> Groups:
    typed = pa.schema([pa.field("winner", pa.int64()), pa.field("place", pa.int64())])
    places = found.select(["winner", "place"]).cast(typed).sort_by([("place", "ascending")]).combine_chunks()
    lost = places.filter(pc.not_equal(places.column("winner"), places.column("place"))).column("place")
    losers = sources.split(lost.combine_chunks())
    return Groups(key, places, losers)
