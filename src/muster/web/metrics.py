"""MAP: every metric of the process, and the page that shows them to Prometheus.

With several server processes (`--workers`) the counters are shared through files, in the directory that
PROMETHEUS_MULTIPROC_DIR names; `muster serve` sets it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a start time for every counter doubles the page and tells nothing

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUESTS = Counter("muster_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "muster_request_seconds", "Time from request head to last byte.", ["route"], buckets=_SECONDS
)
REQUESTS_UNLOGGED = Counter(
    "muster_requests_unlogged", "Requests of signed-in callers that the request log had to let go."
)
RECORDS = Counter("muster_records", "Records received in batch uploads.", ["outcome"])
BODY_BYTES = Counter("muster_body_bytes", "Bytes of batch bodies received.", ["form"])
STAGE_SECONDS = Histogram(
    "muster_stage_seconds", "Time in one stage of receiving a batch.", ["stage"], buckets=_SECONDS
)
QUERY_SECONDS = Histogram(
    "muster_table_query_seconds",
    "Time one query of the table engine took in this server.",
    buckets=_SECONDS,
)

Asked = Mapping[tuple[str, str], float | Mapping[str, float]]
"""(metric name, help) → its value, or its value for each `state`."""


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time one stage of receiving a batch: `check`, `compress`, `store` or `commit`."""
    started = perf_counter()
    try:
        yield
    finally:
        STAGE_SECONDS.labels(name).observe(perf_counter() - started)


def render(stores: Callable[[], Asked]) -> bytes:
    """The text page. stores: what is read from the database at the time of asking."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry = PROCESS_REGISTRY
    asked = CollectorRegistry()
    for (name, explanation), value in stores().items():
        if isinstance(value, Mapping):
            gauge = Gauge(name, explanation, ["state"], registry=asked)
            for state, number in value.items():
                gauge.labels(state).set(number)
        else:
            Gauge(name, explanation, registry=asked).set(value)
    return generate_latest(registry) + generate_latest(asked)
