"""Bring a database to the schema this release knows.

Safe to call from every process at every start: one migrator works at a time, all steps happen in one
transaction, and a database that is already there costs one query.
"""

import threading
from functools import cache

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from muster.db import schema
from muster.db.database import Database
from muster.errors import Conflict

VERSION_TABLE = "schema_version"
"""Not Alembic's default name, so that another library in the same database can keep its own."""

# Alembic's `op` is one per process: two databases must not be migrated by two threads at once.
_ALEMBIC = threading.Lock()


def upgrade(database: Database) -> None:
    """Run every pending revision; does nothing on a database that is up to date.

    Raises Conflict (`database_too_new`) when a newer release made the database, Unavailable when it does
    not answer or another migrator holds it for over 30 seconds, StorageFull when it cannot grow.
    """
    if not pending(database):
        return
    with _ALEMBIC, database.begin_migration() as connection:
        # Someone else may have finished while we waited for the lock.
        if _pending(_revision(connection)):
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def pending(database: Database) -> tuple[str, ...]:
    """The revisions `upgrade` would run, oldest first. Raises Conflict (`database_too_new`)."""
    return _pending(current_revision(database))


def current_revision(database: Database) -> str | None:
    """The revision the database is at, None when it holds nothing of Muster yet."""
    with database.read() as connection:
        return _revision(connection)


def differences(database: Database) -> list[str]:
    """What in the database is not as `db/schema/` says, in Alembic's words; empty when all is well.

    Tables this schema does not name belong to others and are not looked at.
    """
    ours = set(schema.metadata.tables)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "include_name": lambda name, kind, _parents: kind != "table" or name in ours,
            },
        )
        return [repr(difference) for difference in compare_metadata(context, schema.metadata)]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "muster.db:migrations")  # found in a wheel, too
    return config


@cache
def _known_revisions() -> tuple[str, ...]:
    """Every revision of this release, oldest first; the history is a straight line."""
    script = ScriptDirectory.from_config(_config())
    return tuple(reversed([step.revision for step in script.walk_revisions("base", "heads")]))


def _revision(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _pending(current: str | None) -> tuple[str, ...]:
    known = _known_revisions()
    if current is None:
        return known
    if current not in known:
        raise Conflict(
            f"This database is at revision {current}, which this release of Muster does not know: a newer "
            "release wrote it, and a downgrade is not possible. Start the newer release, or restore a "
            "backup made before the upgrade.",
            code="database_too_new",
        )
    return known[known.index(current) + 1 :]
