"""The rows of a version as a query sees them: parts, groups, edits and hidden rows put together."""

from pathlib import Path

import pyarrow as pa
import pytest

from muster.objects.keys import table_file
from muster.tables.engine import connect, relation_sql
from muster.tables.issues import write_row_ids
from muster.tables.model import ROW_ID, ROW_NUMBER, Column, ColumnType, Group, Overlay, Part
from muster.tables.room import TablesRoom
from muster.tables.write import write_parquet
from tests.tables.portions import Build, Built, rows_of


def overlay(
    built: Built, column: str, values: dict[int, str | None], typed: dict[int, float] | None = None
) -> Overlay:
    members = {
        ROW_ID: pa.array(values, pa.int64()),
        "value": pa.array(values.values(), pa.large_string()),
    }
    if typed is not None:
        members["typed"] = pa.array([typed.get(row) for row in values], pa.float64())
    key = table_file(built.table_id, "edit_1", f"{column}.parquet")
    write_parquet(built.room, key, pa.table(members))
    return Overlay(column, key, len(values))


def test_an_unknown_column_is_refused(build: Build, files: TablesRoom) -> None:
    with pytest.raises(KeyError):
        relation_sql(build({"a": ["x"]}).manifest(), ["c7"], files.cache.path)


def test_a_column_that_a_part_lacks_is_null_there(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["x"]}, {"b": ["y"], "a": [None]}, {"b": ["z"]})
    assert rows_of(files, built.manifest(), "c0", "c1", ROW_NUMBER) == [
        (0, "x", None, 0),
        (1, None, "y", 1),
        (2, None, "z", 2),
    ]


def test_columns_come_in_the_order_they_were_asked_for_and_once(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["1"], "b": ["y"]})
    assert rows_of(files, built.manifest(), "c1", ROW_ID, "c0_n", "c1") == [(0, "y", 1.0)]
    assert rows_of(files, built.manifest()) == [(0,)]


def test_an_edit_replaces_value_and_twin_and_may_empty_a_cell(build: Build, files: TablesRoom) -> None:
    built = build({"age": ["1", "2", "3"], "name": ["x", "y", "z"]})
    edited = built.manifest(overlays=(overlay(built, "c0", {1: "22", 2: None}, {1: 22.0}),))
    assert rows_of(files, edited, "c0", "c0_n", "c1") == [
        (0, "1", 1.0, "x"),
        (1, "22", 22.0, "y"),
        (2, None, None, "z"),
    ]
    assert rows_of(files, edited, "c1") == [(0, "x"), (1, "y"), (2, "z")]


def test_hidden_rows_are_gone_from_every_column(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["x", "y", "z"]})
    key = table_file(built.table_id, "job_one", "hidden.parquet")
    assert write_row_ids(files, key, pa.array([2, 0, 2])).rows == 2
    hidden = built.manifest(hidden_key=key, hidden_rows=2)
    assert rows_of(files, hidden, "c0") == [(1, "y")]
    assert rows_of(files, hidden) == [(1,)]
    assert hidden.visible_rows == 1


def test_groups_are_joined_by_row_id_and_only_read_when_asked_for(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["x", "y"]}, {"a": ["z"]})
    key = table_file(built.table_id, "run_1", "g1/part-00000.parquet")
    table = pa.table(
        {ROW_ID: [0, 1, 2], "c1": pa.array(["7", None, "9"], pa.large_string()), "c1_n": [7.0, None, 9.0]}
    )
    written = write_parquet(files, key, table)
    part = Part(key, 0, 3, written.size_bytes, written.sha256, ("c1", "c1_n"))
    column = Column("score", "c1", ColumnType.INTEGER, "c1_n", "enrichment", 1)
    first = built.manifest()
    wide = built.manifest(columns=(*first.columns, column), groups=(*first.groups, Group((part,))))
    assert rows_of(files, wide, "c1_n", "c0") == [(0, 7.0, "x"), (1, None, "y"), (2, 9.0, "z")]
    assert rows_of(files, wide, "c1") == [(0, "7"), (1, None), (2, "9")]
    asked: list[str] = []

    def seen(key: str) -> Path:
        asked.append(key)
        return files.cache.path(key)

    relation_sql(wide, ["c1"], seen)
    assert asked == [key]


def test_a_directory_with_a_quote_in_its_name_is_no_way_into_the_query(build: Build, tmp_path: Path) -> None:
    built = build({"a": ["x"]})
    odd = tmp_path / "o'; DROP TABLE x; --"
    odd.mkdir()

    def moved(key: str) -> Path:
        target = odd / "part.parquet"
        target.write_bytes(b"".join(built.room.objects.stream(key)))
        return target

    with connect(built.room.engine) as engine:
        assert engine.execute(relation_sql(built.manifest(), ["c0"], moved)).fetchall() == [(0, "x")]
