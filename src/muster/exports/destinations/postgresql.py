"""Rows into a table of PostgreSQL: COPY into a staging table, then an upsert by the key, one transaction a batch.

Connected to are only the numbers that were checked, as for HTTP (web/outgoing): the name is looked up once.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, ClassVar, Final

import psycopg
import pyarrow as pa
from psycopg import errors, sql
from pydantic import Field, SecretStr

from muster.errors import InputError, MusterError, Unavailable
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    DestinationManifest,
    Operation,
    Receipt,
    Refusal,
    RowDestination,
    Settings,
    Takes,
)
from muster.exports.hashing import TEXT
from muster.tables.formats import csv
from muster.web.outgoing.addresses import AddressRefused, is_called, parse_url
from muster.web.outgoing.line import resolve_by_system

_CONNECT_SECONDS: Final = 10
_STATEMENT_SECONDS: Final = 60
_STAGE: Final = sql.Identifier("muster_stage")
_PLACE: Final = "muster_row"
"""A column of the staging table: of rows with one key the last one counts."""


class SslMode(StrEnum):
    """As libpq names them."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


class PostgreSqlConnection(Settings):
    """Which database, and who asks."""

    host: str = Field(min_length=1, max_length=255, title="Host")
    port: int = Field(5432, ge=1024, le=65535, title="Port")
    database: str = Field(min_length=1, max_length=63, title="Database")
    user: str = Field(min_length=1, max_length=63, title="User")
    password: SecretStr | None = Field(None, title="Password")
    ssl: SslMode = Field(SslMode.REQUIRE, title="TLS", description="`verify-full` checks the certificate.")

    def secrets_are_for(self) -> str:
        return f"{self.host}:{self.port}"


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
        with _Session.of(call).transaction() as cursor:
            found = cursor.execute("SELECT current_setting('server_version')").fetchone()
        return f"PostgreSQL {found[0] if found else ''} answers."

    def prepare(self, call: Call) -> None:
        settings = _settings(call)
        with _Session.of(call).transaction() as cursor:
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
        with _Session.of(call).transaction() as cursor:
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
    found: dict[str, str] = dict(
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
            [_qualified(settings)],
        ).fetchall()
    )
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
    cursor.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM (SELECT DISTINCT ON ({}) * FROM {} ORDER BY {}, {} DESC) last "
            "ON CONFLICT ({}) DO {}"
        ).format(
            _table(settings),
            _names(names),
            sql.SQL(", ").join(cast[name] for name in names),
            _names(keys),
            _STAGE,
            _names(keys),
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


class _Session:
    """One connection for all batches of an export, opened anew when it broke."""

    def __init__(self, kept: PostgreSqlConnection, allow_private: bool) -> None:
        self._kept = kept
        self._allow_private = allow_private
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    @classmethod
    def of(cls, call: Call) -> "_Session":
        kept = call.connection
        assert isinstance(kept, PostgreSqlConnection)  # noqa: S101 - the manifest says so
        return call.resource("postgresql", lambda: cls(kept, call.allow_private_addresses))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def transaction(self) -> "_Transaction":
        if self._connection is None or self._connection.closed:
            self._connection = _connected(self._kept, self._allow_private)
        return _Transaction(self, self._connection)


class _Transaction:
    """A cursor in a transaction; what goes wrong in it means something to exports when it leaves."""

    def __init__(self, session: _Session, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._session = session
        self._connection = connection
        self._block = connection.transaction()

    def __enter__(self) -> "psycopg.Cursor[tuple[Any, ...]]":
        try:
            self._block.__enter__()
            return self._connection.cursor()
        except psycopg.Error as error:
            self._session.close()
            raise _meaning(error) from error

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._block.__exit__(None if error is None else type(error), error, None)
        except psycopg.Error as failure:
            error = failure
        if isinstance(error, psycopg.Error):
            if not isinstance(error, errors.DataError | errors.IntegrityError):
                self._session.close()
            raise _meaning(error) from error


def _connected(kept: PostgreSqlConnection, allow_private: bool) -> "psycopg.Connection[tuple[Any, ...]]":
    """Raises InputError (`destination_address_refused`, `destination_refused`), Unavailable."""
    numbers = _numbers(kept, allow_private)
    password = None if kept.password is None else kept.password.get_secret_value()
    try:
        return psycopg.connect(
            host=",".join([kept.host] * len(numbers)),
            hostaddr=",".join(numbers),
            port=kept.port,
            dbname=kept.database,
            user=kept.user,
            password=password,
            sslmode=kept.ssl.value,
            # Nothing of the server's own environment: no password file, no client certificate, no service.
            passfile="/dev/null",
            sslcert="",
            sslkey="",
            gssencmode="disable",
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={_STATEMENT_SECONDS}s -c search_path=",
            application_name="muster",
            autocommit=False,
        )
    except psycopg.OperationalError as error:
        raise _meaning(error) from error


def _numbers(kept: PostgreSqlConnection, allow_private: bool) -> Sequence[str]:
    refused = InputError(
        "This database lies in the server's own network, or its address is reserved; it is connected to only where the "
        "operator set MUSTER_ALLOW_PRIVATE_ADDRESSES.",
        code="destination_address_refused",
    )
    host = f"[{kept.host}]" if ":" in kept.host else kept.host
    try:
        address, _ = parse_url(f"https://{host}:{kept.port}/", allow_private=allow_private)
    except AddressRefused as error:
        raise refused from error
    try:
        numbers = list(resolve_by_system(address.host, kept.port))
    except (OSError, UnicodeError) as error:
        raise Unavailable("The host of the database is not known.", code="destination_unavailable") from error
    if not all(is_called(number, allow_private=allow_private) for number in numbers):
        raise refused
    return numbers


def _meaning(error: psycopg.Error) -> MusterError | BatchRefused:
    state = error.sqlstate or ""
    said = error.diag.message_primary or "The database refused it."
    if isinstance(error, errors.DataError | errors.IntegrityError):
        return BatchRefused(Refusal(f"sql_{state.lower()}", said))
    if state[:2] in {"08", "40", "53", "55", "57", "58"} or (
        not state and "authentication" not in str(error)
    ):
        return Unavailable("The database does not answer at the moment.", code="destination_unavailable")
    if state == "42P10":
        said = "The table has no unique index on the key; make one, or choose another key"
    return InputError(f"The database refuses this: {said.rstrip('.')}.", code="destination_refused")


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
