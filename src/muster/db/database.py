"""Open the metadata database and hand out transactions.

`begin()` is a write transaction, `read()` a read-only snapshot. Both are opened by the outermost verb
only (docs/architecture.md, "One request, one transaction").

SQLite runs in WAL mode with synchronous=FULL: a commit that returned survives a power cut. Writers take
BEGIN IMMEDIATE (with plain BEGIN 1430 of 1600 concurrent read-then-write transactions failed as "locked")
and, inside one process, queue on a fair lock first, because SQLite's own busy handler sleeps and starves.
"""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy import exc as sa_exc
from sqlalchemy.engine import URL, make_url

from muster.errors import InputError, StorageFull, Unavailable

# Verbs name the connection they work in; only stores speak SQL over it.
__all__ = ["Connection", "Database", "limit_idle_transactions"]

_BUSY_MILLISECONDS = 30_000
_MIGRATION_LOCK = 0x6D7573746572  # "muster": the advisory lock of the one migrator


class _FairLock:
    """A mutex that serves waiters in order of arrival; `threading.Lock` lets latecomers barge in.

    Taking it twice in one thread raises RuntimeError: that mistake would otherwise hang for ever.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: queue.SimpleQueue[threading.Lock] = queue.SimpleQueue()
        self._held = False
        self._owner: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner == me:
                raise RuntimeError("a write transaction inside a write transaction")
            if not self._held:
                self._held = True
                self._owner = me
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.put(turn)
        turn.acquire()
        self._owner = me

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._owner = None
            if self._waiting.empty():
                self._held = False
            else:
                self._waiting.get().release()


class Database:
    """One metadata database; thread-safe.

    url: `sqlite:///path` or `postgresql://user:password@host/name`; anything else raises InputError
    (`database_url_invalid`). The directory of a SQLite file is made when missing; Unavailable when it cannot be.
    idle_transaction_seconds: see `limit_idle_transactions` (PostgreSQL).
    """

    def __init__(self, url: str, *, pool_size: int = 20, idle_transaction_seconds: int = 30) -> None:
        self.url: URL = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.idle_transaction_seconds = idle_transaction_seconds
        self._writers = _FairLock()
        # Errors are logged with their text, which must not quote e-mails and hashes.
        options: dict[str, Any] = {
            "hide_parameters": True,
            "pool_size": pool_size,
            "max_overflow": 2 * pool_size,
            "pool_timeout": 10,
        }
        if self.is_sqlite:
            _make_directory(Path(self.url.database or ""))
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        else:
            # A dead peer must not hold a request: five seconds to connect, probes on idle links.
            options["connect_args"] = {"connect_timeout": 5, "keepalives_idle": 30}
            options["pool_pre_ping"] = True
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            limit_idle_transactions(self.engine, idle_transaction_seconds)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: committed and durable when the block ends, rolled back when it raises.

        Raises Unavailable when the database does not answer, StorageFull when it cannot grow.
        """
        with _translated():
            if not self.is_sqlite:
                with self.engine.begin() as connection:
                    yield connection
                return
            with self._writers, self.engine.connect() as connection:
                connection.execution_options(muster_writes=True)
                with connection.begin():
                    yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for as long as the block lasts; a write inside it is refused.

        Raises Unavailable when the database does not answer.
        """
        with _translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                # Without it each statement would see its own moment, and a page and its total disagree.
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def begin_migration(self) -> Iterator[Connection]:
        """The write transaction in which the schema changes: at most one at a time in all processes.

        On SQLite foreign keys are not enforced inside: a table is changed there by copying and dropping
        it, which would cascade into every row that refers to it. They are checked as a whole at the end.
        Raises what `begin` raises; Unavailable also when another migrator takes over 30 seconds.
        """
        if not self.is_sqlite:
            with self.begin() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                yield connection
            return
        with _translated(), self._writers, self.engine.connect() as connection:
            sqlite = connection.connection.dbapi_connection
            assert isinstance(sqlite, sqlite3.Connection)  # noqa: S101 - is_sqlite says so
            sqlite.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
            try:
                connection.execution_options(muster_writes=True)
                with connection.begin():
                    yield connection
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                    if broken:
                        raise RuntimeError(f"a migration left {len(broken)} rows that refer to nothing")
            finally:
                sqlite.execute("PRAGMA foreign_keys=ON")

    def fold_log(self, wait_seconds: float) -> bool:
        """Fold the write-ahead log into the database and empty it, so that nothing deleted lives on there.

        False when somebody was reading or writing for all of `wait_seconds`. On PostgreSQL there is nothing
        to do: rows that were deleted go with its own vacuum, its log with its own checkpoints.
        """
        if not self.is_sqlite:
            return True
        with _translated(), self._writers, self.engine.connect() as connection:
            sqlite = connection.connection.dbapi_connection
            assert isinstance(sqlite, sqlite3.Connection)  # noqa: S101 - is_sqlite says so
            sqlite.execute(f"PRAGMA busy_timeout={int(wait_seconds * 1000)}")
            try:
                [(is_busy, _, _)] = sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                sqlite.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        return not is_busy

    def ping(self) -> None:
        """Raise Unavailable unless a trivial query answers."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        self.engine.dispose()


def limit_idle_transactions(engine: Engine, seconds: int) -> None:
    """Let PostgreSQL end a transaction in which nobody has said anything for so long, with its connection.

    A process that was frozen (a paused container, a laptop asleep) or cut off in the middle of a transaction
    would otherwise keep its locks, and whoever takes over from it would wait for them without end. When it
    wakes up, its next word raises Unavailable, and nothing of that transaction was kept.
    """

    def prepare(connection: Any, _record: object) -> None:
        # Not as an `options` of the connection: poolers in between refuse those.
        connection.execute(f"SET idle_in_transaction_session_timeout = '{seconds}s'")
        connection.commit()

    event.listen(engine, "connect", prepare)


def address_without_password(url: str) -> str:
    """The address of a database for people to see. Raises InputError for one nobody reads."""
    return _parsed(url).render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    # The messages never repeat the URL: it holds a password.
    try:
        parsed = make_url(url)
    except (sa_exc.ArgumentError, ValueError) as error:
        raise InputError(
            "The database URL cannot be read; write `sqlite:///path` or `postgresql://user:password@host/name`.",
            code="database_url_invalid",
        ) from error
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise InputError(
            "The database URL must start with sqlite: or postgresql:.", code="database_url_invalid"
        )
    if parsed.database in {None, "", ":memory:"}:
        # Each connection would get a memory of its own.
        raise InputError("SQLite needs a file: `sqlite:///path`.", code="database_url_invalid")
    return parsed


def _make_directory(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The directory of the database cannot be made: {error.strerror}.") from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event speaks BEGIN itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "secure_delete=ON",  # a deleted e-mail or token leaves no readable bytes in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("muster_writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa_exc.TimeoutError as error:
        raise Unavailable(
            "Every database connection is busy. Try again in a moment.", retry_after_seconds=2
        ) from error
    except sa_exc.DBAPIError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise  # a mistake in our SQL, or a constraint the caller wants to see
        raise refusal from error


def _refusal(error: sa_exc.DBAPIError) -> StorageFull | Unavailable | None:
    """What a failure means for the caller; None when neither the server nor the disk is to blame."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        # The driver says "OperationalError" for a locked file and for a misspelt table alike.
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        is_full = code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
        is_outside = isinstance(cause, sqlite3.OperationalError) and code & 0xFF != sqlite3.SQLITE_ERROR
    else:
        state = getattr(cause, "sqlstate", None)
        is_full = state == "53100"  # disk_full
        # 25006: read-only, as a standby is that nobody has promoted yet; the driver calls it internal.
        is_outside = (
            isinstance(error, sa_exc.OperationalError) or error.connection_invalidated or state == "25006"
        )
    if is_full:
        return StorageFull(
            "The database has no room left on its disk. Nothing of this request was kept; "
            "free some space and send it again."
        )
    if is_outside:
        return Unavailable("The database does not answer. Try again in a moment.", retry_after_seconds=5)
    return None
