import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.errors import Overloaded
from muster.tables.sorted_ids import SortedIds
from muster.tables.vectors import AllRows, ChosenRows, IdVector, VectorCache


def vector(size: int, first: int = 0) -> ChosenRows:
    return ChosenRows(pa.array(range(first, first + size), pa.int32()))


@given(
    rows=st.integers(0, 60),
    hidden=st.sets(st.integers(0, 59)),
    offset=st.integers(0, 70),
    limit=st.integers(1, 70),
    cut=st.integers(0, 60),
)
def test_rows_that_are_not_hidden_are_found_by_arithmetic(
    rows: int, hidden: set[int], offset: int, limit: int, cut: int
) -> None:
    inside = sorted(row_id for row_id in hidden if row_id < rows)
    chunks = pa.chunked_array([pa.array(inside[:cut], pa.int64()), pa.array(inside[cut:], pa.int64())])
    every = AllRows(rows, SortedIds(chunks))
    visible = [row_id for row_id in range(rows) if row_id not in hidden]
    assert list(every.window(offset, limit)) == visible[offset : offset + limit]
    assert len(every) == len(visible)
    assert every.array().to_pylist() == visible


@given(st.lists(st.integers(-5, 200), unique=True), st.integers(1, 9), st.integers(-10, 210))
def test_a_sorted_id_is_found_across_chunks(ids: list[int], size: int, wanted: int) -> None:
    ids.sort()
    pieces = [ids[at : at + size] for at in range(0, len(ids), size)]
    known = SortedIds(pa.chunked_array([[], *pieces], pa.int64()))
    assert [known[at] for at in range(len(known))] == ids
    assert known.find(wanted) == (ids.index(wanted) if wanted in ids else None)
    assert known.first_at(wanted) == sum(row_id < wanted for row_id in ids)


def test_a_vector_is_computed_once_however_many_ask() -> None:
    cache, computed = VectorCache(10**6), []
    together = threading.Barrier(6)

    def compute() -> IdVector:
        computed.append(1)
        return vector(3)

    def ask(_: int) -> IdVector:
        together.wait(10)
        return cache.get("k", compute)

    with ThreadPoolExecutor(6) as pool:
        assert {len(found) for found in pool.map(ask, range(6))} == {3}
    assert len(computed) == 1


def test_what_waits_in_the_background_is_done_by_who_needs_it_first() -> None:
    cache, go = VectorCache(10**6), threading.Event()

    def slow() -> IdVector:
        assert go.wait(10)
        return vector(1)

    blocked = cache.start("slow", slow)
    cache.start("k", lambda: vector(2))
    assert len(cache.get("k", lambda: vector(9))) == 2  # although "slow" is still being worked on
    assert not blocked.done()
    go.set()
    assert len(blocked.result(10)) == 1
    cache.close()


def test_a_failure_is_told_and_not_kept() -> None:
    cache = VectorCache(10**6)

    def fail() -> IdVector:
        raise Overloaded("too slow", code="query_too_slow")

    for _ in range(2):
        with pytest.raises(Overloaded):
            cache.get("k", fail)
    with pytest.raises(Overloaded):
        cache.start("k", fail).result(10)
    assert len(cache.get("k", lambda: vector(1))) == 1
    cache.close()


def test_vectors_used_longest_ago_make_room() -> None:
    cache = VectorCache(1000)  # 250 ids
    for key in "abc":
        cache.get(key, lambda: vector(100))
    assert [cache.ready(key) is not None for key in "abc"] == [False, True, True]
    cache.ready("b")
    cache.get("d", lambda: vector(100))
    assert [cache.ready(key) is not None for key in "bcd"] == [True, False, True]


def test_a_vector_larger_than_all_room_is_given_and_not_kept() -> None:
    cache = VectorCache(1000)
    cache.get("small", lambda: vector(10))
    assert len(cache.get("big", lambda: vector(1000))) == 1000
    assert cache.ready("big") is None
    assert cache.ready("small") is not None
