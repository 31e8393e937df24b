"""Limits on how often one signed-in principal may call, counted in this process.

Off by default. Headers follow draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` names every window,
`RateLimit` the one with the least left.
"""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from muster.errors import InputError, RateLimited


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """Header values after counting a request."""

    policy: str
    remaining: str


class RateLimiter:
    """Counts requests per principal.

    rule: `off`, or limits such as `20/second; 600/minute`. Raises InputError when it cannot be read.
    """

    def __init__(self, rule: str) -> None:
        self._limits: list[RateLimitItem] = []
        if rule.strip().lower() not in {"off", ""}:
            try:
                self._limits = parse_many(rule)
            except ValueError as error:
                raise InputError(
                    f"MUSTER_RATE_LIMITS is {rule!r}; write `off`, or limits such as `20/second; 600/minute`.",
                    code="settings_invalid",
                ) from error
        self._counter = MovingWindowRateLimiter(MemoryStorage())
        self._policy = ", ".join(
            f'"{_name(item)}";q={item.amount};w={item.get_expiry()}' for item in self._limits
        )

    def check(self, who: str) -> RateLimitState | None:
        """Count one request of `who`; None when no limits are set. Raises RateLimited."""
        if not self._limits:
            return None
        tightest, least, wait = self._limits[0], math.inf, 0
        for item in self._limits:
            if not self._counter.hit(item, who):
                reset = self._counter.get_window_stats(item, who).reset_time
                seconds = max(1, math.ceil(reset - time.time()))
                raise RateLimited(
                    f"More than {item.amount} requests in {item.get_expiry()} seconds. "
                    f"Wait {seconds} seconds, or send more records in each request.",
                    retry_after_seconds=seconds,
                )
            window = self._counter.get_window_stats(item, who)
            if window.remaining < least:
                tightest, least = item, window.remaining
                wait = max(0, math.ceil(window.reset_time - time.time()))
        return RateLimitState(self._policy, f'"{_name(tightest)}";r={int(least)};t={wait}')


def _name(item: RateLimitItem) -> str:
    return f"{item.amount}-per-{item.get_expiry()}s"
