"""Slow down guessing: failed sign-ins are counted per account and address together.

Counting by account alone would let a stranger lock the owner out; by address alone, an office behind one
address would lock itself out. In memory, per server process: a restart forgets, which is fine for a brake.
"""

import hashlib
import ipaddress
import math
import threading
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from muster.accounts.model import email_key
from muster.errors import RateLimited

DEFAULT_LIMIT = "10 per 15 minutes"


class SignInThrottle:
    """At most so many failures per account and address in a moving window.

    limit: as the `limits` library writes it, e.g. `10 per 15 minutes`.
    """

    def __init__(self, limit: str = DEFAULT_LIMIT) -> None:
        self._limit: RateLimitItem = parse(limit)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # The library drops its per-key locks while others may wait on them; counts must not get lost.
        self._lock = threading.Lock()

    def attempt(self, email: str, address: str) -> None:
        """Count an attempt before it is tried; raises RateLimited when there were too many.

        Counting first means that a hundred guesses sent at once are not all tried.
        """
        who = _who(email, address)
        with self._lock:
            if self._limiter.hit(self._limit, who):
                return
            frees_at = self._limiter.get_window_stats(self._limit, who).reset_time
        raise RateLimited(
            "Too many failed sign-ins for this account from this address. Wait, then try again.",
            code="too_many_sign_ins",
            retry_after_seconds=max(1, math.ceil(frees_at - time.time())),
        )

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures of an account at an address."""
        with self._lock:
            self._limiter.clear(self._limit, _who(email, address))


def _who(email: str, address: str) -> str:
    account = hashlib.sha256(email_key(email).encode(errors="surrogatepass")).hexdigest()
    return f"{account}@{_network(address)}"


def _network(address: str) -> str:
    """The address; for IPv6 its /64, because one host owns them all."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
