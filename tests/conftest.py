"""Fixtures of the whole suite: a clock that stands still and a database of one's own.

A test that takes `database` or `database_url` runs twice, on SQLite and on PostgreSQL. Each test gets a
migrated copy of a template without rows, which takes milliseconds; the PostgreSQL server is started once per
session (per worker under pytest-xdist) and stopped at its end.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster.db.database import Database
from muster.db.migrate import upgrade
from tests.support.adapters import share_adapters
from tests.support.clock import SettableClock
from tests.support.copies import Copies
from tests.support.order import mixed
from tests.support.postgres import Cluster, NoPostgres, running_cluster, why_no_postgres

# Servers that tests start keep what they compiled: else each compiles all of Muster, half a second of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

share_adapters()

_missing = why_no_postgres()
DATABASES = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.skip(_missing)] if _missing else [])]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mix the files where several processes share them; one process alone goes by directories."""
    if not hasattr(config, "workerinput"):
        return
    here = Path(__file__).parent
    paths = {item.path: item.path.relative_to(here) for item in items}
    place = {path: at for at, path in enumerate(mixed(list(paths.values())))}
    items.sort(key=lambda item: place[paths[item.path]])


@pytest.fixture
def clock() -> SettableClock:
    """Stands at 2025-01-15 10:30 UTC; `clock.advance(seconds)` moves it."""
    return SettableClock()


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """The session's PostgreSQL server; skips what needs it, saying why, when it cannot run here."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except NoPostgres as error:
        pytest.skip(f"no PostgreSQL to test against: {error}")


@pytest.fixture(scope="session")
def postgres_copies(postgres_cluster: Cluster) -> Copies:
    """Lends migrated databases without rows."""
    name = postgres_cluster.create()
    _migrate(postgres_cluster.url(name))
    return Copies(postgres_cluster, name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("template") / "muster.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def new_postgres_url(postgres_cluster: Cluster) -> Iterator[Callable[[], str]]:
    """A function that makes an empty, not migrated database at each call and returns its URL."""
    names: list[str] = []

    def new() -> str:
        names.append(postgres_cluster.create())
        return postgres_cluster.url(names[-1])

    yield new
    for name in names:
        postgres_cluster.drop(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database without rows."""
    if request.param == "sqlite":
        path = tmp_path / "muster.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    copies: Copies = request.getfixturevalue("postgres_copies")
    name = copies.lend()
    yield cluster.url(name)
    copies.take_back(name)


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that was never migrated."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'muster.db'}"
    new: Callable[[], str] = request.getfixturevalue("new_postgres_url")
    return new()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database without rows; closed after the test."""
    opened = Database(database_url)
    yield opened
    opened.close()


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()
