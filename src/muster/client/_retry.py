"""Whether to try again, and when: a pure decision.

Every request that changes something carries an Idempotency-Key or may be repeated without harm, so a cut
connection is no reason to give up. What the server has decided (other 4xx) is never asked twice.
"""

from ._errors import Conflict, MusterApiError, RateLimited, ServerError, Unreachable

LONGEST_WAIT_SECONDS = 300.0
"""A server that asks for more than this is not waited for; the caller gets its answer at once."""


def wait_before_retry(error: Exception, *, elapsed_seconds: float, timeout_seconds: float) -> bool | float:
    """False: give up. True: try again after the usual backoff. A number: after so many seconds.

    elapsed_seconds: since the first attempt. A server that is not there at all is asked again only for
    `timeout_seconds` in all; one that says when to come back is believed.

    | what happened                          | decision                                     |
    |----------------------------------------|----------------------------------------------|
    | no answer                              | again, until the timeout is over             |
    | 429, 503, 409 with Retry-After         | after that many seconds, at most 300         |
    | 429, 5xx without                       | again, with backoff                          |
    | 409 without, other 4xx                 | give up                                      |
    """
    if not isinstance(error, MusterApiError):
        return False
    if isinstance(error, Unreachable):
        return elapsed_seconds < timeout_seconds
    if isinstance(error, RateLimited | ServerError | Conflict):
        wait = error.retry_after_seconds
        if wait is not None:
            return wait if wait <= LONGEST_WAIT_SECONDS else False
        return not isinstance(error, Conflict)
    return False
