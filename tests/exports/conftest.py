"""A house over the test's own database and directory, and two users."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.app import prepare
from muster.exports import destinations
from muster.settings import Settings
from muster.wiring import House, build_house
from tests.exports.exporting import Exports, Inbox
from tests.support.clock import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        engine_memory_bytes=512 * 1024**2,
        export_dir=tmp_path / "out",
        allow_private_addresses=True,
    )
    made = build_house(settings, clock)
    prepare(made)
    yield made
    made.close()


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
