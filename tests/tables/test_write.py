"""Parts, their names, and what is carried from one to the next."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.errors import NotFound
from muster.objects.keys import table_file
from muster.objects.local import LocalStore
from muster.tables import columns
from muster.tables.columns import ColumnState, with_kinds
from muster.tables.model import ROW_ID, ROW_NUMBER, Column, ColumnType, TableId
from muster.tables.room import TablesRoom
from muster.tables.write import ROW_GROUP_ROWS, load_part, write_parquet, write_part
from tests.tables.portions import Build, rows_of


def stored(objects: LocalStore, key: str) -> bytes:
    return b"".join(objects.stream(key))


def test_writing_a_portion_again_gives_the_same_bytes(build: Build, objects: LocalStore) -> None:
    portion = {"email": [f"p{n}@example.org" for n in range(3000)], "age": [str(n % 90) for n in range(3000)]}
    first = {part.key: stored(objects, part.key) for part in build(portion, portion).parts}
    notes = {found.key: stored(objects, found.key) for found in objects.list("tables/")}
    again = build(portion, portion)
    assert {part.key: stored(objects, part.key) for part in again.parts} == first
    assert {found.key: stored(objects, found.key) for found in objects.list("tables/")} == notes


def test_what_a_portion_left_behind_can_be_read_back(files: TablesRoom, build: Build) -> None:
    built = build({"a": ["1", None]}, {"b": ["x"]})
    kept = load_part(files, built.table_id, "job_one", 1)
    assert kept.state == built.state
    assert kept.part == built.parts[1]
    with pytest.raises(NotFound):
        load_part(files, built.table_id, "job_one", 2)


def test_rows_are_numbered_on_and_keep_their_place_in_the_file(files: TablesRoom, table_id: TableId) -> None:
    table = pa.table({"a": ["x", "y"]})
    written = write_part(files, table_id, "job_one", 3, 70, table, pa.array([81, 85]), ColumnState())
    assert written.part is not None
    assert (written.part.first_row_id, written.part.rows) == (70, 2)
    content = pq.read_table(io.BytesIO(stored(files.objects, written.part.key)))
    assert content.column_names == [ROW_ID, ROW_NUMBER, "c0"]
    assert content[ROW_ID].to_pylist() == [70, 71]
    assert content[ROW_NUMBER].to_pylist() == [81, 85]
    assert written.part.columns == (ROW_NUMBER, "c0")


def test_a_portion_without_rows_leaves_its_columns_and_no_file(build: Build, files: TablesRoom) -> None:
    built = build({"email": [], "age": []})
    assert built.parts == []
    assert [column.name for column in built.manifest().columns] == ["email", "age"]
    assert rows_of(files, built.manifest(), "c0", "c1") == []


def test_names_that_differ_only_in_case_or_are_words_of_the_engine_stay_apart(
    build: Build, files: TablesRoom
) -> None:
    built = build(
        {"Email": ["a"], "email": ["b"], "EMAIL": ["c"], "select": ["d"], "_row_id": ["e"], '"; --': ["f"]}
    )
    assert [column.physical for column in built.manifest().columns] == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert rows_of(files, built.manifest(), "c0", "c1", "c2", "c3", "c4", "c5") == [
        (0, "a", "b", "c", "d", "e", "f")
    ]


def test_a_type_holds_only_when_it_holds_in_every_part(build: Build, files: TablesRoom) -> None:
    built = build(
        {"age": ["1", "2"], "zip": ["10115", "80331"], "score": ["1", "2"], "late": [None, None]},
        {"age": [None, "3"], "zip": ["01067", None], "score": ["1.5", "3"], "late": ["7", "8"]},
    )
    assert built.manifest().columns == (
        Column("age", "c0", ColumnType.INTEGER, "c0_n"),
        Column("zip", "c1", ColumnType.TEXT),
        Column("score", "c2", ColumnType.NUMBER, "c2_n"),
        Column("late", "c3", ColumnType.INTEGER, "c3_n"),
    )
    assert rows_of(files, built.manifest(), "c0_n", "c1", "c2", "c2_n", "c3_n") == [
        (0, 1.0, "10115", "1", 1.0, None),
        (1, 2.0, "80331", "2", 2.0, None),
        (2, None, "01067", "1.5", 1.5, 7.0),
        (3, 3.0, None, "3", 3.0, 8.0),
    ]


def test_a_date_column_that_turns_into_moments_is_text(build: Build) -> None:
    built = build({"seen": ["2024-01-01"]}, {"seen": ["2024-01-02T10:00"]})
    assert built.manifest().columns == (Column("seen", "c0"),)


def test_one_nested_value_makes_a_json_column_even_of_numbers(files: TablesRoom, table_id: TableId) -> None:
    table = pa.table({"tags": ["1", "2"]})
    kinds = {"tags": {"number": 1, "array": 1}}
    rows = pa.array([0, 1])
    written = write_part(files, table_id, "job_one", 0, 0, table, rows, ColumnState(), kinds=kinds)
    assert written.state.final() == (Column("tags", "c0", ColumnType.JSON),)


def test_a_decimal_comma_changes_the_twin_and_never_the_text(build: Build, files: TablesRoom) -> None:
    built = build({"amount": ["1.234,50", "-2"]}, decimal_comma=True)
    assert rows_of(files, built.manifest(), "c0", "c0_n") == [(0, "1.234,50", 1234.5), (1, "-2", -2.0)]


def test_files_have_small_row_groups_with_statistics_and_a_page_index(
    files: TablesRoom, table_id: TableId, objects: LocalStore
) -> None:
    rows = 2 * ROW_GROUP_ROWS + 1
    key = table_file(table_id, "job_one", "x.parquet")
    table = pa.table({ROW_ID: pa.arange(0, rows), "c0": pa.array(["x"] * rows, pa.large_string())})
    written = write_parquet(files, key, table)
    content = stored(objects, key)
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata
    assert (written.rows, written.size_bytes) == (rows, len(content))
    assert metadata.num_row_groups == 3
    last = metadata.row_group(2).column(0)
    assert (last.statistics.min, last.compression, last.has_column_index) == (rows - 1, "LZ4", True)


_NAMES = st.lists(st.text(max_size=6), max_size=6, unique=True)


@given(st.lists(_NAMES, max_size=6))
def test_a_column_keeps_its_name_once_it_has_one(portions: list[list[str]]) -> None:
    state = ColumnState()
    for names in portions:
        before = {column.name: column.physical for column in state.columns}
        state = columns.decode(columns.encode(state.named(names)))
        after = {column.name: column.physical for column in state.columns}
        assert before.items() <= after.items()
        assert set(names) <= after.keys()
    in_order = list(dict.fromkeys(name for names in portions for name in names))
    assert [column.name for column in state.columns] == in_order
    assert [column.physical for column in state.columns] == [f"c{at}" for at in range(len(in_order))]


def test_kinds_add_up() -> None:
    (facts,) = ColumnState().named(["a"]).columns
    facts = with_kinds(with_kinds(facts, {"text": 2, "null": 1}), {"text": 1, "object": 1})
    assert facts.kinds == {"null": 1, "object": 1, "text": 3}
