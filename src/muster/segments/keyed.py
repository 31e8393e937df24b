"""The identity of every row of several tables, as something a query can select from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from muster.errors import Conflict
from muster.segments.identity import KEY_SEPARATOR, email_key, name_key, value_key
from muster.segments.identity_sql import (
    EMAIL_UNPROVED,
    NAME,
    OF_VALUES,
    Spelling,
    key_of,
    ordinary,
    proved,
)
from muster.segments.kept import KeptTable
from muster.segments.model import By, Identity
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS, Sources
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, Column
from muster.tables.relation import relation

MAX_ODD_VALUES = 3_000_000
"""Different values of one column that are read one by one."""
_AT_ONCE = 10_000
_TEXT = pa.large_string()


@dataclass(frozen=True, slots=True)
class _Reader:
    """How values are read. name, region: tell readers apart."""

    key: Callable[[str], str | None] = field(compare=False)
    name: str
    region: str | None = None


_NAMES = _Reader(name_key, "name")


@dataclass(frozen=True, slots=True)
class Keyed:
    """sql: gives `place` (BIGINT) and `key` (text, null where a row has no identity) of every visible row.

    tables: those it names. spelling: by which keys are still to be proved (`disproved`), None when all are.
    """

    sql: str
    tables: dict[str, pa.Table]
    spelling: Spelling | None


def keyed(
    room: SegmentsRoom,
    sources: Sources,
    identity: Identity,
    patience: Patience,
    *,
    prove_later: bool = False,
    prefix: str = "",
) -> Keyed:
    """The identity of all rows. prefix: of the names of tables, for queries over several of these.

    prove_later: keys may be left unproved where that is cheaper, for whoever looks at few of them.
    Raises Overloaded, Conflict (`identity_unfit`), StorageFull, Unavailable.
    """
    selects: list[str] = []
    tables: dict[str, pa.Table] = {}
    spellings = [OF_VALUES[identity.by]] * len(identity.columns)
    if prove_later and identity.by is By.EMAIL and spellings:
        # Only the last one: an unproved key would keep the next column from being asked.
        spellings[-1] = EMAIL_UNPROVED
    reader = _Reader(value_key(identity), identity.by, identity.region)
    for position, layout in enumerate(sources.layouts):
        keys = _Keys(room, layout, f"{prefix}s{position}_", patience)
        key = keys.first_of(identity.columns, spellings, reader)
        if identity.by is By.DOMAIN_NAME:
            name = keys.joined(identity.names)
            key = None if key is None or name is None else f"{key} || chr({ord(KEY_SEPARATOR)}) || {name}"
        if key is not None:
            selects.append(keys.select(key, sources.ranks[position]))
            tables |= keys.tables
    if not selects:
        selects = ["SELECT NULL::BIGINT AS place, NULL::VARCHAR AS key WHERE false"]
    unproved = next((each for each in spellings if not each.is_proved), None)
    return Keyed(f"({' UNION ALL '.join(selects)})", tables, unproved)


def disproved(room: SegmentsRoom, spelling: Spelling, keys: pa.Table, patience: Patience) -> pa.Array:
    """Those `place`s of `keys` (`place`, `key`) whose key names nobody."""
    unproved = room.reading.queries.run(
        f"SELECT place, key FROM unproved WHERE NOT {proved(spelling, 'key')}",  # noqa: S608
        {"unproved": keys},
        seconds=patience.query_seconds,
    )
    found: list[int] = []
    for batch in unproved.to_batches(max_chunksize=_AT_ONCE):
        patience.still_time()
        pairs = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        found += [place for place, key in pairs if email_key(key) != key]
    return pa.array(found, pa.int64())


class _Keys:
    """The keys of one table's rows, column by column."""

    def __init__(self, room: SegmentsRoom, layout: Layout, prefix: str, patience: Patience) -> None:
        self._room = room
        self._layout = layout
        self._prefix = prefix
        self._patience = patience
        self._physical: set[str] = set()
        self._joins: list[str] = []
        self.tables: dict[str, pa.Table] = {}

    def first_of(self, names: Sequence[str], spellings: Sequence[Spelling], reader: _Reader) -> str | None:
        """The first key the columns of these names give; None when the table has none of them."""
        found = [
            self._of(self._layout.columns[name], spelling, reader)
            for name, spelling in zip(names, spellings, strict=True)
            if name in self._layout.columns
        ]
        return f"coalesce({', '.join(found)})" if len(found) > 1 else next(iter(found), None)

    def joined(self, names: Sequence[str]) -> str | None:
        """The names in these columns joined by blanks; None when the table has none of them."""
        found = [
            self._of(self._layout.columns[name], NAME, _NAMES)
            for name in names
            if name in self._layout.columns
        ]
        return f"nullif(concat_ws(' ', {', '.join(found)}), '')" if found else None

    def select(self, key: str, rank: int) -> str:
        source = relation(self._room.reading, self._layout, self._physical, prefix=self._prefix)
        self.tables |= source.tables
        return (
            f"SELECT {rank << PLACE_BITS:d} + r.{ROW_ID} AS place, {key} AS key "  # noqa: S608
            f"FROM {source.sql} r {' '.join(self._joins)}"
        )

    def _of(self, column: Column, spelling: Spelling, reader: _Reader) -> str:
        self._physical.add(column.physical)
        odd = _odd_values(self._room, self._layout, column, spelling, reader, self._patience)
        if not odd.num_rows:
            return key_of(spelling, column.physical, None)
        alias = f"{self._prefix}odd{len(self._joins)}"
        self.tables[alias] = odd
        self._joins.append(f'LEFT JOIN {alias} ON {alias}.value = r."{column.physical}"')
        return key_of(spelling, column.physical, f"{alias}.odd_key")


def _odd_values(
    room: SegmentsRoom,
    layout: Layout,
    column: Column,
    spelling: Spelling,
    reader: _Reader,
    patience: Patience,
) -> pa.Table:
    """`value` and `odd_key` of every value of a column that has a key and is in no ordinary spelling."""
    manifest = layout.manifest
    asked = (manifest.table_id, manifest.version, manifest.hidden_key, column.physical, spelling, reader)

    def compute() -> KeptTable:
        source = relation(room.reading, layout, [column.physical])
        found = room.reading.queries.run(
            f'SELECT DISTINCT "{column.physical}" AS value FROM {source.sql} '  # noqa: S608
            f"WHERE NOT {ordinary(spelling, column.physical)} LIMIT {MAX_ODD_VALUES + 1}",
            source.tables,
            seconds=patience.query_seconds,
        )
        if found.num_rows > MAX_ODD_VALUES:
            raise _unfit(column)
        return KeptTable(_with_keys(found, reader, patience))

    return room.tables.get(asked, compute).table


def _with_keys(found: pa.Table, reader: _Reader, patience: Patience) -> pa.Table:
    pieces = []
    for batch in found.to_batches(max_chunksize=_AT_ONCE):
        patience.still_time()
        values = batch.column(0).cast(_TEXT)
        keys = pa.array([reader.key(value) for value in values.to_pylist()], _TEXT)
        pieces.append(pa.table({"value": values, "odd_key": keys}).filter(keys.is_valid()))
    if not pieces:
        return pa.table({"value": pa.array([], _TEXT), "odd_key": pa.array([], _TEXT)})
    return pa.concat_tables(pieces)


def _unfit(column: Column) -> Conflict:
    return Conflict(
        f"More than {MAX_ODD_VALUES:,} different values of `{column.name}` are in no usual form. Bring the column "
        "into its usual form first, by a rule or an enrichment, or take another one.",
        code="identity_unfit",
    )
