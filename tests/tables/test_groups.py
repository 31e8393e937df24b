"""New columns in files of their own: their types, their names, and the same bytes however they come."""

from collections.abc import Sequence

import pyarrow as pa
import pytest

from muster.accounts.model import Principal
from muster.objects.store import read_whole
from muster.tables.groups import NewColumn, write_group
from muster.tables.model import ColumnType, Manifest, TableId
from muster.tables.portions import PART_ROWS
from muster.tables.room import TablesRoom
from muster.tables.write import ROW_GROUP_ROWS
from tests.tables.enriching import Run, append, enrich
from tests.tables.making import Cells, make_table
from tests.tables.portions import rows_of


def batches(values: Sequence[str | None], size: int) -> list[pa.RecordBatch]:
    table = pa.table([pa.arange(0, len(values)), pa.array(values, pa.large_string())], names=["a", "b"])
    found: list[pa.RecordBatch] = table.to_batches(max_chunksize=size)
    return found


def test_row_ids_that_are_not_dense_are_refused(files: TablesRoom, table_id: TableId) -> None:
    late = batches(["x", "y", "z"], 10)[0].slice(1)
    gap = [batches(["x", "y", "z"], 10)[0].take(pa.array([0, 2]))]
    for wrong in ([late], gap):
        with pytest.raises(ValueError, match="were expected"):
            write_group(files, table_id, "enr_1", wrong, [NewColumn("a", "enrichment:p")])


def test_the_same_rows_give_the_same_bytes_however_they_were_cut(
    files: TablesRoom, table_id: TableId
) -> None:
    values = [None if row % 7 == 0 else f"value {row}" for row in range(2 * ROW_GROUP_ROWS + 5)]
    written = [
        write_group(files, table_id, "enr_1", batches(values, size), [NewColumn("a", "enrichment:p")])
        for size in (len(values), 1000, ROW_GROUP_ROWS, 99_999)
    ]
    assert all(each == written[0] for each in written)
    (part,) = written[0].group.parts
    assert (part.first_row_id, part.rows) == (0, len(values))
    # Another run writes elsewhere, under other names.
    other = write_group(files, table_id, "enr_2", batches(values, 1000), [NewColumn("a", "enrichment:p")])
    assert other.columns[0].physical != written[0].columns[0].physical
    assert read_whole(files.objects, other.group.parts[0].key) != read_whole(files.objects, part.key)


def test_a_long_column_lies_in_several_parts_and_a_type_is_one_of_all_of_it(
    files: TablesRoom, table_id: TableId
) -> None:
    rows = PART_ROWS + 10
    numbers = pa.array([str(row) for row in range(rows)], pa.large_string())
    late = pa.array([*(str(row) for row in range(rows - 1)), "n/a"], pa.large_string())
    table = pa.table([pa.arange(0, rows), numbers, late], names=["id", "numbers", "late"])
    paused: list[None] = []
    written = write_group(
        files,
        table_id,
        "enr_1",
        table.to_batches(max_chunksize=60_000),
        [NewColumn("n", "enrichment:p"), NewColumn("late", "enrichment:several")],
        lambda: paused.append(None),
    )
    assert [(part.first_row_id, part.rows) for part in written.group.parts] == [
        (0, PART_ROWS),
        (PART_ROWS, 10),
    ]
    assert [column.type for column in written.columns] == [ColumnType.INTEGER, ColumnType.TEXT]
    assert written.columns[0].typed == f"{written.columns[0].physical}_n"
    assert written.columns[1].typed is None
    assert written.columns[1].origin == "enrichment:several"
    assert len(paused) == 2


def test_long_texts_make_short_parts_of_whole_row_groups(files: TablesRoom, table_id: TableId) -> None:
    texts = ["x" * 4000] * (3 * ROW_GROUP_ROWS)
    written = write_group(files, table_id, "enr_1", batches(texts, 4096), [NewColumn("a", "enrichment:p")])
    rows = [part.rows for part in written.group.parts]
    assert len(rows) > 1
    assert sum(rows) == len(texts)
    assert all(count % ROW_GROUP_ROWS == 0 for count in rows)


@pytest.fixture
def table(room: TablesRoom, ana: Principal) -> Manifest:
    return make_table(room, ana, [{"email": ["a@x.org", "b@x.org"]}])


def shown(room: TablesRoom, manifest: Manifest) -> list[tuple[object, ...]]:
    """The text of every column, in order of rows."""
    return [row[1:] for row in rows_of(room, manifest, *(column.physical for column in manifest.columns))]


def test_a_column_named_like_one_that_rows_bring_later_goes_on_in_them(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    enrich(room, ana, table, {"size": ["10", None], "domain": ["x.org", "x.org"]})
    append(room, ana, table, {"email": ["c@x.org"]})
    late = append(room, ana, table, {"email": ["d@y.org", "e@y.org"], "size": ["7", None]})
    assert shown(room, late) == [
        ("a@x.org", "10", "x.org"),
        ("b@x.org", None, "x.org"),
        ("c@x.org", None, None),
        ("d@y.org", "7", None),
        ("e@y.org", None, None),
    ]
    size = late.column("size")
    assert size is not None
    assert size.typed is not None
    assert [row[1] for row in rows_of(room, late, size.typed)] == [10.0, None, None, 7.0, None]
    assert [[part.first_row_id for part in group.parts] for group in late.groups] == [[0, 2, 3], [0, 2, 3]]


def test_a_type_that_late_rows_do_not_have_is_lost_and_the_values_are_not(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    enrich(room, ana, table, {"size": ["10", "9"]})
    late = append(room, ana, table, {"email": ["c@x.org"], "size": ["2.5"]})
    size = late.column("size")
    assert size is not None
    assert size.type is ColumnType.NUMBER
    later = append(room, ana, table, {"email": ["d@x.org"], "size": ["many"]})
    size = later.column("size")
    assert size is not None
    assert (size.type, size.typed) == (ColumnType.TEXT, None)
    assert [row[1] for row in shown(room, later)] == ["10", "9", "2.5", "many"]


def test_names_of_new_columns_may_be_anything(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    odd: Cells = {
        "_row_id": ["1", "2"],
        "_row": ["x", "y"],
        'a"; DROP TABLE x': [None, "z"],
        "c0": ["p", "q"],
    }
    wide = Run(room, table, odd).publish(ana)
    assert shown(room, wide) == [("a@x.org", "1", "x", None, "p"), ("b@x.org", "2", "y", "z", "q")]
