"""A budget for bytes of request bodies held in memory, so that a crowd of uploads cannot exhaust it.

Bytes are counted as they arrive, never as announced: three hundred silent clients that promise 5 MB each
hold next to nothing.
"""

import threading
from collections import deque
from concurrent.futures import Future

from muster.errors import Overloaded


class BodyBudget:
    """Counts bytes in flight over all requests of this process; safe from any thread.

    limit_bytes: how many may be held at once. Waiters are served in order of arrival.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._used = 0
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Future[None]]] = deque()

    @property
    def used_bytes(self) -> int:
        return self._used

    @property
    def waiting(self) -> int:
        """How many stand in the queue, those who just gave up included."""
        return len(self._waiting)

    def ask(self, size_bytes: int) -> Future[None]:
        """Reserve now or in turn: the future is done once the bytes are reserved.

        Cancel it to give up waiting. A request that could never fit is refused at once.
        """
        turn: Future[None] = Future()
        with self._lock:
            if size_bytes > self.limit_bytes:
                turn.set_exception(overloaded())
            elif not self._waiting and self._used + size_bytes <= self.limit_bytes:
                self._used += size_bytes
                turn.set_result(None)
            else:
                self._waiting.append((size_bytes, turn))
        if not turn.done():
            # Whoever gives up must not keep those behind it waiting.
            turn.add_done_callback(self._gave_up)
        return turn

    def _gave_up(self, turn: Future[None]) -> None:
        if turn.cancelled():
            with self._lock:
                self._move_up()

    def give_back(self, size_bytes: int) -> None:
        """Return reserved bytes and let those who wait move up."""
        with self._lock:
            self._used -= size_bytes
            self._move_up()

    def _move_up(self) -> None:
        """Serve those who wait, in order, as far as there is room; the lock is held."""
        while self._waiting:
            size, turn = self._waiting[0]
            if turn.cancelled():
                self._waiting.popleft()
                continue
            if self._used + size > self.limit_bytes:
                return
            self._waiting.popleft()
            # Whoever cancels at this very moment loses the race and keeps nothing.
            if turn.set_running_or_notify_cancel():
                self._used += size
                turn.set_result(None)


class Reservation:
    """The bytes one request holds; give everything back with `close`."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._held = 0

    def ask(self, size_bytes: int) -> Future[None]:
        """As BodyBudget.ask; call `took` once the future is done."""
        return self._budget.ask(size_bytes)

    def took(self, size_bytes: int) -> None:
        self._held += size_bytes

    def take_within(self, size_bytes: int, seconds: float) -> None:
        """Reserve from a worker thread; raises Overloaded when there is no room in time."""
        turn = self._budget.ask(size_bytes)
        try:
            turn.result(timeout=seconds)
        except TimeoutError as error:
            if not turn.cancel():
                self.give_back_ungranted(size_bytes)
            raise overloaded() from error
        self._held += size_bytes

    def give_back_ungranted(self, size_bytes: int) -> None:
        """Return bytes granted after the request had stopped waiting for them."""
        self._budget.give_back(size_bytes)

    def close(self) -> None:
        self._budget.give_back(self._held)
        self._held = 0


def overloaded() -> Overloaded:
    """The refusal when there is no room for a body."""
    return Overloaded(
        "The server is receiving as much as it can hold. Nothing of this request was kept; send it again shortly.",
        retry_after_seconds=2,
    )
