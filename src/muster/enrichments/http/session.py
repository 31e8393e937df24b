"""The threads and open connections of one run that asks a REST service; nothing waits in them once the run is to stop."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Final

from muster.enrichments.http.ask import Manners, Reason, ask
from muster.enrichments.http.endpoint import UNUSABLE, Endpoint, Result, failed
from muster.enrichments.http.templates import InputUnusable, Values
from muster.enrichments.http.turns import Turns
from muster.errors import InputError
from muster.web.outgoing.caller import Caller

_LOOK_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 0.75
"""How long calls that are under way may still take once the run is to stop: they may have been paid for."""


class _Stop:
    """See `ask.Stop`; set when the run is to stop, or by the thread the service refuses."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._cutting = threading.Event()
        self._since = 0.0

    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def is_cutting(self) -> bool:
        return self._cutting.is_set()

    def stop(self, *, grace_seconds: float) -> None:
        """Begin nothing new; cut what is under way after the grace."""
        if not self._stopping.is_set():
            self._since = time.monotonic()
            self._stopping.set()
        if time.monotonic() - self._since >= grace_seconds:
            self._cutting.set()


class Session:
    """Opened once for many batches of one run, used by one thread at a time; `close` when done.

    new_caller: makes what a thread calls with.
    """

    def __init__(self, endpoint: Endpoint, concurrency: int, new_caller: Callable[[], Caller]) -> None:
        self._endpoint = endpoint
        self._new_caller = new_caller
        self._idle: list[Caller] = []  # the one used last is used next: its connection is still open
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="muster-http")

    def results(
        self, inputs: Sequence[Values], turns: Turns, manners: Manners, is_stopping: Callable[[], bool]
    ) -> list[Result]:
        """What became of each input, in order.

        Raises InputError (`provider_refused`) when the service refuses whoever asks; calls under way are given up.
        """
        stop = _Stop()
        work: dict[Future[list[Result]], list[int]] = {}
        for places in self._endpoint.calls(inputs):
            asked = [inputs[at] for at in places]
            work[self._threads.submit(self._call, asked, turns, manners, stop)] = places
        pending: set[Future[list[Result]]] = set(work)
        try:
            while pending:
                done, pending = wait(pending, _LOOK_SECONDS, FIRST_EXCEPTION)
                if any(each.exception() for each in done):
                    stop.stop(grace_seconds=0)
                if is_stopping():
                    stop.stop(grace_seconds=_GRACE_SECONDS)
        finally:
            if pending:
                stop.stop(grace_seconds=0)
        results: list[Result] = [UNUSABLE] * len(inputs)
        for future, places in work.items():
            for at, result in zip(places, future.result(), strict=True):
                results[at] = result
        return results

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)
        while self._idle:
            self._idle.pop().close()

    def _call(self, inputs: Sequence[Values], turns: Turns, manners: Manners, stop: _Stop) -> list[Result]:
        try:
            request = self._endpoint.request(inputs)
        except InputUnusable:
            return [UNUSABLE] * len(inputs)
        caller = self._caller()
        try:
            got = ask(caller, request, turns, manners, stop)
        finally:
            with self._guard:
                self._idle.append(caller)
        if isinstance(got, Reason):
            return [failed(got)] * len(inputs)
        try:
            return self._endpoint.results(inputs, got)
        except InputError:
            stop.stop(grace_seconds=0)  # before the other threads are refused as well
            raise

    def _caller(self) -> Caller:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        return self._new_caller()
