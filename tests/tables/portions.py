"""Small tables written portion by portion, as a job writes them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from muster.tables.columns import ColumnState
from muster.tables.engine import connect, relation_sql
from muster.tables.model import Group, Manifest, Part, TableId
from muster.tables.profile_counts import ValueCounts
from muster.tables.room import TablesRoom
from muster.tables.write import encode_part, examine_part, note_part, store_part

Rows = dict[str, list[str | None]]


@dataclass
class Built:
    """A table being made. `manifest` is what it is so far."""

    room: TablesRoom
    table_id: TableId
    made_by: str = "job_one"
    state: ColumnState = field(default_factory=ColumnState)
    parts: list[Part] = field(default_factory=list)
    number: int = 0
    rows: int = 0

    def add(self, columns: Rows, *, counts: ValueCounts | None = None, **options: Any) -> "Built":
        """One more portion. counts: counts its values too."""
        table = pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})
        rows = pa.arange(self.rows, self.rows + table.num_rows)
        examined = examine_part(self.rows, table, rows, self.state, **options)
        if counts is not None:
            counts.add(examined.texts, table.num_rows)
        encoded = encode_part(examined)
        written = store_part(self.room, self.table_id, self.made_by, self.number, encoded)
        note_part(self.room, self.table_id, self.made_by, written)
        self.state = written.state
        self.number += 1
        self.rows += table.num_rows
        if written.part is not None:
            self.parts.append(written.part)
        return self

    def manifest(self, **members: object) -> Manifest:
        first = Manifest(
            self.table_id,
            1,
            None,
            self.made_by,
            self.rows,
            self.rows,
            0,
            self.state.final(),
            (Group(tuple(self.parts)),),
        )
        return replace(first, **members)  # type: ignore[arg-type]


Build = Callable[..., Built]


def rows_of(room: TablesRoom, manifest: Manifest, *names: str) -> list[tuple[object, ...]]:
    """The row id and these physical columns of every visible row, in order."""
    with connect(room.engine) as engine:
        sql = relation_sql(manifest, names, room.cache.path)
        return engine.execute(f"SELECT * FROM ({sql}) ORDER BY _row_id").fetchall()  # noqa: S608
