"""Fixtures around `LiveServer`, for the conftest files of the directories that test a running server.

Starting Python to make a user and a key takes longer than most tests. It is done once a session, on SQLite
and on PostgreSQL; every server starts from a copy.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import pytest

from tests.support.live import Api, LiveServer
from tests.support.postgres import Cluster

NOTHING: Mapping[str, str] = MappingProxyType({})


class NewServer(Protocol):
    """Makes a server with data of its own and one user with a key; it is killed when the test ends.

    database: sqlite or postgresql. jobs: with a worker for background jobs, whose start takes longer than most
    tests. environment: its settings. options: of `muster serve`. wrapper: a command to run it under.
    home: another server's, to share its data.
    """

    def __call__(
        self,
        *,
        database: str = "sqlite",
        jobs: bool = False,
        environment: Mapping[str, str] = NOTHING,
        options: Sequence[str] = (),
        wrapper: Sequence[str] = (),
        home: Path | None = None,
    ) -> LiveServer: ...


@pytest.fixture(scope="session")
def sqlite_seed(tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """A data directory with a user and a key, to copy; never started."""
    seed = LiveServer(tmp_path_factory.mktemp("seed"))
    seed.make_key()
    return seed


@pytest.fixture(scope="session")
def postgres_seed(postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The name of a database with a user, to copy, and the user's key."""
    name = postgres_cluster.create()
    settings = {"MUSTER_DATABASE_URL": postgres_cluster.url(name)}
    seed = LiveServer(tmp_path_factory.mktemp("seed"), environment=settings)
    seed.make_key()
    return name, seed.key


@pytest.fixture
def new_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewServer]:
    """A function that makes servers, not yet started."""
    servers: list[LiveServer] = []
    databases: list[str] = []

    def new(
        *,
        database: str = "sqlite",
        jobs: bool = False,
        environment: Mapping[str, str] = NOTHING,
        options: Sequence[str] = (),
        wrapper: Sequence[str] = (),
        home: Path | None = None,
    ) -> LiveServer:
        environment = {"MUSTER_JOBS_INSIDE": str(jobs).lower(), **environment}
        server = LiveServer(home or tmp_path / f"server-{len(servers)}", environment, options, wrapper)
        if database == "postgresql":
            cluster: Cluster = request.getfixturevalue("postgres_cluster")
            template, server.key = request.getfixturevalue("postgres_seed")
            databases.append(cluster.create(template=template))
            server.environment = {**environment, "MUSTER_DATABASE_URL": cluster.url(databases[-1])}
        else:
            copy_seed(request.getfixturevalue("sqlite_seed"), server)
        servers.append(server)
        return server

    yield new
    for server in servers:
        server.kill()
    for name in databases:
        request.getfixturevalue("postgres_cluster").drop(name)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_seed: LiveServer) -> Iterator[LiveServer]:
    """One running server for all tests that leave it as they found it: SQLite, one process, short clocks."""
    live = LiveServer(
        home=tmp_path_factory.mktemp("live"),
        environment={
            "MUSTER_HEADER_TIMEOUT_SECONDS": "2",
            "MUSTER_BODY_TIMEOUT_SECONDS": "4",
            "MUSTER_WRITE_TIMEOUT_SECONDS": "4",
        },
    )
    copy_seed(sqlite_seed, live)
    try:
        yield live.start()
    finally:
        live.kill()


@pytest.fixture(scope="session")
def api(server: LiveServer) -> Api:
    """The running server as its owner sees it."""
    return server.api


def copy_seed(seed: LiveServer, server: LiveServer) -> None:
    """Give `server` the seed's data, unless its home has data already, and the seed's key."""
    if not server.data_dir.exists():
        shutil.copytree(seed.data_dir, server.data_dir)
    server.key = seed.key
