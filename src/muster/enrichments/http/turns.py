"""Whose turn it is to call a service: one for each connection and process, shared by every run that uses it.

Here the limits come together: calls at a time, calls in a window, a wait the service asked for, and the breaker. Turns
are given in the order they were asked for: an input the service put off goes behind the others, so that a long spell of
429 costs each of them a try or two, and not one of them all of its tries. Whoever waits asks whether it is to stop at
least every tenth of a second.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final

from muster.enrichments.http.breaker import Breaker, Gate
from muster.enrichments.http.limiter import Turn, Window
from muster.enrichments.provider import Rate

SLICE_SECONDS: Final = 0.1


class NoTurn(Enum):
    """Why a call may not be made."""

    STOPPING = "stopping"
    GIVEN_UP = "given up"  # the service was away for too long


class Verdict(Enum):
    """What a call told about the service."""

    WORKS = "works"
    BROKEN = "broken"
    NOTHING = "nothing"


class Turns:
    """Thread-safe. rate: None: as fast as they come; concurrency: calls at a time."""

    def __init__(self, rate: Rate | None, concurrency: int, breaker: Breaker | None = None) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Condition] = deque()  # whoever waits; only the first is ever woken
        self._breaker = breaker or Breaker()
        self._window: Window | None = None
        self._concurrency = concurrency
        self._under_way = 0
        self._held_until = 0.0
        self.keep_to(rate, concurrency)

    def keep_to(self, rate: Rate | None, concurrency: int) -> None:
        """Other limits from now on; the calls of the window that is running count on."""
        with self._guard:
            self._concurrency = concurrency
            if rate is None:
                self._window = None
            elif self._window is None:
                self._window = Window(rate.calls, rate.seconds)
            else:
                self._window.calls, self._window.seconds = rate.calls, rate.seconds
            self._wake_first()

    def take(self, is_stopping: Callable[[], bool]) -> "Taken | NoTurn":
        """Wait for a turn."""
        mine = threading.Condition(self._guard)
        with self._guard:
            self._queue.append(mine)
            try:
                while True:
                    if is_stopping():
                        return NoTurn.STOPPING
                    now = time.monotonic()
                    gate = self._breaker.gate(now)
                    if gate is Gate.GIVE_UP:
                        return NoTurn.GIVEN_UP
                    again_at = self._free_at(now, gate) if self._queue[0] is mine else None
                    if again_at == now:
                        return self._start(is_probe=gate is Gate.PROBE)
                    mine.wait(SLICE_SECONDS if again_at is None else min(SLICE_SECONDS, again_at - now))
            finally:
                self._queue.remove(mine)
                self._wake_first()

    def hold(self, seconds: float) -> None:
        """The service asked for a pause: nobody calls it for so long."""
        with self._guard:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def rest(self, seconds: float, is_stopping: Callable[[], bool]) -> bool:
        """Wait so long before a call is made again; false when it is to stop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if is_stopping():
                return False
            time.sleep(min(SLICE_SECONDS, left))
        return True

    def _free_at(self, now: float, gate: Gate) -> float | None:
        """`now` when a call may start; else when to look again, None: when something changed."""
        if self._under_way >= self._concurrency:
            return None
        if gate is Gate.WAIT:
            return self._breaker.probe_at if self._breaker.probe_at > now else None
        if self._held_until > now:
            return self._held_until
        return now if self._window is None else self._window.free_at(now)

    def _start(self, *, is_probe: bool) -> "Taken":
        self._under_way += 1
        if is_probe:
            self._breaker.probe()
        return Taken(self, self._window, self._window.start() if self._window else None, is_probe)

    def _wake_first(self) -> None:
        if self._queue:
            self._queue[0].notify()

    def _sent(self, taken: "Taken") -> None:
        with self._guard:
            if taken.window is not None and taken.turn is not None:
                taken.window.sent(taken.turn, time.monotonic())

    def _over(self, taken: "Taken", verdict: Verdict) -> None:
        with self._guard:
            now = time.monotonic()
            self._under_way -= 1
            if taken.window is not None and taken.turn is not None:
                taken.window.answered(taken.turn, now)
            match verdict:
                case Verdict.WORKS:
                    self._breaker.answered()
                case Verdict.BROKEN:
                    self._breaker.failed(now, is_probe=taken.is_probe)
                case Verdict.NOTHING:
                    self._breaker.learned_nothing(is_probe=taken.is_probe)
            self._wake_first()


class Taken:
    """A turn that was given; `over` must follow. window: whose turn it is, though limits changed meanwhile."""

    def __init__(self, turns: Turns, window: Window | None, turn: Turn | None, is_probe: bool) -> None:
        self._turns = turns
        self.window = window
        self.turn = turn
        self.is_probe = is_probe

    def sent(self) -> None:
        """The whole call is on its way."""
        self._turns._sent(self)

    def over(self, verdict: Verdict) -> None:
        """The call ended."""
        self._turns._over(self, verdict)
