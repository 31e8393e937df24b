"""Leaves a service alone that fails again and again, and tries now and then whether it is back; pure.

    closed --- too many failures ---> open --- after the pause ---> probing
      ^                                 ^                              |  |
      |                                 +---------- it failed ---------+  |
      +------------------------------ it answered ------------------------+

Closed, calls go through. Open, none does, and callers wait for the probe; probing, one call goes through. The pause
doubles with each probe that fails. A service that has not answered for `patience_seconds` is given up: callers no
longer wait but are told at once, while probes go on.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

FAILURES_IN_A_ROW: Final = 10
SHARE_OF: Final = 40
SHARE_FAILED: Final = 0.75


class Gate(Enum):
    """What a caller may do now."""

    GO = "go"
    PROBE = "probe"  # go, and all others wait for what comes of it
    WAIT = "wait"
    GIVE_UP = "give up"


@dataclass(slots=True)
class Breaker:
    """Opens after FAILURES_IN_A_ROW, or when of the last SHARE_OF calls SHARE_FAILED failed. Times as in `limiter`."""

    pause_seconds: float = 2.0
    longest_pause_seconds: float = 30.0
    patience_seconds: float = 120.0
    probe_at: float = 0.0
    _recent: deque[bool] = field(default_factory=lambda: deque(maxlen=SHARE_OF))  # whether each failed
    _in_a_row: int = 0
    _open_since: float | None = None
    _pause: float = 0.0
    _is_probing: bool = False

    def gate(self, now: float) -> Gate:
        """May a call go through? Whoever is told PROBE and goes says so with `probe`; WAIT: until `probe_at`, or longer."""
        if self._open_since is None:
            return Gate.GO
        if not self._is_probing and now >= self.probe_at:
            return Gate.PROBE
        return Gate.GIVE_UP if now - self._open_since >= self.patience_seconds else Gate.WAIT

    def probe(self) -> None:
        self._is_probing = True

    def answered(self) -> None:
        """The service did its work, whatever it answered."""
        if self._open_since is not None:
            self._open_since = None
            self._is_probing = False
            self._recent.clear()
        self._in_a_row = 0
        self._recent.append(False)

    def failed(self, now: float, *, is_probe: bool) -> None:
        """The service did not answer, or said it is broken. Calls that were under way when it opened tell nothing new."""
        if self._open_since is not None:
            if is_probe:
                self._pause = min(2 * self._pause, self.longest_pause_seconds)
                self.probe_at = now + self._pause
                self._is_probing = False
            return
        self._in_a_row += 1
        self._recent.append(True)
        is_share = len(self._recent) == SHARE_OF and sum(self._recent) >= SHARE_FAILED * SHARE_OF
        if self._in_a_row >= FAILURES_IN_A_ROW or is_share:
            self._open_since = now
            self._pause = self.pause_seconds
            self.probe_at = now + self._pause
            self._is_probing = False

    def learned_nothing(self, *, is_probe: bool) -> None:
        """A call ended without telling anything of the service, such as one that was stopped."""
        if is_probe:
            self._is_probing = False
