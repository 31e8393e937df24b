"""Rows into a table of PostgreSQL: COPY into a staging table, then an upsert by the key, one transaction a batch."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import psycopg
import pyarrow as pa
from psycopg import sql
from pydantic import Field

from muster.errors import InputError
from muster.exports.destination import (
    Batch,
    Call,
    DestinationManifest,
    Operation,
    Receipt,
    RowDestination,
    Settings,
    Takes,
)
from muster.exports.destinations.postgresql_session import PostgreSqlConnection, Session
from muster.exports.hashing import TEXT
from muster.tables.formats import csv

_STAGE: Final = sql.Identifier("muster_stage")
_PLACE: Final = "muster_row"
"""A column of the staging table: of rows with one key the last one counts."""
_TYPES: Final = """
    WITH RECURSIVE kinds (name, type) AS (
        SELECT attname, atttypid FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT name, typbasetype FROM kinds JOIN pg_type ON oid = type WHERE typtype = 'd')
    SELECT name, format_type(type, -1) FROM kinds JOIN pg_type ON oid = type WHERE typtype <> 'd'
    """
"""What a column is, without its length: a cast to `varchar(20)` cuts what is longer and says nothing, storing it there fails."""


class TableSettings(Settings):
    """Which table."""

    db_schema: str = Field("public", alias="schema", min_length=1, max_length=63, title="Schema")
    table: str = Field(min_length=1, max_length=63, title="Table")
    create_table: bool = Field(
        True, title="Make the table", description="If there is none: text columns, the key as primary key."
    )


class PostgreSql(RowDestination):
    """Upserts and deletes by the key."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="postgresql",
        title="PostgreSQL table",
        description="Rows into a table: COPY, then an upsert by the key. The table is made if there is none.",
        takes=Takes.ROWS,
        settings=TableSettings,
        connection=PostgreSqlConnection,
        needs_key=True,
        batch_rows=10_000,
    )

    def check(self, call: Call) -> None:
        if any(column.name == _PLACE for column in call.columns):
            raise InputError(f"No column may be called `{_PLACE}` here.", code="column_repeated")
        long = next((column.name for column in call.columns if len(column.name.encode()) > 63), None)
        if long is not None:
            raise InputError(
                "PostgreSQL cuts names of columns after 63 bytes; give the long ones others with `as`.",
                code="column_name_too_long",
            )

    def probe(self, call: Call) -> str:
        with Session.of(call).transaction() as cursor:
            found = cursor.execute("SELECT current_setting('server_version')").fetchone()
        return f"PostgreSQL {found[0] if found else ''} answers."

    def prepare(self, call: Call) -> None:
        settings = _settings(call)
        with Session.of(call).transaction() as cursor:
            if cursor.execute("SELECT to_regclass(%s)", [_qualified(settings)]).fetchone() != (None,):
                return
            if not settings.create_table:
                raise InputError(
                    "There is no such table. Make it, or set `create_table`.",
                    code="destination_table_missing",
                )
            columns = [
                sql.SQL("{} text{}").format(
                    sql.Identifier(column.name), sql.SQL(" NOT NULL" if column.is_key else "")
                )
                for column in call.columns
            ]
            cursor.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))").format(
                    _table(settings), sql.SQL(", ").join(columns), _names(_keys(call))
                )
            )

    def deliver(self, batch: Batch, call: Call) -> Receipt:
        with Session.of(call).transaction() as cursor:
            keys = _keys(call)
            names = keys if batch.operation is Operation.REMOVE else batch.rows.schema.names
            _stage(cursor, batch.rows, names)
            cast = _casts(cursor, _settings(call), names)
            if batch.operation is Operation.REMOVE:
                _delete(cursor, _settings(call), keys, cast)
            else:
                _upsert(cursor, _settings(call), names, keys, cast)
        return Receipt()


def _stage(cursor: "psycopg.Cursor[tuple[Any, ...]]", rows: pa.RecordBatch, names: Sequence[str]) -> None:
    columns = [sql.SQL("{} text").format(sql.Identifier(name)) for name in names]
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE {} ({} integer, {}) ON COMMIT DROP").format(
            _STAGE, sql.Identifier(_PLACE), sql.SQL(", ").join(columns)
        )
    )
    places = pa.arange(0, rows.num_rows).cast(TEXT)
    staged = pa.record_batch([places, *(rows.column(name) for name in names)], names=[_PLACE, *names])
    with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(_STAGE)) as copy:
        copy.write(csv.lines(staged))


def _casts(
    cursor: "psycopg.Cursor[tuple[Any, ...]]", settings: TableSettings, names: Sequence[str]
) -> dict[str, sql.Composed]:
    """Each staged column as the table's own column wants it."""
    found: dict[str, str] = dict(cursor.execute(_TYPES, [_qualified(settings)]).fetchall())
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(
            f"The table has no column `{missing[0]}`. Add it, or give the column of the export another name.",
            code="destination_column_missing",
        )
    # The type is what the server itself calls it, so it is no text of ours to quote.
    return {
        name: sql.SQL("CAST({} AS {})").format(sql.Identifier(name), sql.SQL(found[name])) for name in names
    }


def _upsert(
    cursor: "psycopg.Cursor[tuple[Any, ...]]",
    settings: TableSettings,
    names: Sequence[str],
    keys: Sequence[str],
    cast: dict[str, sql.Composed],
) -> None:
    others = [name for name in names if name not in keys]
    sets = [sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in others]
    act = sql.SQL("UPDATE SET {}").format(sql.SQL(", ").join(sets)) if sets else sql.SQL("NOTHING")
    # As the table sees them: `1` and `01` are one number, and an upsert may not meet a row twice.
    same = sql.SQL(", ").join(cast[name] for name in keys)
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM (SELECT DISTINCT ON ({}) * FROM {} ORDER BY {}, {} DESC) last "
            "ON CONFLICT ({}) DO {}"
        ).format(
            _table(settings),
            _names(names),
            sql.SQL(", ").join(cast[name] for name in names),
            same,
            _STAGE,
            same,
            sql.Identifier(_PLACE),
            _names(keys),
            act,
        )
    )


def _delete(
    cursor: "psycopg.Cursor[tuple[Any, ...]]",
    settings: TableSettings,
    keys: Sequence[str],
    cast: dict[str, sql.Composed],
) -> None:
    same = [sql.SQL("there.{0} = gone.{0}").format(sql.Identifier(name)) for name in keys]
    wanted = [sql.SQL("{} AS {}").format(cast[name], sql.Identifier(name)) for name in keys]
    cursor.execute(
        sql.SQL("DELETE FROM {} AS there USING (SELECT {} FROM {}) gone WHERE {}").format(
            _table(settings), sql.SQL(", ").join(wanted), _STAGE, sql.SQL(" AND ").join(same)
        )
    )


def _settings(call: Call) -> TableSettings:
    assert isinstance(call.settings, TableSettings)  # noqa: S101 - the manifest says so
    return call.settings


def _keys(call: Call) -> list[str]:
    return [column.name for column in call.columns if column.is_key]


def _table(settings: TableSettings) -> sql.Identifier:
    return sql.Identifier(settings.db_schema, settings.table)


def _qualified(settings: TableSettings) -> str:
    """As `to_regclass` reads it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in (settings.db_schema, settings.table))


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
