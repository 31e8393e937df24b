"""The databases tests get: lent again only when nothing of the test before is left in them."""

from contextlib import closing

import psycopg
import pytest

from tests.support.copies import Copies
from tests.support.postgres import Cluster

ADD_LINES = """
INSERT INTO audit_log (at, user_id, actor, action, subject, details)
SELECT 0, '', 'cli', 'x', repeat(md5(x::text), 2), '{}' FROM generate_series(1, %s) AS x
"""


@pytest.fixture
def copies(postgres_cluster: Cluster, postgres_copies: Copies) -> Copies:
    """Lends what nobody used before."""
    return Copies(postgres_cluster, postgres_copies.template)


def test_a_copy_is_lent_again_without_rows_and_under_another_name(
    copies: Copies, postgres_cluster: Cluster
) -> None:
    first = copies.lend()
    before, number = _contents(postgres_cluster, first), _number(postgres_cluster, first)
    with psycopg.connect(postgres_cluster.url(first)) as connection:
        connection.execute(ADD_LINES, [1])
    assert _contents(postgres_cluster, first) != before

    copies.take_back(first)
    second = copies.lend()

    assert second != first
    assert _number(postgres_cluster, second) == number
    assert _contents(postgres_cluster, second) == before
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgres_cluster.url(first))
    postgres_cluster.drop(second)


def test_who_is_still_connected_is_cut_off_and_what_they_began_is_gone(
    copies: Copies, postgres_cluster: Cluster
) -> None:
    name = copies.lend()
    with closing(psycopg.connect(postgres_cluster.url(name))) as left_open:
        left_open.execute(ADD_LINES, [1])
        copies.take_back(name)
        with pytest.raises(psycopg.OperationalError):
            left_open.execute("SELECT 1")
    again = copies.lend()
    with psycopg.connect(postgres_cluster.url(again)) as connection:
        assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)
    postgres_cluster.drop(again)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (x int)",
        "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
        "ALTER TABLE users DISABLE TRIGGER ALL",
        "CREATE SCHEMA more CREATE VIEW v AS SELECT 1",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 1000', current_database()); END $$",
        "DELETE FROM instance",
        ADD_LINES % 40_000,
    ],
)
def test_a_copy_that_is_more_than_filled_is_not_lent_again(
    copies: Copies, postgres_cluster: Cluster, change: str
) -> None:
    changed = copies.lend()
    with psycopg.connect(postgres_cluster.url(changed)) as connection:
        connection.execute(change)
    number = _number(postgres_cluster, changed)

    copies.take_back(changed)

    with psycopg.connect(postgres_cluster.url("postgres")) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE oid = %s", [number]).fetchall() == []


def _number(cluster: Cluster, name: str) -> int:
    """What tells a database from every other, whatever it is called."""
    with psycopg.connect(cluster.url("postgres")) as connection:
        found = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert found is not None
    return int(found[0])


def _contents(cluster: Cluster, name: str) -> dict[str, object]:
    """What is in every table, and where every sequence stands."""
    ours = "SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'S')"
    with psycopg.connect(cluster.url(name)) as connection:
        names = [name for (name,) in connection.execute(ours)]
        return {name: connection.execute(f"TABLE {name}").fetchall() for name in names}
