"""Enrichments and retries as a job does them, in few words; for tests of what a table makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import pyarrow as pa

from muster.accounts.model import Principal
from muster.tables.append import commit_rows, with_rows
from muster.tables.enrich import Enrichment, publish_enrichment
from muster.tables.fills import write_fill
from muster.tables.groups import NewColumn, write_group
from muster.tables.manifest import keep, load_manifest
from muster.tables.model import Added, Manifest
from muster.tables.provenance import trace_schema, write_traces
from muster.tables.publish import newest
from muster.tables.room import TablesRoom
from tests.tables.making import Cells

AT_MS = 1_736_937_000_000
_numbers = count()


@dataclass
class Run:
    """A run that has read a version and found something; `publish` puts it into the newest one.

    new: a value for every row of a column to be made. fills: by column and row id.
    """

    room: TablesRoom
    planned: Manifest
    new: Cells = field(default_factory=dict)
    fills: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    run_id: str = field(default_factory=lambda: f"enr_{next(_numbers)}")
    provider: str = "pretend"

    def __post_init__(self) -> None:
        self.wanted = self._written()

    def publish(self, owner: Principal, also: object = None) -> Manifest:
        more = {} if also is None else {"also": also}
        return publish_enrichment(self.room, owner.user_id, "job", self.wanted, 1, **more)  # type: ignore[arg-type]

    def _written(self) -> Enrichment:
        room, planned, run_id = self.room, self.planned, self.run_id
        group, columns = None, []
        if self.new:
            rows = len(next(iter(self.new.values())))
            batch = pa.record_batch(
                [pa.arange(0, rows), *map(_texts, self.new.values())], names=["0", *self.new]
            )
            wanted = [NewColumn(name, f"enrichment:{self.provider}") for name in self.new]
            group = write_group(room, planned.table_id, run_id, [batch], wanted)
            columns += [column.physical for column in group.columns]
        fills = []
        for name, cells in self.fills.items():
            column = planned.column(name)
            assert column is not None
            batch = pa.record_batch(
                [pa.array(sorted(cells), pa.int64()), _texts([cells[row] for row in sorted(cells)])],
                names=["0", "1"],
            )
            fills.append(write_fill(room, planned.table_id, run_id, column, [batch]))
            columns.append(column.physical)
        traces = write_traces(room, planned.table_id, run_id, [self._traces()], len(columns))
        return Enrichment(planned, group, fills, Added(run_id, tuple(columns), (self.provider,), traces))

    def _traces(self) -> pa.RecordBatch:
        filled = [
            {row for row, value in enumerate(values) if value is not None} for values in self.new.values()
        ]
        filled += [set(cells) for cells in self.fills.values()]
        rows = [
            {"_row_id": row}
            | {
                f"{member}{at}": value
                for at, there in enumerate(filled)
                if row in there
                for member, value in {
                    "p": 0,
                    "c": 0.9,
                    "m": 2000 + row,
                    "h": row % 2 == 1,
                    "t": AT_MS,
                }.items()
            }
            for row in sorted(set().union(*filled))
        ]
        return pa.RecordBatch.from_pylist(rows, trace_schema(len(filled)))


def enrich(
    room: TablesRoom, owner: Principal, table: Manifest, new: Cells | None = None, **fills: Mapping[int, str]
) -> Manifest:
    """A run over the newest version, published at once."""
    return Run(room, newest_version(room, owner, table), new or {}, fills).publish(owner)


def append(room: TablesRoom, owner: Principal, table: Manifest, cells: Cells) -> Manifest:
    """More rows, as a retry adds them to the newest version."""
    before = newest_version(room, owner, table)
    texts = pa.table({name: _texts(values) for name, values in cells.items()})
    rows = pa.arange(before.rows, before.rows + texts.num_rows)
    kept = keep(room, with_rows(room, before, f"retry-{next(_numbers)}", texts, rows))
    with room.db.begin() as connection:
        commit_rows(room, connection, owner, before, kept)
    return kept


def newest_version(room: TablesRoom, owner: Principal, table: Manifest) -> Manifest:
    with room.db.read() as connection:
        pointer = newest(connection, owner.user_id, table.table_id)
    assert pointer is not None
    return load_manifest(room, table.table_id, pointer.version)


def _texts(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())
