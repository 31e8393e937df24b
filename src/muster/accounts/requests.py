"""The log of one's own recent requests: noted in memory, written in batches, read in pages, trimmed.

Noting is appending to a bounded list, so that an answer never waits for the log: when more comes than is
written, the rest is counted and let go. One thread writes at most once a second; SQLite has one writer, and
an upload must not queue behind the log. What is not written yet is lost in a crash, which is fine for a log
of convenience: what was done is in the audit log.
"""

import re
import threading
from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import structlog

from muster.accounts import request_store
from muster.accounts.model import Principal
from muster.accounts.requests_model import LoggedRequest, RequestFilter
from muster.accounts.room import AccountsRoom
from muster.accounts.user_agents import in_words
from muster.db.cursors import Cursor
from muster.db.database import Database
from muster.errors import InputError, Issue, MusterError
from muster.ids import UserId
from muster.web.metrics import REQUESTS_UNLOGGED
from muster.web.observe import Answered

MOST_WAITING = 2_000
"""Requests in memory; one transaction of so many takes tens of milliseconds."""
EVERY_SECONDS = 1.0

_BITE = 1_000  # rows deleted in one transaction
_MOST_NAMES = 20
# What ids look like; anything else in a path may be what somebody typed, and is not kept.
_ID = re.compile(r"[a-z]{2,8}_[0-9A-Za-z_]{10,70}|[0-9A-Za-z]{8}|[0-9]{1,18}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_METHOD_CHARACTERS = 10

log = structlog.get_logger(__name__)


def is_worth_logging(route: str) -> bool:
    """Whether requests of this route are kept: neither event streams nor the log's own."""
    return route.startswith("/api/") and not (
        route.endswith("/events") or route.startswith(("/api/health/", "/api/requests"))
    )


class RequestLog:
    """Takes note of answered requests and writes them; thread-safe. `start` it once, `close` it at the end.

    rows_of_a_user: how many the log keeps of one user, roughly; the sweep makes it exact.
    """

    def __init__(
        self,
        db: Database,
        *,
        rows_of_a_user: int,
        most_waiting: int = MOST_WAITING,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._db = db
        self._rows_of_a_user = rows_of_a_user
        self._most_waiting = most_waiting
        self._every_seconds = every_seconds
        self._waiting: deque[Answered] = deque()
        self._something_waits = threading.Event()
        self._ends = threading.Event()
        self._writing = threading.Lock()
        self._written: Counter[UserId] = Counter()
        self._thread: threading.Thread | None = None

    def note(self, answered: Answered) -> None:
        """Remember one request for writing; takes microseconds and never raises."""
        if not isinstance(answered.principal, Principal) or not is_worth_logging(answered.route):
            return
        if len(self._waiting) >= self._most_waiting:
            REQUESTS_UNLOGGED.inc()
            return
        self._waiting.append(answered)
        if not self._something_waits.is_set():
            self._something_waits.set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="request-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._ends.set()
        self._something_waits.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def flush(self) -> None:
        """Write what waits, now. A failure is logged and what could not be written is let go."""
        with self._writing:
            taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not taken:
                return
            try:
                self._write(taken)
            except MusterError as error:
                REQUESTS_UNLOGGED.inc(len(taken))
                log.warning("request_log.not_written", requests=len(taken), code=error.error_code)
            except Exception as error:
                # The thread has to outlive a mistake in here: it only keeps a log.
                REQUESTS_UNLOGGED.inc(len(taken))
                log.error("request_log.broke", requests=len(taken), exc_info=error)

    def _run(self) -> None:
        while not self._ends.is_set():
            self._something_waits.wait()
            self._ends.wait(self._every_seconds)  # let more come: one transaction for all
            self._something_waits.clear()
            self.flush()

    def _write(self, taken: list[Answered]) -> None:
        rows = [row_of(answered) for answered in taken]
        with self._db.begin() as connection:
            request_store.add(connection, rows)
        # A busy user must not fill the disk between two sweeps.
        self._written.update(UserId(row["user_id"]) for row in rows)
        for user_id, written in list(self._written.items()):
            if written >= max(self._rows_of_a_user // 10, 1):
                del self._written[user_id]
                _trim(self._db, user_id, self._rows_of_a_user)


def row_of(answered: Answered) -> dict[str, Any]:
    """The row of the log, with nothing in it that somebody might have typed."""
    principal = answered.principal
    assert isinstance(principal, Principal)  # noqa: S101 - `note` lets nothing else in
    return {
        "at": answered.at,
        "user_id": principal.user_id,
        "via": principal.actor.partition(":")[0],
        "key_id": principal.key_id,
        "method": answered.method[:_METHOD_CHARACTERS],
        "route": answered.route[:200],
        "path": path_of(answered.route, answered.path_params)[:300],
        "query_names": names_of(answered.query),
        "status": answered.status,
        "micros": int(answered.seconds * 1_000_000),
        "request_id": answered.request_id,
        "bytes_in": answered.bytes_in,
        "bytes_out": answered.bytes_out,
        "error_code": answered.error_code and answered.error_code[:60],
        "client": in_words(answered.user_agent),
    }


def path_of(route: str, params: Mapping[str, object]) -> str:
    """The pattern with the ids filled in; what is not shaped like an id stays a name in braces."""
    path = route
    for name, value in params.items():
        if _ID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def names_of(query: bytes) -> list[str]:
    """The names in a query string, each once, without their values; odd ones are left out."""
    parts = query[:8_000].decode("latin-1").split("&")
    names = (unquote_plus(part.partition("=")[0]) for part in parts)
    return list(dict.fromkeys(name for name in names if _NAME.fullmatch(name)))[:_MOST_NAMES]


def list_requests(
    room: AccountsRoom, principal: Principal, wanted: RequestFilter, limit: int, cursor: Cursor | None
) -> tuple[list[LoggedRequest], Cursor | None]:
    """One page of the user's own requests, newest first, and the cursor of the next."""
    before = None if cursor is None else (cursor.created_at, _row_id(cursor.id))
    with room.db.read() as connection:
        found = request_store.page(connection, principal.user_id, wanted, limit + 1, before)
    page = found[:limit]
    return page, Cursor(page[-1].at, str(page[-1].id)) if len(found) > limit else None


def sweep_requests(db: Database, now: datetime, life: timedelta, rows_of_a_user: int) -> int:
    """Forget requests that are too old or too many; answers how many. A zero `life` forgets them all."""
    forgotten = 0
    while True:
        with db.begin() as connection:
            gone = request_store.forget_older(connection, now - life, _BITE)
        forgotten += gone
        if gone < _BITE:
            break
    with db.read() as connection:
        many = request_store.users_over(connection, rows_of_a_user)
    return forgotten + sum(_trim(db, user_id, rows_of_a_user) for user_id in many)


def _trim(db: Database, user_id: UserId, rows: int) -> int:
    forgotten = 0
    while True:
        with db.begin() as connection:
            gone = request_store.forget_beyond(connection, user_id, rows, _BITE)
        forgotten += gone
        if gone < _BITE:
            return forgotten


def _row_id(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 18:  # within 64 bits
        return int(text)
    message = "This cursor was not issued here. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])
