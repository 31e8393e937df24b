"""How long whoever asks is willing to wait, and how they may change their mind."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from muster.errors import Overloaded
from muster.tables.queries import MAX_SECONDS
from muster.tables.stop import Stop

_REQUEST_SECONDS = 25.0
_JOB_QUERY_SECONDS = 3600.0


def _nothing() -> None:
    """Nobody wants to hear that work goes on."""


@dataclass(frozen=True, slots=True)
class Patience:
    """query_seconds: for one query. until: when work that is no query is given up, by time.monotonic.

    stop: ends what only this asker waits for; what others may wait for as well is always finished.
    alive: called now and then while work goes on; may raise to end it.
    """

    query_seconds: float = MAX_SECONDS
    until: float = math.inf
    stop: Stop = field(default_factory=Stop)
    alive: Callable[[], None] = _nothing

    def check(self) -> None:
        """Raise if nobody waits any more, or too long (Overloaded, `identity_too_slow`)."""
        self.stop.check()
        self.still_time()

    def still_time(self) -> None:
        """As `check`, for work others may wait for as well."""
        self.alive()
        if time.monotonic() > self.until:
            raise Overloaded(
                "Reading these values takes longer than a request may. Save the segment, which counts in the "
                "background, or bring the column into its usual form first.",
                code="identity_too_slow",
            )


def of_request(stop: Stop | None = None) -> Patience:
    """For somebody who waits for an answer."""
    return Patience(until=time.monotonic() + _REQUEST_SECONDS, stop=stop or Stop())


def of_job(alive: Callable[[], None] = _nothing) -> Patience:
    """For work in the background."""
    return Patience(query_seconds=_JOB_QUERY_SECONDS, alive=alive)
