"""Waits until a run of enrichment is over."""

from collections.abc import Callable

from ._address import enrichment_path
from ._connection import Connection, shaped
from ._enrichments_model import EnrichmentRun
from ._wait_until_over import wait_until_over

OnRun = Callable[[EnrichmentRun], None]


def wait_for_run(
    connection: Connection,
    run_id: str,
    *,
    timeout_seconds: float | None,
    on_progress: OnRun | None,
    poll_seconds: float = 1.0,
) -> EnrichmentRun:
    """The run as it is when it is over. Raises as `wait_until_over`."""
    return wait_until_over(
        connection,
        enrichment_path(run_id, "/events"),
        run_id,
        lambda: find_run(connection, run_id),
        timeout_seconds=timeout_seconds,
        on_progress=on_progress,
        poll_seconds=poll_seconds,
    )


def find_run(connection: Connection, run_id: str) -> EnrichmentRun:
    """The run as it is now. Raises NotFound."""
    return shaped(connection.json("GET", enrichment_path(run_id))["run"], EnrichmentRun)
