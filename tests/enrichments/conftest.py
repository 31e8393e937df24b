"""A house over the test's own database and directory, two users, and providers made for tests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.app import prepare
from muster.enrichments.room import EnrichmentsRoom
from muster.settings import Settings
from muster.wiring import House, build_house
from tests.enrichments.asking import Counted, Runs, house_with, sent
from tests.support.clock import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def counted() -> Counted:
    """Every provider for tests, and what each was asked."""
    return Counted()


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: SettableClock, counted: Counted) -> Iterator[House]:
    settings = Settings(
        data_dir=tmp_path / "data", database_url=database_url, engine_memory_bytes=512 * 1024**2
    )
    made = build_house(settings, clock)
    prepare(made)
    yield house_with(made, counted.providers)
    made.close()


@pytest.fixture
def room(house: House) -> EnrichmentsRoom:
    return house.enrichments


@pytest.fixture
def ana(house: House) -> Principal:
    return users.by_command_line(users.create(house.accounts, "ana@example.org"))


@pytest.fixture
def ben(house: House) -> Principal:
    return users.by_command_line(users.create(house.accounts, "ben@example.org"))


@pytest.fixture
def runs(house: House, ana: Principal) -> Runs:
    """Start, carry out and look at runs of ana."""
    return Runs(house, ana)


@pytest.fixture
def upload(house: House, ana: Principal) -> Callable[..., str]:
    """Send records as ana and make their table; the id of the upload."""
    return lambda records, **wishes: sent(house, replace(ana), records, **wishes)
