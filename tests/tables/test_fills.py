"""Values for cells that are there already: what is written, and what becomes of it beside edits."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.accounts.model import Principal
from muster.objects.store import read_whole
from muster.predicates.model import Leaf, Number, Operator
from muster.predicates.sort import SortKey
from muster.tables.edit import CellEdits, edit
from muster.tables.fills import Fill, overlay_with, write_fill
from muster.tables.ids import Question
from muster.tables.model import Column, Manifest
from muster.tables.reading import ReadingRoom
from muster.tables.room import TablesRoom
from muster.tables.window import WindowWish, newest_layout, window
from muster.tables.write import ROW_GROUP_ROWS
from tests.tables.enriching import enrich, newest_version
from tests.tables.making import make_table
from tests.tables.portions import rows_of


@pytest.fixture
def table(room: TablesRoom, ana: Principal) -> Manifest:
    return make_table(
        room,
        ana,
        [
            {
                "n": ["1", None, "3", None],
                "day": ["2024-01-01", None, None, "2024-02-30x"],
                "yes": ["true", None, None, None],
            }
        ],
    )


def column(manifest: Manifest, name: str) -> Column:
    found = manifest.column(name)
    assert found is not None
    return found


def cells(values: dict[int, str | None], size: int = 1000) -> list[pa.RecordBatch]:
    table = pa.table(
        [pa.array(values, pa.int64()), pa.array(values.values(), pa.large_string())], names=["a", "b"]
    )
    found: list[pa.RecordBatch] = table.to_batches(max_chunksize=size)
    return found


def write(
    room: TablesRoom, table: Manifest, name: str, values: dict[int, str | None], size: int = 1000
) -> Fill:
    return write_fill(room, table.table_id, "enr_1", column(table, name), cells(values, size))


def test_cells_without_a_value_are_left_alone_and_nothing_is_an_empty_file(
    room: TablesRoom, table: Manifest
) -> None:
    assert write(room, table, "n", {0: None, 1: "7", 3: None}).rows == 1
    assert write(room, table, "n", {0: None}).rows == 0
    assert write_fill(room, table.table_id, "enr_1", column(table, "n"), []).rows == 0


def test_the_same_cells_give_the_same_bytes_however_they_were_cut(room: TablesRoom, table: Manifest) -> None:
    values: dict[int, str | None] = {row: f"{row}" if row % 3 else None for row in range(2 * ROW_GROUP_ROWS)}
    written = []
    for size in (1000, 7777, 10**6):
        fill = write(room, table, "n", values, size)
        written.append(read_whole(room.objects, fill.key))
    assert written[0] == written[1] == written[2]


def test_filters_and_sorting_read_filled_values_as_what_they_are(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    enrich(reading.tables, ana, table, n={1: "10", 3: "9.5", 2: "many"}, yes={2: "TRUE", 3: "false"})
    shape = newest_layout(reading, ana, table.table_id)

    def found(question: Question) -> list[int]:
        return list(window(reading, shape, WindowWish(question)).page.row_ids)

    assert found(Question(None, (SortKey("n", descending=True),)))[:3] == [1, 3, 0]
    assert found(Question(Leaf("n", Operator.GT, (Number(5.0),)))) == [1, 3]
    assert found(Question(Leaf("n", Operator.EQ, ("many",)))) == [2]
    assert found(Question(Leaf("yes", Operator.EQ, (True,)))) == [0, 2]


def test_only_what_people_edited_is_marked_as_edited(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    edit(reading, ana, table.table_id, CellEdits(((0, {"n": "5"}),)))
    enrich(reading.tables, ana, table, n={1: "10", 2: "11"})
    edit(reading, ana, table.table_id, CellEdits(((2, {"n": "12"}), (3, {"n": None}))))
    enrich(reading.tables, ana, table, n={0: "6"})
    shape = newest_layout(reading, ana, table.table_id)
    found = window(reading, shape, WindowWish(Question(), columns=("n",))).page
    assert list(found.values[0]) == ["6", "10", "12", None]
    assert list(found.edited) == [None, None, ["n"], ["n"]]


def test_without_edits_the_file_that_was_written_is_the_overlay(room: TablesRoom, table: Manifest) -> None:
    fill = write(room, table, "n", {1: "7"})
    overlay = overlay_with(room, table, table, "enr_1", column(table, "n"), fill)
    assert (overlay.column, overlay.key, overlay.rows) == (fill.column, fill.key, 1)


def test_an_overlay_of_before_there_were_runs_is_what_people_edited(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    room = reading.tables
    edit(reading, ana, table.table_id, CellEdits(((0, {"n": "5"}), (1, {"n": "6"}))))
    edited = newest_version(room, ana, table)
    # As it was stored then: without the column that tells runs apart.
    old = pq.read_table(room.cache.path(edited.overlays[0].key)).drop_columns(["run"])
    room.objects.delete(edited.overlays[0].key)
    sink = pa.BufferOutputStream()
    pq.write_table(old, sink)
    room.objects.put(edited.overlays[0].key, [bytes(sink.getvalue())])
    fill = write(room, edited, "n", {1: "7", 3: "8"})
    overlay = overlay_with(room, edited, edited, "enr_1", column(edited, "n"), fill)
    after = replace(edited, overlays=(overlay,))
    assert rows_of(room, after, "c0") == [(0, "5"), (1, "7"), (2, "3"), (3, "8")]
    assert pq.read_table(room.cache.path(overlay.key))["run"].is_null().to_pylist() == [True, False, False]
