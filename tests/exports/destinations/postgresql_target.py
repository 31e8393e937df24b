"""A database of somebody else, and exports to it."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from muster.exports.connections import create_connection
from muster.exports.model import Export, Outcome
from muster.exports.requests import ConnectionBody
from tests.exports.exporting import Cells, Exports, assert_adds_up
from tests.support.postgres import USER, Cluster


@dataclass
class Target:
    """A database of somebody else, and exports to it."""

    exports: Exports
    cluster: Cluster
    name: str
    watcher: psycopg.Connection[tuple[Any, ...]]
    connection: str = ""
    schema: str = "public"
    extra: dict[str, Any] = field(default_factory=dict)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self.watcher.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def hang_up(self) -> None:
        """End the connection of the export, and wait until it is gone."""
        ended = self.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = 'muster' AND datname = current_database()"
        )
        assert ended == [(True,)]

    def allow(self, is_allowed: bool) -> None:
        """Whether anyone else may connect from now on."""
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as door:
            statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            door.execute(statement.format(sql.Identifier(self.name), sql.Literal(is_allowed)))

    def connect(self, **changes: Any) -> None:
        settings = {
            "host": "127.0.0.1",
            "port": self.cluster.port,
            "database": self.name,
            "user": USER,
            "password": self.cluster.password,
            "ssl": "disable",
            **changes,
        }
        body = ConnectionBody("postgresql", " ".join(["ours", *changes]), settings)
        self.connection = create_connection(self.exports.house.exports, self.exports.owner, body).id

    def make(self, upload_id: str, table: str = "people", **members: Any) -> Export:
        settings = {"schema": self.schema, "table": table, **members.pop("settings", {})}
        return self.exports.make(
            upload_id, destination="postgresql", connection=self.connection, settings=settings, **members
        )

    def send(self, cells: Cells, table: str = "people", **members: Any) -> Export:
        export = self.exports.carry_out(self.make(self.exports.table(cells), table, **members).id)
        assert_adds_up(export)
        return export

    def failed(self, export: Export) -> list[tuple[int | None, str | None]]:
        return [(row.position, row.code) for row in self.exports.outcomes(export, Outcome.FAILED)]
