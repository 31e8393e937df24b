"""A worker process beside the server: started again when it dies, ended with the server, however that ends."""

import os
import signal
import subprocess
import sys
import threading
import time

import structlog

log = structlog.get_logger("muster.cli")

SUPERVISOR = "MUSTER_SUPERVISOR_PID"
"""The process a child ends with: told, not asked for. One that died while its child was starting is nobody's
parent any more."""
_CHECK_SECONDS = 0.5
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_LONG_LIFE_SECONDS = 60.0
_PAST_DRAIN_SECONDS = 5.0


def end_with(supervisor: int) -> None:
    """Ask this process to end when its parent is gone; runs in a thread of its own."""
    # A killed supervisor leaves its workers serving data that the next server then takes for its own.
    while os.getppid() == supervisor:
        time.sleep(_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


class WorkerChild:
    """A worker process that is started again when it dies, and ends when it is told to.

    drain_seconds: how long it may take to end before it is killed.
    """

    def __init__(self, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        self._ending = threading.Event()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_alive, name="worker-child", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_end(self) -> None:
        """Tell the worker to end, without waiting for it. Twice is harmless."""
        with self._guard:
            self._ending.set()
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def end(self) -> None:
        """Tell the worker to end and wait until it has."""
        self.ask_to_end()
        if self._process is not None:
            try:
                self._process.wait(timeout=self._drain_seconds + _PAST_DRAIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()  # what it was doing is done again at the next start
                self._process.wait()
        if self._thread.is_alive():
            self._thread.join(timeout=_PAST_DRAIN_SECONDS)

    def _keep_alive(self) -> None:
        wait = _FIRST_WAIT_SECONDS
        while (process := self._spawned()) is not None:
            started = time.monotonic()
            code = process.wait()
            if self._ending.is_set():
                return
            lived = time.monotonic() - started
            wait = _FIRST_WAIT_SECONDS if lived >= _LONG_LIFE_SECONDS else wait
            log.error("worker.died", exit_code=code, lived_seconds=round(lived), again_in_seconds=wait)
            if self._ending.wait(wait):
                return
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)

    def _spawned(self) -> subprocess.Popen[bytes] | None:
        with self._guard:
            if self._ending.is_set():
                return None
            self._process = subprocess.Popen(
                [sys.executable, "-m", "muster.cli.main", "worker"],
                env={**os.environ, SUPERVISOR: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the server, which then tells this process
            )
            return self._process
