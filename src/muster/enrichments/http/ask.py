"""Ask a service once, with as many tries as that takes: wait for a turn, call, and call again where that may help."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from muster.clock import Clock, utc_now
from muster.enrichments.http.turns import NoTurn, Turns, Verdict
from muster.web.outgoing.caller import Caller, Reply, Request, Trouble
from muster.web.outgoing.retry_after import seconds_to_wait

LONGEST_WAIT_SECONDS: Final = 60.0
"""A service that wants to be left alone for longer is not waited for."""
_JITTER: Final = random.SystemRandom().random
_FIRST_BACKOFF_SECONDS: Final = 0.5
_LONGEST_BACKOFF_SECONDS: Final = 20.0


class Reason(StrEnum):
    """Why an input failed (`failures.py` says it in words). STOPPED: it was not found out, the run is to stop."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    HTTP_3XX = "http_3xx"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    ANSWER_INVALID = "answer_invalid"
    ANSWER_TOO_LARGE = "answer_too_large"
    CIRCUIT_OPEN = "circuit_open"
    ADDRESS_REFUSED = "address_refused"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"


class Stop(Protocol):
    """A run that may have to stop: first nothing new is begun, a moment later what is under way is cut."""

    def is_stopping(self) -> bool: ...

    def is_cutting(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """timeout_seconds: of one call, in all. retries: how often it is made again, at most."""

    timeout_seconds: float
    retries: int


def ask(
    caller: Caller,
    request: Request,
    turns: Turns,
    manners: Manners,
    stop: Stop,
    *,
    clock: Clock = utc_now,
    jitter: Callable[[], float] = _JITTER,
) -> Reply | Reason:
    """The service's answer, of whatever status it can mean to give, or why there is none.

    Tried again: what was not answered in time or not at all, answers cut off in the middle, 429 and 5xx. A 3xx is
    an answer and nothing that is followed.
    """
    for attempt in range(manners.retries + 1):
        taken = turns.take(stop.is_stopping)
        if isinstance(taken, NoTurn):
            return Reason.STOPPED if taken is NoTurn.STOPPING else Reason.CIRCUIT_OPEN
        verdict, wait = Verdict.NOTHING, None
        try:
            got = caller.call(
                request,
                timeout_seconds=manners.timeout_seconds,
                is_stopping=stop.is_cutting,
                on_sent=taken.sent,
            )
            verdict = _verdict(got)
            if not _may_help(got):
                return got if isinstance(got, Reply) else _REASONS[got]
            wait = _wait_seconds(got, attempt, clock(), jitter())
            if wait is None:
                verdict = Verdict.BROKEN  # it is as good as away
            elif _is_for_all(got):
                turns.hold(wait)  # before anybody else gets this turn
        finally:
            taken.over(verdict)
        if wait is None or attempt == manners.retries:
            break
        if not _is_for_all(got) and not turns.rest(wait, stop.is_stopping):
            return Reason.STOPPED
    return _reason(got)


_REASONS: Final = {
    Trouble.TIMEOUT: Reason.TIMEOUT,
    Trouble.UNREACHABLE: Reason.UNREACHABLE,
    Trouble.ADDRESS_REFUSED: Reason.ADDRESS_REFUSED,
    Trouble.ANSWER_TOO_LARGE: Reason.ANSWER_TOO_LARGE,
    Trouble.ANSWER_BROKEN: Reason.ANSWER_INVALID,
    Trouble.STOPPED: Reason.STOPPED,
}
_MAY_PASS: Final = {Trouble.TIMEOUT, Trouble.UNREACHABLE, Trouble.ANSWER_BROKEN}


def _may_help(got: Reply | Trouble) -> bool:
    """Whether the same call may go better another time."""
    if isinstance(got, Reply):
        return got.status == 429 or got.status >= 500
    return got in _MAY_PASS


def _reason(got: Reply | Trouble) -> Reason:
    if isinstance(got, Trouble):
        return _REASONS[got]
    return Reason.RATE_LIMITED if got.status == 429 else Reason.HTTP_5XX


def _verdict(got: Reply | Trouble) -> Verdict:
    """What it tells about the service: one that asks to slow down is neither broken nor proven to work."""
    if isinstance(got, Reply):
        if got.status == 429:
            return Verdict.NOTHING
        return Verdict.BROKEN if got.status >= 500 else Verdict.WORKS
    if got in _MAY_PASS:
        return Verdict.BROKEN
    return Verdict.WORKS if got is Trouble.ANSWER_TOO_LARGE else Verdict.NOTHING


def _is_for_all(got: Reply | Trouble) -> bool:
    """Whether the service wants a pause from everybody, not from this call alone."""
    return isinstance(got, Reply) and (got.status == 429 or "retry-after" in got.headers)


def _wait_seconds(got: Reply | Trouble, attempt: int, now: datetime, jitter: float) -> float | None:
    """How long to wait before the next try; None: longer than anybody waits.

    What the service asks for, and up to a tenth more; without that half to all of 0.5, 1, 2 ... 20 seconds.
    """
    asked = seconds_to_wait(got.headers.get("retry-after"), now) if isinstance(got, Reply) else None
    if asked is not None and asked > LONGEST_WAIT_SECONDS:
        return None
    doublings = 0 if asked is not None else attempt
    backoff = min(_FIRST_BACKOFF_SECONDS * 2.0**doublings, _LONGEST_BACKOFF_SECONDS) * (0.5 + 0.5 * jitter)
    return max((asked or 0.0) * (1 + 0.1 * jitter), backoff)
