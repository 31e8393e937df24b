"""A connection to a database that users name: addresses that were checked, nothing of the server's own, what errors mean.

Connected to are only the numbers that were checked, as for HTTP (web/outgoing): the name is looked up once.
"""

import os
import ssl
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import errors
from pydantic import Field, SecretStr

from muster.errors import InputError, MusterError, Unavailable
from muster.exports.destination import BatchRefused, Call, Refusal, Settings
from muster.web.outgoing.addresses import AddressRefused, is_called, parse_url
from muster.web.outgoing.line import resolve_by_system

_CONNECT_SECONDS: Final = 10
_STATEMENT_SECONDS: Final = 60
_CLOSED: Final = (
    "authentication", "does not exist", "pg_hba.conf", "not permitted", "permission denied", "does not support SSL",
    "certificate",
)  # fmt: skip
"""Words of those who do not let us in, today or tomorrow: a connection that was never made has no code to tell by."""
_AUTHORITIES: Final = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
)  # fmt: skip


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


class Session:
    """One connection for all batches of an export, opened anew when it broke."""

    def __init__(self, kept: PostgreSqlConnection, allow_private: bool) -> None:
        self._kept = kept
        self._allow_private = allow_private
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    @classmethod
    def of(cls, call: Call) -> "Session":
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

    def __init__(self, session: Session, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
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
            sslrootcert=_authorities() if kept.ssl is SslMode.VERIFY_FULL else None,
            # Nothing of the server's own environment: no password file, no client certificate, no service.
            passfile="/dev/null/none",  # a file there would be read, and /dev/null itself is complained about
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


def _authorities() -> str:
    """Who vouches for names: the same as for HTTP, in one file. The client library by itself asks for a file in a home."""
    files = (
        os.environ.get("SSL_CERT_FILE", ""),
        ssl.get_default_verify_paths().openssl_cafile,
        *_AUTHORITIES,
    )
    return next((file for file in files if file and Path(file).is_file()), "system")


def _numbers(kept: PostgreSqlConnection, allow_private: bool) -> Sequence[str]:
    refused = InputError(
        "This database lies in the server's own network, or its address is reserved; it is connected to only where the "
        "operator set MUSTER_ALLOW_PRIVATE_ADDRESSES.",
        code="destination_address_refused",
    )
    host = f"[{kept.host}]" if ":" in kept.host else kept.host
    try:
        address, target = parse_url(f"https://{host}:{kept.port}/", allow_private=allow_private)
    except AddressRefused as error:
        raise refused from error
    if target != "/":  # more than a host was written
        raise refused
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
    is_closed = not state and any(word in str(error) for word in _CLOSED)
    if state[:2] in {"08", "40", "53", "55", "57", "58"} or (not state and not is_closed):
        return Unavailable("The database does not answer at the moment.", code="destination_unavailable")
    if is_closed:
        said = "it does not let this user in; check name, password, database and TLS of the connection"
    if state == "42P10":
        said = "The table has no unique index on the key; make one, or choose another key"
    return InputError(f"The database refuses this: {said.rstrip('.')}.", code="destination_refused")
