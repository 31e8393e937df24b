"""SQLite has one worker at a time: two would both take up what they find running."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from muster.db.database import Database
from muster.errors import Conflict

_LOOK_EVERY_SECONDS = 0.1


@contextmanager
def worker_lock(db: Database, wait_seconds: float) -> Iterator[None]:
    """Hold the SQLite file for this worker alone; on PostgreSQL several may share the work, without a lock.

    The lock is the kernel's, so it is gone with its process, however that ends. wait_seconds: how long a
    worker that is just ending may keep it. Raises Conflict (`worker_running`) naming the process that has it.
    """
    if not db.is_sqlite or db.url.database is None:
        yield
        return
    file = Path(db.url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    with file.with_name(file.name + ".worker.lock").open("a+") as lock:
        while not _is_taken(lock.fileno()):
            if time.monotonic() >= until:
                lock.seek(0)
                raise Conflict(
                    f"Another worker (process {lock.read().strip() or 'unknown'}) is using {file}. `muster serve` "
                    "runs one unless MUSTER_JOBS_INSIDE is off; use PostgreSQL (MUSTER_DATABASE_URL) to run several.",
                    code="worker_running",
                )
            time.sleep(_LOOK_EVERY_SECONDS)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
