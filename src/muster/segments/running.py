"""Previews that run now: a newer one with the same token ends the one before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from muster.errors import Conflict
from muster.ids import UserId
from muster.tables.stop import Stop


class RunningPreviews:
    """The previews of one process, by user and token; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[UserId, str], Stop] = {}

    def tokens(self) -> set[str]:
        """The tokens of what runs now."""
        with self._lock:
            return {token for _, token in self._running}

    @contextmanager
    def one(self, user_id: UserId, token: str | None, stop: Stop) -> Iterator[None]:
        """Count as running while the block lasts, in the place of the one that had this token."""
        if token is None:
            yield
            return
        key = (user_id, token)
        with self._lock:
            before = self._running.get(key)
            self._running[key] = stop
        if before is not None:
            before.now(
                Conflict(
                    "A newer preview with the same token took the place of this one.",
                    code="preview_superseded",
                )
            )
        try:
            yield
        finally:
            with self._lock:
                if self._running.get(key) is stop:
                    del self._running[key]
