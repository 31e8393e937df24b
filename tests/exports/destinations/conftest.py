"""Fixtures of destinations: a PostgreSQL database of somebody else."""

from collections.abc import Iterator

import psycopg
import pytest

from muster.exports import deliver as delivering
from muster.exports import deliver_rows
from muster.exports.destinations import postgresql
from tests.exports.destinations.postgresql_target import Target
from tests.exports.exporting import Exports
from tests.support.postgres import Cluster


@pytest.fixture(scope="module")
def database_name(postgres_cluster: Cluster) -> Iterator[str]:
    name = postgres_cluster.create()
    yield name
    postgres_cluster.drop(name)


@pytest.fixture
def target(
    exports: Exports, postgres_cluster: Cluster, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    """Every batch is a portion, batches are small, and a second try comes at once."""
    monkeypatch.setattr(delivering, "_FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)
    monkeypatch.setattr(postgresql.PostgreSql, "batch_rows", lambda _self, _call: 4)
    with psycopg.connect(postgres_cluster.url(database_name), autocommit=True) as watcher:
        made = Target(exports, postgres_cluster, database_name, watcher)
        made.connect()
        yield made
        made.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
