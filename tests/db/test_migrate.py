"""Migrations: the same schema on both databases, one migrator at a time, no way back."""

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations

from muster.db import schema
from muster.db.database import Database
from muster.db.migrate import VERSION_TABLE, current_revision, differences, pending, upgrade
from muster.errors import Conflict


def add_user_with_key(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email, email_key, role, created_at)"
            " VALUES ('usr_1', 'A@example.org', 'a@example.org', 'owner', '2025-01-15T10:30:00.000000Z')"
        )
        connection.exec_driver_sql(
            "INSERT INTO api_keys (id, user_id, name, secret_hash, scopes, rows_used, created_at)"
            " VALUES ('k', 'usr_1', 'n', 'h', '[]', 0, '2025-01-15T10:30:00.000000Z')"
        )


def test_a_migrated_database_is_exactly_what_the_schema_says(database: Database) -> None:
    assert differences(database) == []


def test_a_missing_column_an_extra_index_and_another_length_are_all_seen(database: Database) -> None:
    # The test above proves nothing unless the comparison can fail.
    with database.begin_migration() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("users") as users:
            users.drop_column("disabled_at")
            users.alter_column("email", type_=sa.String(10))
        operations.create_index("ix_extra", "sessions", ["expires_at"])
    found = " ".join(differences(database))
    assert "disabled_at" in found
    assert "ix_extra" in found
    assert "email" in found


def test_tables_of_other_libraries_are_not_looked_at_and_not_touched(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('theirs')")
        connection.exec_driver_sql("CREATE TABLE jobs_of_others (id INTEGER)")
    upgrade(database)
    assert differences(database) == []
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "theirs"


def test_an_empty_database_gets_every_table_and_then_has_nothing_pending(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    assert current_revision(database) is None
    assert pending(database) == ("0001", "0002", "0003", "0004", "0005", "0006")
    upgrade(database)
    assert pending(database) == ()
    with database.read() as connection:
        tables = set(sa.inspect(connection).get_table_names())
    assert tables == set(schema.metadata.tables) | {VERSION_TABLE}
    database.close()


def test_upgrading_a_database_in_use_changes_nothing_and_waits_for_nobody(database: Database) -> None:
    add_user_with_key(database)
    with database.begin():  # a write in progress must not hold up another process that starts
        other = Database(database.url.render_as_string(hide_password=False))
        started = time.monotonic()
        upgrade(other)
        assert time.monotonic() - started < 1
        other.close()
    with database.read() as connection:
        assert connection.execute(sa.select(schema.users.c.email)).scalar_one() == "A@example.org"


def test_a_database_of_a_newer_release_is_refused_and_left_alone(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(
            sa.update(sa.table(VERSION_TABLE, sa.column("version_num"))).values(version_num="9999")
        )
    for verb in (upgrade, pending):
        with pytest.raises(Conflict, match=r"9999.*downgrade") as refused:
            verb(database)
        assert refused.value.error_code == "database_too_new"
    assert current_revision(database) == "9999"


def test_many_processes_starting_at_once_migrate_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url, pool_size=1) for _ in range(8)]
    failures: list[BaseException] = []
    gate = threading.Barrier(len(databases))

    def start(database: Database) -> None:
        gate.wait()
        try:
            upgrade(database)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=start, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert differences(databases[0]) == []
    for database in databases:
        database.close()


def test_an_upgrade_signs_nobody_out(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    config = Config()
    config.set_main_option("script_location", "muster.db:migrations")
    with database.begin_migration() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    add_user_with_key(database)
    with database.begin() as connection:
        for token_hash in ("a", "b"):
            connection.execute(
                sa.text("INSERT INTO sessions VALUES (:hash, 'usr_1', :at, :at, :at)"),
                {"hash": token_hash, "at": "2025-01-15T10:30:00.000000Z"},
            )
    assert pending(database) == ("0003", "0004", "0005", "0006")
    upgrade(database)
    with database.read() as connection:
        named = dict(connection.execute(sa.select(schema.sessions.c.token_hash, schema.sessions.c.id)).all())  # type: ignore[arg-type]
    assert set(named) == {"a", "b"}
    assert len(set(named.values())) == 2
    assert all(session_id.startswith("ssn_") for session_id in named.values())
    assert differences(database) == []
    database.close()


def test_a_failing_migration_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE uploads (id INTEGER)")  # clashes half-way through
    with pytest.raises(Exception, match="uploads"):
        upgrade(database)
    assert current_revision(database) is None
    with database.read() as connection:
        assert sa.inspect(connection).get_table_names() == ["uploads"]
    database.close()


def test_changing_a_table_that_others_refer_to_loses_no_row(database: Database) -> None:
    # SQLite changes a table by copying and dropping it, and a drop cascades when foreign keys are enforced.
    add_user_with_key(database)
    with database.begin_migration() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("users") as users:
            users.alter_column("email", type_=sa.String(400))
    with database.read() as connection:
        assert connection.execute(sa.select(schema.api_keys.c.id)).scalars().all() == ["k"]
    with pytest.raises(sa.exc.IntegrityError), database.begin() as connection:
        connection.exec_driver_sql("UPDATE api_keys SET user_id = 'nobody'")


def test_sqlite_refuses_a_migration_that_leaves_rows_referring_to_nothing(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "muster.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    add_user_with_key(database)
    with pytest.raises(RuntimeError, match="1 rows"), database.begin_migration() as connection:
        connection.exec_driver_sql("DELETE FROM users")
    with database.read() as connection:
        assert connection.execute(sa.select(schema.users.c.id)).scalars().all() == ["usr_1"]
    database.close()
