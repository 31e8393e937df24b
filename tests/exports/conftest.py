"""A house over the test's own database and directory, and two users."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.exports import destinations
from muster.wiring import House
from tests.exports.exporting import Exports, Inbox, opened_house
from tests.support.clock import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    with opened_house(tmp_path, database_url, clock) as made:
        yield made


@pytest.fixture
def ana(house: House) -> Principal:
    return users.by_command_line(users.create(house.accounts, "ana@example.org"))


@pytest.fixture
def ben(house: House) -> Principal:
    return users.by_command_line(users.create(house.accounts, "ben@example.org"))


@pytest.fixture
def exports(house: House, ana: Principal) -> Exports:
    """Make, carry out and look at exports of ana."""
    return Exports(house, ana)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A destination as an installed package would add one."""
    found = destinations.all_destinations()
    made = Inbox()
    assert isinstance(found, dict)
    found["inbox"] = made
    yield made
    del found["inbox"]
