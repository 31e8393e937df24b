"""At most so many calls in any window of time, as the service sees them; pure, with time as an argument.

A token bucket that starts full lets twice as many through around the moment it is refilled. So every call of the last
window is remembered and a new one waits until the oldest of them has left the window.

What counts is when a call reached the service, which nobody here knows. It was after the call was sent and before it
was answered, so a call stays in the window from its start until `seconds` after its answer, or, where the answer takes
longer than the reserve, until `seconds` and the reserve after it was sent. Within the reserve, no difference between
the ways of two calls can make the service see more than the limit; it costs a slow service at most so much of its rate.
"""

import heapq
from dataclasses import dataclass, field
from typing import Final

RESERVE_SECONDS: Final = 0.25
RESERVE_SHARE: Final = 0.1
"""How much calls may differ in how long they travel: so long, or this share of the window if that is longer."""


@dataclass(slots=True, eq=False)
class Turn:
    """One call that was let through. sent_at: None until all of it is on its way."""

    sent_at: float | None = None


@dataclass(slots=True)
class Window:
    """The calls of the last window. calls: at most so many in any `seconds`; times are of one monotonic clock."""

    calls: int
    seconds: float
    _open: set[Turn] = field(default_factory=set)
    _leaving: list[float] = field(default_factory=list)  # when finished calls leave the window; a heap

    def free_at(self, now: float) -> float | None:
        """`now` when a call may start; else when to ask again. None: not before some call was sent."""
        while self._leaving and self._leaving[0] <= now:
            heapq.heappop(self._leaving)
        inside = [until for until in map(self._leaves, self._open) if until is None or until > now]
        if len(self._leaving) + len(inside) < self.calls:
            return now
        return min((*self._leaving[:1], *(until for until in inside if until is not None)), default=None)

    def start(self) -> Turn:
        turn = Turn()
        self._open.add(turn)
        return turn

    def sent(self, turn: Turn, now: float) -> None:
        turn.sent_at = now

    def answered(self, turn: Turn, now: float) -> None:
        """The call is over, however it ended."""
        self._open.discard(turn)
        until = self._leaves(turn)
        heapq.heappush(self._leaving, now + self.seconds if until is None else min(until, now + self.seconds))

    def _leaves(self, turn: Turn) -> float | None:
        if turn.sent_at is None:
            return None
        return turn.sent_at + self.seconds + max(RESERVE_SECONDS, RESERVE_SHARE * self.seconds)
