"""Column groups: new columns in files of their own beside those of the table, so nothing large is written again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import pyarrow as pa

from muster.objects.keys import table_file
from muster.tables.columns import TWIN_SUFFIX, ColumnFacts, ColumnState
from muster.tables.model import ROW_ID, Column, ColumnType, Group, Manifest, Part, TableId, run_number
from muster.tables.portions import portions
from muster.tables.room import TablesRoom
from muster.tables.types import typed_twin
from muster.tables.write import write_parquet


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to be made. origin: what makes it, as `Column.origin` says it."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class WrittenGroup:
    """A column group as written. columns: in the order of what was asked for; no version numbers their group yet."""

    columns: tuple[Column, ...]
    group: Group


def write_group(
    room: TablesRoom,
    table_id: TableId,
    run_id: str,
    batches: Iterable[pa.RecordBatch],
    columns: Sequence[NewColumn],
    pause: Callable[[], None] = lambda: None,
) -> WrittenGroup:
    """Write new columns for every row of a table; in bounded memory, however many rows there are.

    run_id: what writes one group and never another. batches: the row ids (int64, dense from 0), then the
    texts of each column (large_string) in the order of `columns`; null where there is no value, never empty text.
    pause: called before each part, which takes a second at most; what it raises ends the work.
    Raises StorageFull, Unavailable, and ValueError for row ids that are not dense.
    """
    facts = [ColumnFacts(column.name, name) for column, name in zip(columns, _names(run_id), strict=False)]
    schema = pa.schema([(ROW_ID, pa.int64()), *((fact.physical, pa.large_string()) for fact in facts)])
    parts: list[Part] = []
    rows = 0
    for number, table in enumerate(portions(batches, schema)):
        pause()
        _refuse_gaps(table.column(ROW_ID), rows)
        key = table_file(table_id, run_id, f"columns/part-{number:05d}.parquet")
        facts, part = _part(room, key, rows, table, facts)
        parts.append(part)
        rows += table.num_rows
    made = ColumnState(tuple(facts)).final()
    return WrittenGroup(
        tuple(replace(column, origin=wanted.origin) for column, wanted in zip(made, columns, strict=True)),
        Group(tuple(parts)),
    )


def _names(run_id: str) -> Iterator[str]:
    """Physical names nobody else ever gives: those of group 0 are `c0`, `c1` ...; none has an underscore."""
    run = f"{run_number(run_id) & (2**64 - 1):016x}"
    return (f"e{run}x{number}" for number in count())


def _refuse_gaps(row_ids: pa.ChunkedArray, first: int) -> None:
    """What would put values into rows they do not belong to."""
    if row_ids[0].as_py() != first or row_ids[-1].as_py() != first + len(row_ids) - 1:
        raise ValueError(f"rows {first} to {first + len(row_ids) - 1} were expected")


def _part(
    room: TablesRoom, key: str, first_row_id: int, table: pa.Table, facts: Sequence[ColumnFacts]
) -> tuple[list[ColumnFacts], Part]:
    """One file of these columns by their physical names, and what is known of them after it."""
    arrays, names, known = [table.column(ROW_ID)], [ROW_ID], []
    for fact in facts:
        values = table.column(fact.physical)
        candidates, twin = fact.candidates, None
        if candidates:
            candidates, twin = typed_twin(values, candidates)
        arrays.append(values)
        names.append(fact.physical)
        if twin is not None:
            arrays.append(twin)
            names.append(f"{fact.physical}_{TWIN_SUFFIX[candidates[0]]}")
        filled = fact.filled + len(values) - values.null_count
        known.append(replace(fact, filled=filled, candidates=candidates))
    written = write_parquet(room, key, pa.table(arrays, names=names))
    part = Part(key, first_row_id, table.num_rows, written.size_bytes, written.sha256, tuple(names[1:]))
    return known, part


def reaching(room: TablesRoom, manifest: Manifest, made_by: str) -> Manifest:
    """The same version, its last group reaching to its last row: null in rows that joined while it was written.

    Raises StorageFull, Unavailable.
    """
    group, number = manifest.groups[-1], len(manifest.groups) - 1
    first = group.parts[-1].first_row_id + group.parts[-1].rows if group.parts else 0
    if first == manifest.rows:
        return manifest
    key = table_file(manifest.table_id, made_by, f"rest/g{number}-{manifest.version}.parquet")
    _, part = _part(room, key, first, pa.table({ROW_ID: pa.arange(first, manifest.rows)}), [])
    return replace(manifest, groups=(*manifest.groups[:-1], Group((*group.parts, part))))


def groups_with_rows(
    room: TablesRoom, manifest: Manifest, made_by: str, table: pa.Table
) -> tuple[dict[str, Column], tuple[Group, ...]]:
    """The groups behind the first one after `table` joined the rows of `manifest`; and columns that the rows have.

    table: text columns by display name; a column it does not have is null in the new rows. A type that the new
    values do not have is lost. Raises StorageFull, Unavailable.
    """
    if not table.num_rows:
        return {}, manifest.groups[1:]
    brought: dict[str, Column] = {}
    groups: list[Group] = []
    row_ids = pa.arange(manifest.rows, manifest.rows + table.num_rows)
    for number, group in enumerate(manifest.groups[1:], 1):
        columns = [
            column
            for column in manifest.columns
            if column.group == number and column.name in table.column_names
        ]
        texts = [table.column(column.name).cast(pa.large_string()) for column in columns]
        values = pa.table([row_ids, *texts], names=[ROW_ID, *(column.physical for column in columns)])
        facts = [ColumnFacts(column.name, column.physical, _candidates(column)) for column in columns]
        key = table_file(manifest.table_id, made_by, f"g{number}/part-00000.parquet")
        known, part = _part(room, key, manifest.rows, values, facts)
        brought |= {
            column.physical: _after(column, fact) for column, fact in zip(columns, known, strict=True)
        }
        groups.append(Group((*group.parts, part)))
    return brought, tuple(groups)


def _after(column: Column, fact: ColumnFacts) -> Column:
    """The column after more values came, of which this is known."""
    if not fact.filled:
        return column
    (typed,) = ColumnState((fact,)).final()
    return replace(column, type=typed.type, typed=typed.typed)


def _candidates(column: Column) -> tuple[ColumnType, ...]:
    """The types a column may still have when more values come."""
    if column.type is ColumnType.INTEGER:
        return (ColumnType.INTEGER, ColumnType.NUMBER)
    return () if column.typed is None else (column.type,)
