"""Waits until work on something is over: by its events, or by asking when there are none to be had."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from ._connection import Connection
from ._errors import MusterApiError, NotFound, StillWorking
from ._events import read_events

_TOLD_EVERY_SECONDS = 0.4


class Work(Protocol):
    """Something that is worked on."""

    @property
    def is_over(self) -> bool: ...


_T = TypeVar("_T", bound=Work)


def wait_until_over(
    connection: Connection,
    events_path: str,
    subject: str,
    find: Callable[[], _T],
    *,
    timeout_seconds: float | None,
    on_progress: Callable[[_T], None] | None,
    poll_seconds: float = 1.0,
) -> _T:
    """Wait until it is over; returns it as it is then, whatever has become of it.

    subject: its id, for messages. find: asks for it as it is now. poll_seconds: between two questions where there are
    no events. Raises StillWorking after `timeout_seconds`, NotFound when there is none or no more.
    """
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    told_at = float("-inf")
    try:
        for _event in read_events(connection, events_path, subject, until=until):
            # An event tells of one part; the thing itself tells of all. A replay of many is one piece of news.
            if on_progress is not None and time.monotonic() - told_at >= _TOLD_EVERY_SECONDS:
                on_progress(find())
                told_at = time.monotonic()
        found = find()
    except (StillWorking, NotFound):
        raise
    except MusterApiError:
        # A proxy that ends streams, a server with too many of them: asking gives the same.
        while not (found := find()).is_over:
            if on_progress is not None:
                on_progress(found)
            if until is not None and time.monotonic() + poll_seconds > until:
                message = f"{subject} is still being worked on. It goes on; ask for it again later."
                raise StillWorking(message, code="still_working") from None
            time.sleep(poll_seconds)
    if on_progress is not None:
        on_progress(found)
    return found
