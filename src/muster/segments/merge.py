"""The values of a group's fields, where they come from another row than the one that stands for it.

Like edits of a table they are a second layer: `winner` (the place of the row), the value, and the place it
comes from. Nothing is written into the tables.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from muster.segments.dedupe import by_then_place, filled_counts
from muster.segments.groups import Groups
from muster.segments.kept import KeptTable
from muster.segments.model import Dedupe, Policy
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS, Sources
from muster.tables.model import ROW_ID
from muster.tables.relation import relation

_ORDERS = {
    Policy.NEWEST: "place",
    Policy.FIRST: "-place",
    Policy.LONGEST: by_then_place("length({value})"),
    Policy.MOST_COMPLETE: by_then_place("filled"),
}


def merged(
    room: SegmentsRoom,
    sources: Sources,
    dedupe: Dedupe,
    groups: Groups,
    field: str,
    patience: Patience,
) -> pa.Table | None:
    """`winner`, `value` and `place` for every group whose value of `field` is not its winner's own.

    Sorted by `winner`. None when every row keeps its own. Raises Overloaded, StorageFull, Unavailable.
    """
    policy = dedupe.policy(field)
    if policy is Policy.WINNER or not groups.places.num_rows:
        return None
    key = ("merged", groups.key, field, policy)
    table = room.tables.get(
        key, lambda: KeptTable(_computed(room, sources, groups, field, policy, patience))
    ).table
    return table if table.num_rows else None


def merged_fields(
    room: SegmentsRoom,
    sources: Sources,
    dedupe: Dedupe | None,
    groups: Groups | None,
    fields: Sequence[str],
    patience: Patience,
) -> dict[str, pa.Table]:
    """`merged` of each of these fields that has joined values at all."""
    if dedupe is None or groups is None:
        return {}
    found = {field: merged(room, sources, dedupe, groups, field, patience) for field in fields}
    return {field: table for field, table in found.items() if table is not None}


def joined_values(
    room: SegmentsRoom, sources: Sources, groups: Groups, fields: Mapping[str, Policy], patience: Patience
) -> tuple[str, dict[str, pa.Table]]:
    """A query for the joined value of each of these fields in every group, and the tables it names.

    Gives `winner`, then `v0`, `v1` ... (text, null: empty) and `p0`, `p1` ... (the places they come from) in the
    order of `fields`; sorted by `winner`. No policy is WINNER.
    """
    selects: list[str] = []
    tables: dict[str, pa.Table] = {"members": groups.places}
    for position, layout in enumerate(sources.layouts):
        columns = [layout.columns.get(field) for field in fields]
        physical = sorted({column.physical for column in columns if column is not None})
        if not physical:
            continue
        source = relation(room.reading, layout, physical, prefix=f"s{position}_")
        tables |= source.tables
        shown = ", ".join(
            f"NULL::VARCHAR AS x{number}" if column is None else f'"{column.physical}" AS x{number}'
            for number, column in enumerate(columns)
        )
        first = sources.ranks[position] << PLACE_BITS
        selects.append(f"SELECT {first:d} + {ROW_ID} AS place, {shown} FROM {source.sql}")  # noqa: S608
    if not selects:
        selects = [
            f"SELECT NULL::BIGINT AS place, {', '.join(f'NULL::VARCHAR AS x{at}' for at in range(len(fields)))} WHERE false"
        ]
    filled = ""
    if Policy.MOST_COMPLETE in fields.values():
        places = groups.places.column("place").combine_chunks()
        tables["filled"] = filled_counts(room, sources, places, patience)
        filled = " JOIN filled USING (place)"
    chosen = ", ".join(_chosen(number, policy) for number, policy in enumerate(fields.values()))
    sql = (
        f"SELECT winner, {chosen} FROM members JOIN ({' UNION ALL '.join(selects)}) USING (place)"  # noqa: S608
        f"{filled} GROUP BY winner ORDER BY winner"
    )
    return sql, tables


def _chosen(number: int, policy: Policy) -> str:
    value = f"x{number}"
    best = f"{_ORDERS[policy].replace('{value}', value)}) FILTER (WHERE {value} IS NOT NULL)"
    return f"arg_max({value}, {best} AS v{number}, arg_max(place, {best} AS p{number}"


def _computed(
    room: SegmentsRoom, sources: Sources, groups: Groups, field: str, policy: Policy, patience: Patience
) -> pa.Table:
    sql, tables = joined_values(room, sources, groups, {field: policy}, patience)
    return room.reading.queries.run(
        f"SELECT winner, v0 AS value, p0 AS place FROM ({sql}) WHERE p0 <> winner ORDER BY winner",  # noqa: S608
        tables,
        seconds=patience.query_seconds,
    )
