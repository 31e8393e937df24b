"""Where the value of a cell came from: what runs wrote down, what people edited since, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.tables.edit import CellEdits, edit
from muster.tables.model import Manifest, TableId
from muster.tables.provenance import CellOrigin, cells_of, trace_schema, write_traces
from muster.tables.reading import ReadingRoom
from muster.tables.room import TablesRoom
from muster.tables.undo import undo
from muster.tables.window import newest_layout
from muster.tables.write import ROW_GROUP_ROWS
from tests.tables.enriching import AT_MS, Run, append, enrich, newest_version
from tests.tables.making import make_table

LEADS = {"email": ["a@x.org", "b@y.org", None, "d@z.org"], "city": ["Graz", None, None, None]}
DOMAINS = ["x.org", "y.org", None, "z.org"]


@pytest.fixture
def table(room: TablesRoom, ana: Principal) -> Manifest:
    return make_table(room, ana, [LEADS])


def origins(reading: ReadingRoom, ana: Principal, table: Manifest, row_id: int) -> dict[str, str | None]:
    """By column, the run its value came from; None: it was edited."""
    cells = cells_of(reading, newest_layout(reading, ana, table.table_id), row_id)
    return {cell.column: None if cell.answer is None else cell.answer.run_id for cell in cells}


def cell(row: int, **values: str | None) -> CellEdits:
    return CellEdits(((row, values),))


def test_a_row_that_is_not_there_or_hidden_has_no_provenance(reading: ReadingRoom, ana: Principal) -> None:
    made = make_table(reading.tables, ana, [LEADS], hidden=[1])
    shape = newest_layout(reading, ana, made.table_id)
    for row_id in (-1, 1, 4, 10**30):
        with pytest.raises(NotFound) as refusal:
            cells_of(reading, shape, row_id)
        assert refusal.value.error_code == "row_not_found"
    assert cells_of(reading, shape, 3) == []


def test_what_a_run_filled_is_told_with_all_that_is_known(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    after = enrich(reading.tables, ana, table, {"domain": DOMAINS}, city={1: "Wien"})
    [city, domain] = cells_of(reading, newest_layout(reading, ana, table.table_id), 1)
    assert (city.column, domain.column) == ("city", "domain")
    answer = domain.answer
    assert answer is not None
    assert (answer.provider, answer.run_id) == ("pretend", after.made_by)
    assert (answer.confidence, answer.cost_micros, answer.is_cached) == (0.9, 2001, True)
    assert answer.at == datetime.fromtimestamp(AT_MS / 1000, UTC)
    assert origins(reading, ana, table, 0) == {"domain": after.made_by}
    assert origins(reading, ana, table, 2) == {}


def test_the_one_who_wrote_last_is_where_it_came_from(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    room = reading.tables
    one = enrich(room, ana, table, {"domain": DOMAINS}, city={1: "Wien", 2: "Ulm"}).made_by
    edit(reading, ana, table.table_id, cell(1, domain="typed.org", city="Melk"))
    assert origins(reading, ana, table, 1) == {"domain": None, "city": None}
    two = enrich(room, ana, table, None, domain={1: "new.org", 2: "v.org"}, city={2: "Hof"}).made_by
    assert origins(reading, ana, table, 1) == {"domain": two, "city": None}
    assert origins(reading, ana, table, 2) == {"domain": two, "city": two}
    assert origins(reading, ana, table, 3) == {"domain": one}
    undo(reading, ana, table.table_id)
    assert origins(reading, ana, table, 1) == {"domain": None, "city": None}
    assert origins(reading, ana, table, 2) == {"city": one}
    undo(reading, ana, table.table_id)
    assert origins(reading, ana, table, 1) == {"domain": one, "city": one}
    undo(reading, ana, table.table_id)
    assert origins(reading, ana, table, 1) == {}


def test_a_run_that_came_second_says_nothing_of_cells_it_did_not_get(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    room = reading.tables
    late = Run(room, table, {"domain": DOMAINS}, {"city": {1: "Wien", 2: "Ulm", 3: "Hof"}}, run_id="enr_late")
    enrich(room, ana, table, {"domain": [None, "other.org", None, None]}, city={1: "Linz"})
    first = newest_version(room, ana, table).made_by
    edit(reading, ana, table.table_id, cell(2, city="Enns"))
    append(room, ana, table, {"email": ["e@v.org"], "domain": ["v.org"]})
    late.publish(ana)
    assert origins(reading, ana, table, 0) == {"domain": "enr_late"}
    assert origins(reading, ana, table, 1) == {"domain": first, "city": first}
    assert origins(reading, ana, table, 2) == {"city": None}
    assert origins(reading, ana, table, 3) == {"domain": "enr_late", "city": "enr_late"}
    assert origins(reading, ana, table, 4) == {}


def traces_of(rows: range, columns: int = 1) -> pa.RecordBatch:
    made: list[dict[str, Any]] = [
        {"_row_id": row, **({"p0": 0, "m0": row, "t0": AT_MS} if row % 3 else {})} for row in rows
    ]
    return pa.RecordBatch.from_pylist(made, trace_schema(columns))


def test_rows_that_a_run_did_not_fill_are_left_out_and_an_answer_without_confidence_is_certain(
    reading: ReadingRoom, ana: Principal, table: Manifest
) -> None:
    (traces,) = write_traces(
        reading.tables, table.table_id, "enr_1", [traces_of(range(2)), traces_of(range(2, 4))], 1
    )
    assert (traces.first_row_id, traces.last_row_id) == (1, 2)
    assert write_traces(reading.tables, table.table_id, "enr_2", [traces_of(range(0, 1))], 1) == ()
    run = Run(reading.tables, table, {"domain": DOMAINS}, run_id="enr_1")
    run.publish(ana)
    write_traces(reading.tables, table.table_id, "enr_1", [traces_of(range(1, 3))], 1)
    [found] = cells_of(reading, newest_layout(reading, ana, table.table_id), 1)
    assert isinstance(found, CellOrigin)
    assert found.answer is not None
    assert (found.answer.confidence, found.answer.is_cached) == (1.0, False)


def test_every_row_is_found_among_many_row_groups(
    reading: ReadingRoom, files: TablesRoom, table_id: TableId
) -> None:
    rows = 3 * ROW_GROUP_ROWS
    made = pa.table({"_row_id": pa.arange(0, rows)}).append_column(
        "p0", pa.repeat(pa.scalar(0, pa.int8()), rows)
    )
    made = made.append_column("m0", made["_row_id"]).filter(pc.not_equal(made["_row_id"], ROW_GROUP_ROWS))
    whole = pa.table(
        [
            made[name] if name in made.column_names else pa.nulls(made.num_rows, kind)
            for name, kind in zip(trace_schema(1).names, trace_schema(1).types, strict=True)
        ],
        schema=trace_schema(1),
    )
    (traces,) = write_traces(files, table_id, "enr_1", whole.to_batches(max_chunksize=999), 1)
    for row_id in (0, 1, ROW_GROUP_ROWS - 1, ROW_GROUP_ROWS + 1, 2 * ROW_GROUP_ROWS, rows - 1):
        found = reading.files.row(traces.key, row_id)
        assert found is not None
        assert found["m0"] == row_id
    for row_id in (ROW_GROUP_ROWS, rows, -1):
        assert reading.files.row(traces.key, row_id) is None
