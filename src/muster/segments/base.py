"""What members are chosen from: every row, or one row for each person with its fields joined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from muster.predicates.check import leaves
from muster.predicates.compile import ColumnRef, physical_columns
from muster.predicates.model import Predicate
from muster.segments.dedupe import groups_of
from muster.segments.groups import Groups
from muster.segments.merge import merged_fields
from muster.segments.model import Dedupe
from muster.segments.narrow import Narrowed, narrowed
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS, Sources
from muster.tables.model import ROW_ID
from muster.tables.relation import relation


@dataclass(frozen=True, slots=True)
class Base:
    """groups: None where rows are not joined."""

    sources: Sources
    dedupe: Dedupe | None = None
    groups: Groups | None = None

    @property
    def candidates(self) -> int:
        """How many there are to choose from."""
        return self.sources.rows - (0 if self.groups is None else self.groups.duplicates)


@dataclass(frozen=True, slots=True)
class Rows:
    """The candidates of one source. sql: may stand after FROM, gives `_row_id` and the columns of `refs`.

    tables: Arrow tables it names. conditions: the filters as far as this source does not decide them alone.
    """

    sql: str
    tables: dict[str, pa.Table]
    refs: Mapping[str, ColumnRef]
    conditions: tuple[Narrowed, ...]


def base_of(room: SegmentsRoom, sources: Sources, dedupe: Dedupe | None, patience: Patience) -> Base:
    """Raises Overloaded, Conflict (`identity_unfit`), StorageFull, Unavailable."""
    if dedupe is None:
        return Base(sources)
    return Base(sources, dedupe, groups_of(room, sources, dedupe, patience))


def rows_of(
    room: SegmentsRoom, base: Base, position: int, predicates: Sequence[Predicate], patience: Patience
) -> Rows:
    """The candidates of the source at `position`, with what these filters need of them."""
    layout = base.sources.layouts[position]
    fields = _fields(predicates)
    joined = merged_fields(room, base.sources, base.dedupe, base.groups, fields, patience)
    refs = {**layout.refs}
    shown, joins, tables, made = [f"r.{ROW_ID}"], [], {}, set()
    for number, (field, table) in enumerate(joined.items()):
        name = f"m{number}"
        own = f'r."{layout.columns[field].physical}"' if field in layout.columns else "NULL"
        shown.append(f"CASE WHEN {name}.winner IS NULL THEN {own} ELSE {name}.value END AS {name}_value")
        first = base.sources.ranks[position] << PLACE_BITS
        joins.append(f"LEFT JOIN {name} ON {name}.winner = {first:d} + r.{ROW_ID}")
        tables[name] = table
        # Its text alone: twins hold what the row itself says.
        refs[field] = ColumnRef(field, f"{name}_value")
        made.add(f"{name}_value")
    left = tuple(narrowed(predicate, refs) for predicate in predicates)
    needed = frozenset[str]().union(
        *(physical_columns(each, (), refs) for each in left if not isinstance(each, bool))
    )
    own_columns = (needed - made) | {
        layout.columns[field].physical for field in joined if field in layout.columns
    }
    source = relation(room.reading, layout, own_columns)
    shown += [f'r."{name}"' for name in sorted(own_columns)]
    if base.groups is not None and len(base.groups.losers[position]):
        tables["losers"] = pa.table({"id": base.groups.losers[position]})
        joins.append(f"ANTI JOIN losers ON losers.id = r.{ROW_ID}")
    sql = f"(SELECT {', '.join(shown)} FROM {source.sql} r {' '.join(joins)})"  # noqa: S608
    return Rows(sql, {**source.tables, **tables}, refs, left)


def _fields(predicates: Iterable[Predicate]) -> Sequence[str]:
    return sorted({leaf.field for predicate in predicates for _, leaf in leaves(predicate)})
