"""Last use is written once a minute per thing, and a database that cannot write is forgiven."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from muster.accounts.last_use import LastUse
from muster.errors import StorageFull, Unavailable

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def test_a_crowd_in_the_same_minute_writes_once() -> None:
    last_use, written = LastUse(), []
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: last_use.note("key:a", None, NOW, lambda: written.append(1)), range(100)))
    assert len(written) == 1


def test_what_the_database_already_says_is_not_written_again() -> None:
    written: list[int] = []
    LastUse().note("key:a", NOW - timedelta(seconds=59), NOW, lambda: written.append(1))
    assert written == []


def test_each_thing_has_its_own_minute() -> None:
    last_use, written = LastUse(), []
    for thing in ("key:a", "key:b", "key:a"):
        last_use.note(thing, None, NOW, lambda: written.append(1))
    last_use.note("key:a", None, NOW + timedelta(minutes=1), lambda: written.append(1))
    assert len(written) == 3


@pytest.mark.parametrize("error", [Unavailable("down"), StorageFull("full")], ids=lambda error: error.code)
def test_a_database_that_cannot_write_is_asked_once_a_minute_and_forgiven(error: Exception) -> None:
    last_use, asked = LastUse(), []

    def write() -> None:
        asked.append(1)
        raise error

    for _ in range(3):
        last_use.note("key:a", None, NOW, write)
    assert len(asked) == 1


def test_a_bug_is_not_forgiven() -> None:
    def write() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        LastUse().note("key:a", None, NOW, write)
