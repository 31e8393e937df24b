"""A way to end queries from outside: because somebody asked something newer, or does not wait any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from muster.errors import MusterError


class Stop:
    """One piece of work that may be ended from another thread; thread-safe.

    What runs is interrupted, what would run next is refused, both with the reason that was given first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupts: list[Callable[[], None]] = []
        self.reason: MusterError | None = None

    def now(self, reason: MusterError) -> None:
        """End the work; `reason` is raised where it runs. The second call changes nothing."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
            interrupts = list(self._interrupts)
        for interrupt in interrupts:
            interrupt()

    def check(self) -> None:
        """Raise the reason if the work is to end; for loops that are no queries."""
        if self.reason is not None:
            raise self.reason

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` when the work is ended while the block lasts. Raises the reason if it was before."""
        with self._lock:
            if self.reason is not None:
                raise self.reason
            self._interrupts.append(interrupt)
        try:
            yield
        finally:
            with self._lock:
                self._interrupts.remove(interrupt)
