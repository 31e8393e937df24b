"""Transactions: durable, all or nothing, fair, and refused in words when the database cannot."""

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from muster.db import schema
from muster.db.database import Database
from muster.errors import InputError, StorageFull, Unavailable
from tests.support.postgres import Cluster, NoPostgres, free_port, running_cluster

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def add_user(connection: sa.Connection, name: str) -> None:
    connection.execute(
        schema.users.insert().values(
            id=f"usr_{name}", email=name, email_key=name, role="member", created_at=NOW
        )
    )


def count_users(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(schema.users)).scalar_one())


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_template: Path) -> Database:
    path = tmp_path / "only-sqlite.db"
    path.write_bytes(sqlite_template.read_bytes())
    return Database(f"sqlite:///{path}")


# All or nothing


def test_a_block_that_ends_is_committed_for_everybody(database: Database, database_url: str) -> None:
    with database.begin() as connection:
        add_user(connection, "a")
    other = Database(database_url)
    assert count_users(other) == 1
    other.close()


def test_a_block_that_raises_leaves_nothing_and_its_error_comes_through(database: Database) -> None:
    error = KeyError("mine")

    def write_and_fail() -> None:
        with database.begin() as connection:
            add_user(connection, "a")
            raise error

    with pytest.raises(KeyError) as raised:
        write_and_fail()
    assert raised.value is error
    assert count_users(database) == 0
    with database.begin() as connection:  # and the next writer is let in
        add_user(connection, "b")


def test_a_broken_constraint_is_the_callers_to_see(database: Database) -> None:
    def add_twice() -> None:
        with database.begin() as connection:
            add_user(connection, "a")
            add_user(connection, "a")

    with pytest.raises(sa.exc.IntegrityError):
        add_twice()
    assert count_users(database) == 0


def test_a_mistake_in_our_sql_is_a_bug_and_not_an_outage(database: Database) -> None:
    for statement in ("SELECT * FROM no_such_table", "SELEKT 1"):
        with pytest.raises(sa.exc.DBAPIError), database.read() as connection:
            connection.exec_driver_sql(statement)


def test_a_view_cannot_write(database: Database) -> None:
    with pytest.raises((sa.exc.DBAPIError, Unavailable)), database.read() as connection:
        add_user(connection, "a")
    assert count_users(database) == 0
    with database.begin() as connection:  # the same pooled connection can write again
        add_user(connection, "a")
    assert count_users(database) == 1


# Side by side


def test_a_view_stays_the_same_while_others_commit(database: Database) -> None:
    with database.read() as connection:
        query = sa.select(sa.func.count()).select_from(schema.users)
        assert connection.execute(query).scalar_one() == 0
        with database.begin() as writer:
            add_user(writer, "a")
        assert connection.execute(query).scalar_one() == 0
    assert count_users(database) == 1


def test_readers_see_the_last_commit_and_never_wait_for_a_writer(database: Database) -> None:
    with database.begin() as connection:
        add_user(connection, "a")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(count_users, database).result(timeout=5) == 0
    assert count_users(database) == 1


def test_eight_threads_that_read_and_then_write_meet_no_lock(sqlite: Database) -> None:
    # With a plain BEGIN nearly all of these fail: two readers cannot both become the writer.
    with sqlite.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (value INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (0)")

    def count_up(_: int) -> None:
        for _ in range(25):
            with sqlite.begin() as connection:
                value = connection.exec_driver_sql("SELECT value FROM counter").scalar_one()
                connection.exec_driver_sql("UPDATE counter SET value = ?", (value + 1,))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(8)))
    with sqlite.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM counter").scalar_one() == 200
    sqlite.close()


def test_two_processes_that_write_at_once_wait_for_each_other(sqlite: Database) -> None:
    # Two `Database` objects share no lock of Python, as two processes do not.
    other = Database(f"sqlite:///{sqlite.url.database}")

    def add(database: Database, start: int) -> None:
        for number in range(start, start + 25):
            with database.begin() as connection:
                add_user(connection, str(number))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, (sqlite, other), (0, 100)))
    assert count_users(sqlite) == 50
    sqlite.close()
    other.close()


def test_writers_take_turns_in_the_order_they_came(sqlite: Database) -> None:
    workers = 8
    turns: list[int] = []
    gate = threading.Barrier(workers)

    def write(worker: int) -> None:
        gate.wait()
        for _ in range(20):
            with sqlite.begin():
                turns.append(worker)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(write, range(workers)))
    # While all eight still compete, nobody is passed over for long.
    contested = turns[workers : len(turns) // 2]
    for worker in range(workers):
        places = [place for place, who in enumerate(contested) if who == worker]
        gaps = [after - before for before, after in pairwise(places)]
        assert gaps, turns
        assert max(gaps) <= 3 * workers, turns
    sqlite.close()


def test_a_write_inside_a_write_is_a_mistake_and_does_not_hang(sqlite: Database) -> None:
    with pytest.raises(RuntimeError, match="inside"), sqlite.begin(), sqlite.begin():
        pass
    with sqlite.begin() as connection:
        add_user(connection, "a")
    sqlite.close()


# Durable


def test_sqlite_flushes_its_log_at_every_commit(sqlite: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    for block in (sqlite.read, sqlite.begin, sqlite.begin_migration):
        with block() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected}
        assert found == expected | ({"foreign_keys": 0} if block == sqlite.begin_migration else {})
    sqlite.close()


# When the database cannot


def test_a_full_sqlite_file_is_storage_full_and_works_again_once_there_is_room(sqlite: Database) -> None:
    def fill() -> None:
        with sqlite.begin() as connection:
            add_user(connection, "a")
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(1000):
                add_user(connection, f"{number}" * 50)

    with pytest.raises(StorageFull, match="no room"):
        fill()
    assert count_users(sqlite) == 0
    sqlite.engine.dispose()
    with sqlite.begin() as connection:
        add_user(connection, "a")
    sqlite.close()


def test_a_disk_that_takes_no_more_is_an_outage_that_ends_without_a_restart(sqlite: Database) -> None:
    # A child whose files may not grow stands for the disk; SQLite reports that as an I/O error.
    child = textwrap.dedent(
        """
        import os, resource, sys
        from datetime import UTC, datetime
        from muster.db.database import Database
        from muster.db.schema import users
        from muster.errors import OutsideError
        def add(name):
            with database.begin() as connection:
                connection.execute(users.insert().values(
                    id=name, email=name, email_key=name, role="member", created_at=datetime.now(UTC)))
        database = Database("sqlite:///" + sys.argv[1])
        add("before")
        resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(sys.argv[1]), resource.RLIM_INFINITY))
        refused = 0
        for number in range(200):
            try:
                add(f"{number:0300}")
            except OutsideError:
                refused += 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        add("after")
        print(200 - refused + 2)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", child, str(sqlite.url.database)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    acknowledged = int(done.stdout)
    assert 2 <= acknowledged < 202
    assert count_users(sqlite) == acknowledged
    with sqlite.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    sqlite.close()


def test_a_full_postgresql_disk_is_storage_full(postgres_cluster: Cluster) -> None:
    database = Database(postgres_cluster.url("postgres"))
    with pytest.raises(StorageFull, match="no room"), database.begin() as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END $$")
    database.close()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database(f"postgresql://nobody:secret@127.0.0.1:{free_port()}/muster")
    for use in (database.ping, lambda: count_users(database)):
        with pytest.raises(Unavailable) as refused:
            use()
        assert refused.value.retry_after_seconds
        assert "secret" not in refused.value.message
    database.close()


def test_a_server_that_dies_in_the_middle_is_unavailable() -> None:
    def write_while_it_dies() -> None:
        with database.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            cluster.stop()

    try:
        with running_cluster() as cluster:
            database = Database(cluster.url("postgres"))
            with pytest.raises(Unavailable):
                write_while_it_dies()
            with pytest.raises(Unavailable):
                count_users(database)
            database.close()
    except NoPostgres as error:
        pytest.skip(f"no PostgreSQL to test against: {error}")


def test_connections_cut_by_the_server_are_replaced_without_anybody_noticing(
    postgres_cluster: Cluster,
) -> None:
    database = Database(postgres_cluster.url("postgres"))
    database.ping()
    with database.read() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    killer = Database(postgres_cluster.url("postgres"))
    with killer.begin() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (mine,))
    database.ping()
    database.close()
    killer.close()


def test_a_transaction_nobody_goes_on_with_loses_its_locks_and_is_unavailable_to_its_owner(
    postgres_cluster: Cluster,
) -> None:
    sleeper, other = (
        Database(postgres_cluster.url("postgres"), idle_transaction_seconds=1) for _ in range(2)
    )

    def lock(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711)")

    def sleep_in_a_transaction() -> None:
        with sleeper.begin() as connection:
            lock(connection)
            with other.begin() as takes_over:
                lock(takes_over)  # waits, speaking, until the sleeper has lost it
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(Unavailable):
        sleep_in_a_transaction()
    sleeper.ping()
    for database in (sleeper, other):
        database.close()


def test_a_sqlite_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}")  # a directory
    with pytest.raises(Unavailable):
        database.ping()
    database.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="directory"):
        Database(f"sqlite:///{tmp_path}/file/below/muster.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://a:secret@b/c",
        "postgresql://a:secret@b:port/c",
    ],
)
def test_a_url_of_no_database_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(InputError) as refused:
        Database(url)
    assert refused.value.error_code == "database_url_invalid"
    assert "secret" not in refused.value.message
