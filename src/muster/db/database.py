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

from muster.errors import StorageFull, Unavailable

_FULL_SIGNS = ("database or disk is full", "disk i/o error", "could not extend file", "no space left on device")


class _FairLock:
    """A mutex that serves waiters in order of arrival; `threading.Lock` lets latecomers barge in."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: queue.SimpleQueue[threading.Lock] = queue.SimpleQueue()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.put(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting.empty():
                self._held = False
            else:
                self._waiting.get().release()


class Database:
    """One metadata database; thread-safe.

    url: `sqlite:///path` or `postgresql://user:password@host/name`.
    """

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.url: URL = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writers = _FairLock()
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 2 * pool_size, "pool_timeout": 10}
        if self.is_sqlite:
            if self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": 30, "check_same_thread": False}
        else:
            # A dead peer must not hold a request: five seconds to connect, probes on idle links.
            options["connect_args"] = {"connect_timeout": 5, "keepalives_idle": 30}
            options["pool_pre_ping"] = True
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

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
        """A consistent view that changes nothing; rolled back at the end."""
        with _translated(), self.engine.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Raise Unavailable unless a trivial query answers."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        self.engine.dispose()


def _with_driver(url: URL) -> URL:
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event speaks BEGIN itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "secure_delete=ON",  # a deleted e-mail or token leaves no readable bytes in free pages
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("muster_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa_exc.TimeoutError as error:
        raise Unavailable(
            "Every database connection is busy. Try again in a moment.", retry_after_seconds=2
        ) from error
    except sa_exc.OperationalError as error:
        text = str(error.orig).lower()
        if any(sign in text for sign in _FULL_SIGNS):
            raise StorageFull(
                "The database has no room left on its disk. Nothing of this request was kept; "
                "free some space and send it again."
            ) from error
        raise Unavailable(
            "The database does not answer. Try again in a moment.", retry_after_seconds=5
        ) from error
