"""Limits on how often one signed-in principal may call, counted in this process.

Off by default. Headers follow draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` names every window,
`RateLimit` the one with the least left.
"""

import math
import threading
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from muster.errors import InputError, RateLimited

_MAX_AMOUNT = 10**9


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """Header values after counting a request."""

    policy: str
    remaining: str


class TooOften(RateLimited):
    """Over a limit; `state` is what the headers say."""

    def __init__(self, message: str, state: RateLimitState, retry_after_seconds: int) -> None:
        super().__init__(message, retry_after_seconds=retry_after_seconds)
        self.state = state


class RateLimiter:
    """Counts requests per principal; safe from any thread.

    rule: `off`, or limits such as `20/second; 600/minute`. Raises InputError when it cannot be read.
    """

    def __init__(self, rule: str) -> None:
        self._limits: list[RateLimitItem] = []
        if rule.strip().lower() not in {"off", ""}:
            try:
                self._limits = parse_many(rule)
                if not all(0 < item.amount <= _MAX_AMOUNT for item in self._limits):
                    raise ValueError("an amount that lets nobody or everybody in")
            except ValueError as error:
                raise InputError(
                    f"MUSTER_RATE_LIMITS is {rule!r}; write `off`, or limits such as `20/second; 600/minute`.",
                    code="settings_invalid",
                ) from error
        # The library drops its per-key locks while others may wait on them; counts must not get lost.
        self._lock = threading.Lock()
        self._counter = MovingWindowRateLimiter(MemoryStorage())
        self._policy = ", ".join(
            f'"{_name(item)}";q={item.amount};w={item.get_expiry()}' for item in self._limits
        )

    def check(self, who: str) -> RateLimitState | None:
        """Count one request of `who`; None when no limits are set. Raises TooOften."""
        if not self._limits:
            return None
        with self._lock:
            return self._count(who)

    def _count(self, who: str) -> RateLimitState:
        tightest, least, wait = self._limits[0], math.inf, 0
        for item in self._limits:
            if not self._counter.hit(item, who):
                reset = self._counter.get_window_stats(item, who).reset_time
                seconds = max(1, math.ceil(reset - time.time()))
                raise TooOften(
                    f"More than {item.amount} requests in {item.get_expiry()} seconds. "
                    f"Wait {seconds} seconds, or send more records in each request.",
                    RateLimitState(self._policy, f'"{_name(item)}";r=0;t={seconds}'),
                    seconds,
                )
            window = self._counter.get_window_stats(item, who)
            if window.remaining < least:
                tightest, least = item, window.remaining
                wait = max(0, math.ceil(window.reset_time - time.time()))
        return RateLimitState(self._policy, f'"{_name(tightest)}";r={int(least)};t={wait}')


def _name(item: RateLimitItem) -> str:
    return f"{item.amount}-per-{item.get_expiry()}s"
