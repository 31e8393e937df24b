"""Items made ahead: in order, no more than asked for, errors where they belong, nothing left running."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from muster.uploads.build_ahead import Ahead


def quiet() -> None:
    """Nothing to do meanwhile."""


def counting(made: list[int], stop: int = 5, fails_at: int | None = None) -> Iterator[int]:
    for number in range(stop):
        if number == fails_at:
            raise ValueError(number)
        made.append(number)
        yield number


def settled(made: list[int]) -> list[int]:
    """What was made once nothing more is."""
    before: list[int] = [-1]
    while before != made:
        before = list(made)
        time.sleep(0.05)
    return before


def test_items_come_in_order_and_only_so_many_are_made_before_they_are_asked_for() -> None:
    made: list[int] = []
    with closing(Ahead(counting(made), "test", most=2)) as ahead:
        assert settled(made) == [0, 1]
        assert ahead.next(quiet) == 0
        assert settled(made) == [0, 1, 2]
        assert [ahead.next(quiet) for _ in range(6)] == [1, 2, 3, 4, None, None]


def test_an_error_comes_behind_the_items_before_it_and_stays() -> None:
    with closing(Ahead(counting([], fails_at=1), "test", most=3)) as ahead:
        assert ahead.next(quiet) == 0
        for _ in range(2):
            with pytest.raises(ValueError, match="1"):
                ahead.next(quiet)


def test_whoever_waits_may_give_up_and_closing_ends_the_iterator() -> None:
    may_go_on, ended = threading.Event(), threading.Event()

    def slow() -> Iterator[int]:
        try:
            may_go_on.wait(10)
            yield 1
        finally:
            ended.set()

    def give_up() -> None:
        raise TimeoutError

    ahead = Ahead(slow(), "test")
    with pytest.raises(TimeoutError):
        ahead.next(give_up)
    may_go_on.set()
    ahead.close()
    assert ended.is_set()
