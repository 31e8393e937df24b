import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

from muster.predicates.compile import (
    ColumnRef,
    order_sql,
    physical_columns,
    select_ids_sql,
    warm_up,
    where_sql,
)
from muster.predicates.model import (
    MAX_DEPTH,
    MAX_LEAVES,
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Number,
    Operator,
    Predicate,
)
from muster.predicates.sort import SortKey
from tests.predicates.trees import connection

COLUMNS = {
    "name": ColumnRef("name", "c0"),
    "size": ColumnRef("size", "c1", number="c1_n"),
    "paid": ColumnRef("paid", "c2", boolean="c2_b"),
    "born": ColumnRef("born", "c3", order="c3_d"),
}
INJECTIONS = (
    "'; DROP TABLE t; --",
    "' OR '1'='1",
    "\\'; DROP TABLE t; --",
    '"; DROP TABLE t; --',
    "') OR TRUE --",
    "/* */ ' OR 1=1 /*",
    "$$ OR TRUE $$",
    "?",
    "$1",
    ":name",
    "{x}",
    "%s",
    "\0' OR TRUE --",
    "U&'\\0027 OR TRUE",
    "e'\\' OR TRUE --",
    "\u02bc OR TRUE --",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with connection() as opened:
        opened.register(
            "t",
            pa.table(
                {"_row_id": pa.array([0, 1], pa.int64()), "c0": pa.array(["x", None], pa.large_string())}
            ),
        )
        yield opened


SEARCHES = (Operator.EQ, Operator.IN, Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)


@pytest.mark.parametrize("text", INJECTIONS, ids=repr)
def test_a_value_never_becomes_sql(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    searches = [
        Leaf("name", op, (text, text + "2") if op is Operator.IN else (text,), ignore_case)
        for op in SEARCHES
        for ignore_case in (False, True)
    ]
    for leaf in (*searches, Leaf("name", Operator.GE, (text,))):
        sql = select_ids_sql("t", leaf, (), COLUMNS)
        assert len(duckdb.extract_statements(sql)) == 1
        found = engine.execute(sql).fetchall()
        assert found == ([(0,)] if leaf.op is Operator.GE and text < "x" else [])
    assert engine.execute("SELECT count(*) FROM t").fetchall() == [(2,)]


@pytest.mark.parametrize(
    "name", [*INJECTIONS[:-5], "select", "order", "_ROW_ID2", 'a"b', "a.b", "t0", "naïve"], ids=repr
)
def test_a_column_name_never_becomes_sql(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    engine.register(
        "u",
        pa.table({"_row_id": pa.array([0, 1], pa.int64()), name: pa.array(["x", "y"], pa.large_string())}),
    )
    columns = {"f": ColumnRef("f", name)}
    sql = select_ids_sql("u", Leaf("f", Operator.EQ, ("y",)), (SortKey("f", True),), columns)
    assert engine.execute(sql).fetchall() == [(1,)]
    everything = select_ids_sql("u", None, (SortKey("f", True),), columns)
    assert engine.execute(everything).fetchall() == [(1,), (0,)]


def test_names_stand_unqualified_so_any_relation_will_do() -> None:
    sql = where_sql(
        AnyOf((Leaf("name", Operator.EQ, ("x",)), Leaf("size", Operator.GT, (Number(5),)))), COLUMNS
    )
    assert sql == """(("c0" = 'x') OR ("c1_n" > 5))"""


def test_a_condition_holds_together_next_to_others() -> None:
    sql = where_sql(AnyOf((Leaf("name", Operator.EQ, ("x",)), Leaf("name", Operator.EQ, ("y",)))), COLUMNS)
    assert sql.startswith("(")
    assert sql.endswith(")")


def test_a_query_without_keys_keeps_the_relations_order() -> None:
    assert select_ids_sql("(SELECT 1) t", None, (), COLUMNS) == 'SELECT "_row_id" FROM (SELECT 1) t'
    assert order_sql((), COLUMNS) == '"_row_id" ASC'


def test_keys_use_the_best_column_there_is() -> None:
    keys = [SortKey("size", descending=True), SortKey("born"), SortKey("name")]
    assert order_sql(keys, COLUMNS, "_id") == '"c1_n" DESC, "c3_d" ASC, "c0" ASC, "_id" ASC'


@pytest.mark.parametrize(
    ("predicate", "touched"),
    [
        (None, set()),
        (Leaf("size", Operator.GT, (Number(1),)), {"c1_n"}),
        (Leaf("size", Operator.EQ, ("1",)), {"c1"}),
        (Leaf("size", Operator.IS_EMPTY), {"c1"}),
        (Leaf("size", Operator.IN, (Number(1), "x", True)), {"c1", "c1_n"}),
        (Leaf("paid", Operator.NE, (True,)), {"c2_b"}),
        (Leaf("name", Operator.LT, (Number(1),)), {"c0"}),
        (Not(AllOf((Leaf("name", Operator.IS_EMPTY), Leaf("paid", Operator.EQ, (False,))))), {"c0", "c2_b"}),
    ],
)
def test_the_columns_a_query_touches_are_all_it_needs(predicate: Predicate | None, touched: set[str]) -> None:
    assert physical_columns(predicate, (), COLUMNS) == touched
    keys = (SortKey("size"), SortKey("born"), SortKey("name"))
    assert physical_columns(predicate, keys, COLUMNS) == touched | {"c1_n", "c3_d", "c0"}
    columns = {
        name: pa.nulls(
            1, pa.bool_() if name == "c2_b" else pa.float64() if name == "c1_n" else pa.large_string()
        )
        for name in touched
    }
    with connection() as engine:
        engine.register("t", pa.table({"_row_id": pa.array([0], pa.int64()), **columns}))
        engine.execute(select_ids_sql("t", predicate, (), COLUMNS))


def test_the_largest_filter_compiles_and_runs(engine: duckdb.DuckDBPyConnection) -> None:
    tree: Predicate = AnyOf(tuple(Leaf("name", Operator.EQ, (f"v{at}",)) for at in range(MAX_LEAVES - 1)))
    for _ in range(MAX_DEPTH - 2):
        tree = Not(tree)
    found = engine.execute(select_ids_sql("t", tree, (), COLUMNS)).fetchall()
    assert found == []
    whole = AllOf((tree, Leaf("name", Operator.IN, tuple(f"v{at}" for at in range(1_000)))))
    assert engine.execute(select_ids_sql("t", whole, (), COLUMNS)).fetchall() == []


def test_the_longest_text_without_case_runs(engine: duckdb.DuckDBPyConnection) -> None:
    # Every k has three spellings, one of them of three bytes: the worst the limit lets through.
    leaf = Leaf("name", Operator.CONTAINS, ("k" * 4_000,), ignore_case=True)
    assert engine.execute(select_ids_sql("t", leaf, (), COLUMNS)).fetchall() == []


def test_threads_may_compile_at_the_same_time() -> None:
    leaves = [Leaf("name", Operator.EQ, (f"thread {at}",)) for at in range(64)]
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda leaf: where_sql(leaf, COLUMNS), leaves))
    assert written == [f"""("c0" = 'thread {at}')""" for at in range(64)]


def test_the_same_filter_is_compiled_once() -> None:
    warm_up()
    parts = tuple(Leaf("name", Operator.CONTAINS, (f"once {at}",), ignore_case=True) for at in range(50))
    started = time.perf_counter()
    first = where_sql(AllOf(parts), COLUMNS)
    between = time.perf_counter()
    again = where_sql(AllOf(tuple(parts)), dict(COLUMNS))
    assert again == first
    # Fifty conditions take the compiler more than ten milliseconds, the cache a fraction of one.
    assert time.perf_counter() - between < (between - started) / 4


def test_other_columns_make_another_query() -> None:
    leaf = Leaf("size", Operator.EQ, (Number(1),))
    assert where_sql(leaf, COLUMNS) != where_sql(leaf, {"size": ColumnRef("size", "c1")})
