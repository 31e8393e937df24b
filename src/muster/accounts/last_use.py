"""When a key or session was last used, to the minute, without a write on every request."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from muster.errors import OutsideError

EVERY = timedelta(minutes=1)
_MOST_REMEMBERED = 10_000

_log = structlog.get_logger(__name__)


class LastUse:
    """Lets one request a minute write, per thing and server process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written_at: dict[str, datetime] = {}

    def note(self, thing: str, recorded: datetime | None, now: datetime, write: Callable[[], None]) -> None:
        """Call `write` if the last use on record is a minute old and nobody here just tried.

        thing: `key:<id>` or `session:<hash>`. recorded: what the database says.
        A database that cannot write is logged and forgiven: reading must go on while the disk is full.
        """
        if recorded is not None and now - recorded < EVERY:
            return
        with self._lock:
            before = self._written_at.get(thing)
            if before is not None and now - before < EVERY:
                return
            if len(self._written_at) >= _MOST_REMEMBERED:
                self._written_at.clear()
            self._written_at[thing] = now
        try:
            write()
        except OutsideError as error:
            _log.warning("last_use.not_recorded", kind=thing.partition(":")[0], code=error.error_code)
