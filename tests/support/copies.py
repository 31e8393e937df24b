"""Copies of one migrated database, each for one test after the other.

To make a database and to remove it costs more than most tests do: eight megabytes are copied, and every removal is
a checkpoint. So a copy is emptied and lent again, under a new name, so that nobody who knew it finds it. One
that is not as it was made, apart from its rows, is removed.
"""

from typing import Any

import psycopg

from tests.support.postgres import Cluster

GROWN_BYTES = 4 * 1024 * 1024
"""A copy that grew by more is removed: rows that are gone take room until they are swept."""

# All that outlives the rows. Objects keep their number in a copy, and get another when they are made anew.
_SHAPE = """
SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
    SELECT concat_ws(' ', 'relation', oid, relname, relkind, relhastriggers, reloptions)
        FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
    UNION ALL SELECT concat_ws(' ', 'column', attrelid, attnum, attname, atttypid, attnotnull, atthasdef)
        FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0
    UNION ALL SELECT concat_ws(' ', 'default', oid, adnum, adbin) FROM pg_attrdef
    UNION ALL SELECT concat_ws(' ', 'constraint', oid, conname, convalidated)
        FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'function', oid, proname, prosrc) FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', 'schema', oid, nspname)
        FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig)
        FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid
        WHERE datname = current_database()
) AS lines (line)
"""
_TABLES = "SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 AND relkind = 'r' ORDER BY 1"
_SIZE = "SELECT pg_database_size(current_database())"
_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_RESTART_NUMBERS = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


class Copies:
    """Lends copies of `template`, a migrated database without rows of ours; nobody may be connected to it."""

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._cluster, self.template = cluster, template
        self._spare: list[str] = []
        with psycopg.connect(cluster.url(template)) as connection:
            self._shape = _one(connection, _SHAPE)
            self._size_bytes = _one(connection, _SIZE)
            self._tables: list[str] = [name for (name,) in connection.execute(_TABLES)]
            # What migrations leave, such as their own version.
            self._filled = {name: rows for name in self._tables if (rows := _rows(connection, name))}

    def lend(self) -> str:
        """The name of a database like the template that nobody else has."""
        return self._spare.pop() if self._spare else self._cluster.create(template=self.template)

    def take_back(self, name: str) -> None:
        """End whoever is still connected to a lent database; it is lent again if it is like the template."""
        try:
            is_clean = self._empty(name)
        except psycopg.Error:
            is_clean = False
        if is_clean:
            self._spare.append(self._cluster.rename(name))
        else:
            self._cluster.drop(name)

    def _empty(self, name: str) -> bool:
        """Remove every row. False when that would not make it what it was."""
        with psycopg.connect(self._cluster.url(name)) as connection:
            connection.execute(_END_OTHERS)
            if (
                _one(connection, _SHAPE) != self._shape
                or _one(connection, _SIZE) > self._size_bytes + GROWN_BYTES
                or any(_rows(connection, table) != rows for table, rows in self._filled.items())
            ):
                return False
            # Nothing that refers to another row is left to mind.
            connection.execute("SET session_replication_role = replica")
            left = [table for table in self._tables if table not in self._filled]
            connection.execute(";".join(f"DELETE FROM {table}" for table in left))  # noqa: S608
            connection.execute(_RESTART_NUMBERS)
        return True


def _one(connection: psycopg.Connection, query: str) -> Any:
    """The only value of the only row."""
    found = connection.execute(query).fetchone()
    assert found is not None
    return found[0]


def _rows(connection: psycopg.Connection, table: str) -> str | None:
    """All rows of a table as text; None when there are none."""
    every = f"SELECT string_agg(one::text, ' ' ORDER BY one::text) FROM {table} AS one"  # noqa: S608
    text: str | None = _one(connection, every)
    return text
