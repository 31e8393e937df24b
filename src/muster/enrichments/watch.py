"""Watches over a step while its thread waits for a provider: tells how far it is, hears when to stop."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final

from muster.jobs.kinds import StepContext
from muster.jobs.model import Progress

_EVERY_SECONDS: Final = 0.25


class Watch:
    """Reports in a thread of its own for as long as the block lasts.

    `progress` is what is told next; note: called after each report, to keep more than a report holds.
    """

    def __init__(
        self, context: StepContext, progress: Progress, note: Callable[[], None] = lambda: None
    ) -> None:
        self.progress = progress
        self._context = context
        self._note = note
        self._ended = threading.Event()
        self._stopping = threading.Event()
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="enrichment-watch", daemon=True)

    def is_stopping(self) -> bool:
        """Whether the step is to end: its job is cancelled, paused, or taken over, or this worker ends."""
        return self._stopping.is_set()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._raised is not None and error is None:
            raise self._raised

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._context.report(self.progress)
                self._note()
                if self._context.is_to_rest():
                    self._stopping.set()
            except BaseException as raised:  # noqa: BLE001 - raised again where the step ends
                self._raised = raised
                self._stopping.set()
                return
            self._ended.wait(_EVERY_SECONDS)
