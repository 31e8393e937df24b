import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from muster.errors import Conflict, Overloaded, StorageFull, Unavailable
from muster.tables.engine import EngineLimits
from muster.tables.queries import Queries
from muster.tables.stop import Stop

FOR_EVER = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range = 7"


@pytest.fixture
def queries(tmp_path: Path) -> Iterator[Queries]:
    opened = Queries(EngineLimits(tmp_path / "scratch", 128 * 1024**2, 2, 1024**2, (tmp_path,)))
    yield opened
    opened.close()


def test_a_query_that_takes_too_long_is_stopped_and_says_what_to_do(queries: Queries) -> None:
    with pytest.raises(Overloaded, match="narrow the filter") as refusal:
        queries.run(FOR_EVER, seconds=0.2)
    assert refusal.value.error_code == "query_too_slow"
    assert queries.run("SELECT 1 AS one").to_pydict() == {"one": [1]}


def test_a_slow_query_does_not_stop_the_others(queries: Queries) -> None:
    queries.run("SELECT 1")
    stopped = threading.Event()

    def slow() -> None:
        with pytest.raises(Overloaded):
            queries.run(FOR_EVER, seconds=1.0)
        stopped.set()

    thread = threading.Thread(target=slow)
    thread.start()
    assert queries.run("SELECT 2 AS two").to_pydict() == {"two": [2]}
    thread.join(20)
    assert stopped.is_set()


def test_queries_at_the_same_time_see_only_their_own_tables(queries: Queries) -> None:
    def ask(number: int) -> int:
        table = pa.table({"x": [number] * 1000})
        found = queries.run("SELECT sum(x)::BIGINT AS s FROM hot", {"hot": table})
        return int(found.column("s")[0].as_py())

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(30))) == [number * 1000 for number in range(30)]


def test_a_query_too_large_for_memory_and_disk_is_refused(queries: Queries) -> None:
    with pytest.raises((Overloaded, StorageFull)):
        queries.run("SELECT list(repeat(a.range::VARCHAR, 50)) FROM range(5000000) a")
    assert queries.run("SELECT 1 AS one").num_rows == 1


def test_a_file_that_is_gone_is_unavailable(queries: Queries, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        queries.run(f"SELECT * FROM read_parquet('{tmp_path / 'gone.parquet'}')")  # noqa: S608


def test_a_stream_gives_everything_piece_by_piece(queries: Queries) -> None:
    with queries.stream("SELECT range AS x FROM range(200000) ORDER BY range DESC") as batches:
        sizes = [batch.num_rows for batch in batches]
    assert sum(sizes) == 200_000
    assert max(sizes) <= 65_536


def test_a_query_is_stopped_from_outside_with_the_reason_and_the_rest_is_refused(queries: Queries) -> None:
    stop = Stop()
    threading.Timer(0.2, stop.now, [Conflict("Something newer came.", code="preview_superseded")]).start()
    with pytest.raises(Conflict, match="Something newer"):
        queries.run(FOR_EVER, stop=stop)
    stop.now(Conflict("Too late."))  # the first reason stays
    with pytest.raises(Conflict, match="Something newer"):
        queries.run("SELECT 1", stop=stop)
    with pytest.raises(Conflict, match="Something newer"):
        stop.check()
    assert queries.run("SELECT 1 AS one", stop=Stop()).to_pydict() == {"one": [1]}


def test_a_stop_that_comes_after_the_query_stops_nothing(queries: Queries) -> None:
    stop = Stop()
    queries.run("SELECT 1", stop=stop)
    stop.now(Conflict("Late."))
    assert queries.run("SELECT 1 AS one").to_pydict() == {"one": [1]}
