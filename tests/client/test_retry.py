"""The decision to try again, as a table."""

import pytest

from muster.client import Conflict, Forbidden, InvalidRequest, NotFound, RateLimited, ServerError, Unreachable
from muster.client._retry import wait_before_retry


@pytest.mark.parametrize(
    ("error", "elapsed_seconds", "decision"),
    [
        (Unreachable("x"), 0, True),
        (Unreachable("x"), 29.9, True),
        (Unreachable("x"), 30, False),
        (RateLimited("x", status=429, retry_after_seconds=7), 1000, 7),
        (RateLimited("x", status=429, retry_after_seconds=300), 0, 300),
        (RateLimited("x", status=429, retry_after_seconds=301), 0, False),
        (RateLimited("x", status=429), 0, True),
        (ServerError("x", status=503, retry_after_seconds=2), 0, 2),
        (ServerError("x", status=500), 1000, True),
        (Conflict("x", status=409, retry_after_seconds=1), 0, 1),
        (Conflict("x", status=409, code="idempotency_key_reused"), 0, False),
        (InvalidRequest("x", status=400), 0, False),
        (Forbidden("x", status=403), 0, False),
        (NotFound("x", status=404), 0, False),
        (ValueError("x"), 0, False),
    ],
    ids=lambda value: repr(value) if isinstance(value, Exception) else None,
)
def test_the_decision(error, elapsed_seconds, decision):
    assert wait_before_retry(error, elapsed_seconds=elapsed_seconds, timeout_seconds=30) == decision
    assert isinstance(decision, bool) == isinstance(
        wait_before_retry(error, elapsed_seconds=elapsed_seconds, timeout_seconds=30), bool
    )
