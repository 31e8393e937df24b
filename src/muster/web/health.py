"""Is the process alive, can it serve: two answers for load balancers and orchestrators."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic

from muster.errors import MusterError

_FRESH_SECONDS = 5.0


class Readiness:
    """Checks every dependency, at most once in five seconds however often it is asked.

    checks: name → function that raises MusterError when the dependency cannot be used.
    """

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = checks
        self._lock = threading.Lock()
        self._checked_at = -_FRESH_SECONDS
        self._problems: dict[str, str] = {}

    def problems(self) -> dict[str, str]:
        """Dependency → code of what is wrong; empty when all is well."""
        with self._lock:
            if monotonic() - self._checked_at >= _FRESH_SECONDS:
                self._problems = {}
                for name, check in self._checks.items():
                    try:
                        check()
                    except MusterError as error:
                        self._problems[name] = error.error_code
                self._checked_at = monotonic()
            return dict(self._problems)
