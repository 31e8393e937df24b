"""Runs the revisions on the connection that `db/migrate.py` opened; Alembic loads this file by its name."""

from alembic import context

from muster.db.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,  # SQLite cannot alter most things in place
    transaction_per_migration=False,  # all steps or none
    version_table=VERSION_TABLE,
)
# No `context.begin_transaction()`: the caller's transaction also holds the lock of the one migrator.
context.run_migrations()
