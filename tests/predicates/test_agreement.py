"""The two readings of a filter agree: the SQL the engine runs, and `matches` in memory."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.predicates.compile import select_ids_sql, where_sql
from muster.predicates.matches import matches
from muster.predicates.model import Leaf, Not, Number, Operator, Predicate
from tests.predicates.trees import (
    CELLS,
    FIELDS,
    VALUES,
    Laid,
    Record,
    connection,
    lay_out,
    records,
    seeded_record,
    seeded_tree,
    trees,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with connection() as opened:
        yield opened


def found_by_sql(
    engine: duckdb.DuckDBPyConnection, laid: Laid, predicates: Sequence[Predicate]
) -> list[list[bool]]:
    """For each predicate, whether each row matches, from one query."""
    engine.register("t", laid.table)
    tests = ", ".join(f"{where_sql(predicate, laid.columns)} IS TRUE" for predicate in predicates)
    rows = engine.execute(f"SELECT {tests} FROM t ORDER BY _row_id").fetchall()  # noqa: S608
    return [list(column) for column in zip(*rows, strict=True)]


def found_in_memory(rows: Sequence[Record], predicates: Sequence[Predicate]) -> list[list[bool]]:
    return [[matches(predicate, row) for row in rows] for predicate in predicates]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    rows=st.lists(records, min_size=1, max_size=8),
    predicates=st.lists(trees, min_size=1, max_size=4),
    twins=st.booleans(),
)
def test_sql_finds_the_rows_that_match(
    engine: duckdb.DuckDBPyConnection, rows: list[Record], predicates: list[Predicate], twins: bool
) -> None:
    laid = lay_out(rows, twins=twins)
    assert found_by_sql(engine, laid, predicates) == found_in_memory(rows, predicates)


@pytest.mark.parametrize("twins", [False, True], ids=["text only", "with twins"])
def test_trees_over_a_file_find_the_rows_that_match(tmp_path: Path, twins: bool) -> None:
    # A file has statistics, and WHERE is pushed down to them: another path through the engine than SELECT.
    source = random.Random(20250115)  # noqa: S311
    rows = [seeded_record(source) for _ in range(300)]
    laid = lay_out(rows, twins=twins)
    path = tmp_path / "rows.parquet"
    pq.write_table(laid.table, path, row_group_size=40)
    hits = 0
    with connection() as engine:
        engine.execute(f"CREATE VIEW rows AS SELECT * FROM '{path}'")  # noqa: S608
        for _ in range(300):
            predicate = seeded_tree(source)
            found = [
                row[0]
                for row in engine.execute(select_ids_sql("rows", predicate, (), laid.columns)).fetchall()
            ]
            expected = [at for at, row in enumerate(rows) if matches(predicate, row)]
            assert found == expected, predicate
            hits += 0 < len(found) < len(rows)
    assert hits > 60, "most trees find all rows or none: they prove nothing"


@pytest.mark.parametrize("twins", [False, True], ids=["text only", "with twins"])
@pytest.mark.parametrize("op", [Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE])
def test_every_awkward_cell_compares_alike_with_every_awkward_value(
    engine: duckdb.DuckDBPyConnection, op: Operator, twins: bool
) -> None:
    rows: list[Record] = [dict.fromkeys(FIELDS, cell) for cell in (None, *CELLS)]
    laid = lay_out(rows, twins=twins)
    predicates = [Leaf(FIELDS[0], op, (value,)) for value in (*CELLS, *map(Number, VALUES))]
    assert found_by_sql(engine, laid, predicates) == found_in_memory(rows, predicates)


@pytest.mark.parametrize(
    "op",
    [
        Operator.EQ,
        Operator.NOT_IN,
        Operator.CONTAINS,
        Operator.NOT_CONTAINS,
        Operator.STARTS_WITH,
        Operator.ENDS_WITH,
    ],
)
@pytest.mark.parametrize("ignore_case", [False, True], ids=["exact", "ignoring case"])
def test_every_awkward_cell_is_searched_alike(
    engine: duckdb.DuckDBPyConnection, op: Operator, ignore_case: bool
) -> None:
    rows: list[Record] = [dict.fromkeys(FIELDS, cell) for cell in (None, *CELLS)]
    laid = lay_out(rows, twins=False)
    needles = [
        piece for cell in CELLS if len(cell) < 100 for piece in {cell, cell[:1], cell[-1:], cell.swapcase()}
    ]
    predicates = [Leaf(FIELDS[1], op, (needle,), ignore_case) for needle in needles]
    assert found_by_sql(engine, laid, predicates) == found_in_memory(rows, predicates)


WHOLE = (
    0,
    1,
    -1,
    2**53 - 1,
    2**53,
    2**53 + 1,
    2**53 + 2,
    -(2**53) - 1,
    2**63 - 1,
    -(2**63),
    10**15,
    123456789012345678,
)


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()], ids=str)
def test_a_twin_of_whole_numbers_compares_as_its_text_does(
    engine: duckdb.DuckDBPyConnection, kind: pa.DataType
) -> None:
    rows: list[Record] = [dict.fromkeys(FIELDS, str(number)) for number in WHOLE]
    laid = lay_out(rows, twins=True)
    name = laid.columns[FIELDS[0]].number
    twin = pa.array([float(number) if kind == pa.float64() else number for number in WHOLE], kind)
    laid = Laid(laid.table.set_column(laid.table.schema.get_field_index(name), name, twin), laid.columns)
    values = [Number(number + step) for number in WHOLE for step in (-1, -0.5, 0, 0.5, 1)]
    ordered = [
        Leaf(FIELDS[0], op, (value,)) for value in values for op in (Operator.EQ, Operator.LT, Operator.GE)
    ]
    listed = [Leaf(FIELDS[0], Operator.IN, tuple(values[at : at + 7])) for at in range(len(values) - 7)]
    predicates = [*ordered, *listed, Leaf(FIELDS[0], Operator.IN, tuple(values))]
    assert found_by_sql(engine, laid, predicates) == found_in_memory(rows, predicates)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(records, min_size=1, max_size=6), tree=trees)
def test_a_filter_and_its_complement_part_the_rows(
    engine: duckdb.DuckDBPyConnection, rows: list[Record], tree: Predicate
) -> None:
    kept, dropped, again = found_by_sql(engine, lay_out(rows, twins=False), [tree, Not(tree), Not(Not(tree))])
    assert [not found for found in kept] == dropped
    assert kept == again


@pytest.mark.parametrize(
    ("op", "opposite"),
    [
        (Operator.EQ, Operator.NE),
        (Operator.IN, Operator.NOT_IN),
        (Operator.CONTAINS, Operator.NOT_CONTAINS),
        (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY),
    ],
)
@pytest.mark.parametrize("value", ["a", Number(1.0), True], ids=["text", "number", "boolean"])
def test_an_operator_and_its_opposite_part_the_rows(
    engine: duckdb.DuckDBPyConnection, op: Operator, opposite: Operator, value: str | Number | bool
) -> None:
    if op is Operator.CONTAINS:
        value = "a"
    values = () if op is Operator.IS_EMPTY else (value,)
    rows: list[Record] = [dict.fromkeys(FIELDS, cell) for cell in (None, *CELLS)]
    first, second = found_by_sql(
        engine, lay_out(rows, twins=True), [Leaf(FIELDS[2], op, values), Leaf(FIELDS[2], opposite, values)]
    )
    assert [not found for found in first] == second
    assert any(first)
    assert any(second)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(records, min_size=1, max_size=6), cell=st.sampled_from(CELLS), ignore_case=st.booleans())
def test_less_equal_and_greater_part_the_rows_that_have_a_value(
    engine: duckdb.DuckDBPyConnection, rows: list[Record], cell: str, ignore_case: bool
) -> None:
    field = FIELDS[3]
    laid = lay_out(rows, twins=False)
    less, equal, more, empty = found_by_sql(
        engine,
        laid,
        [
            *(Leaf(field, op, (cell,)) for op in (Operator.LT, Operator.EQ, Operator.GT)),
            Leaf(field, Operator.IS_EMPTY),
        ],
    )
    assert [sum(found) for found in zip(less, equal, more, empty, strict=True)] == [1] * len(rows)
