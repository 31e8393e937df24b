"""Waits until a run of enrichment is over: by its events, or by asking when there are none to be had."""

import time
from collections.abc import Callable

from ._address import enrichment_path
from ._connection import Connection, shaped
from ._enrichments_model import EnrichmentRun
from ._errors import MusterApiError, NotFound, StillWorking
from ._events import read_events

OnRun = Callable[[EnrichmentRun], None]

_TOLD_EVERY_SECONDS = 0.4


def wait_for_run(
    connection: Connection,
    run_id: str,
    *,
    timeout_seconds: float | None,
    on_progress: OnRun | None,
    poll_seconds: float = 1.0,
) -> EnrichmentRun:
    """Wait until a run is over; returns it as it is then, whatever has become of it.

    poll_seconds: between two questions where there are no events. Raises StillWorking after `timeout_seconds`, NotFound when there is none or no more.
    """
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    tell = on_progress or _nobody
    told_at = float("-inf")
    path = enrichment_path(run_id, "/events")
    try:
        for _event in read_events(connection, path, run_id, until=until):
            # An event tells of one provider; the run itself tells of all of them. A replay of many is one piece of news.
            if on_progress is not None and time.monotonic() - told_at >= _TOLD_EVERY_SECONDS:
                tell(find_run(connection, run_id))
                told_at = time.monotonic()
        run = find_run(connection, run_id)
    except (StillWorking, NotFound):
        raise
    except MusterApiError:
        # A proxy that ends streams, a server with too many of them: asking gives the same.
        run = _polled(connection, run_id, until=until, tell=tell, poll_seconds=poll_seconds)
    tell(run)
    return run


def _polled(
    connection: Connection, run_id: str, *, until: float | None, tell: OnRun, poll_seconds: float
) -> EnrichmentRun:
    while not (run := find_run(connection, run_id)).is_over:
        tell(run)
        if until is not None and time.monotonic() + poll_seconds > until:
            message = f"{run_id} is still being worked on. It goes on; ask for it again later."
            raise StillWorking(message, code="still_working")
        time.sleep(poll_seconds)
    return run


def find_run(connection: Connection, run_id: str) -> EnrichmentRun:
    """The run as it is now. Raises NotFound."""
    return shaped(connection.json("GET", enrichment_path(run_id))["run"], EnrichmentRun)


def _nobody(_run: EnrichmentRun) -> None:
    return None
