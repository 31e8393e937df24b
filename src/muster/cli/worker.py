"""`muster worker`: runs background jobs until it is asked to end, alone or as a child of `muster serve`."""

import os
import signal
import sys
import threading
from datetime import timedelta
from types import FrameType

from muster.app import prepare
from muster.cli.child import SUPERVISOR, end_with
from muster.clock import utc_now
from muster.jobs.memory import keep_freed_memory
from muster.jobs.room import JobsRoom
from muster.jobs.worker import WorkerOptions, run_worker
from muster.logs import configure
from muster.settings import Settings, load_settings
from muster.wiring import build_house, job_kinds, schedules

_PREDECESSOR_SECONDS = 60.0  # a killed server's worker notices soon, and then has its steps to finish


def worker() -> None:
    """Run background jobs until SIGTERM or Ctrl-C, then stop between two steps; another worker goes on."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    settings = load_settings()
    configure(settings.log_level, settings.log_format)
    supervisor = os.environ.pop(SUPERVISOR, None)
    if supervisor is not None:
        threading.Thread(target=end_with, args=(int(supervisor),), daemon=True).start()
    keep_freed_memory()
    house = build_house(settings)
    prepare(house)
    run_worker(
        JobsRoom(house.db, utc_now),
        job_kinds(house),
        schedules(house),
        _options(settings, wait_seconds=_PREDECESSOR_SECONDS if supervisor else 0),
        stop,
    )
    house.close()
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        # A step that would not end: what it does is done again by the next worker. Python would wait for it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _options(settings: Settings, *, wait_seconds: float) -> WorkerOptions:
    return WorkerOptions(
        concurrency=settings.job_concurrency,
        per_user=settings.jobs_per_user,
        keep=timedelta(days=settings.job_days),
        drain_seconds=settings.drain_seconds,
        lock_seconds=wait_seconds,
    )
