"""An answer is a promise: between the last byte of a batch and its 200, everything is forced to disk.

kill -9 cannot show this (the kernel keeps what was written), so the system calls themselves are read.
"""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from muster.db.database import Database
from tests.support.live import LiveServer
from tests.support.live_fixtures import NewServer

STRACE = shutil.which("strace")
CALLS = "fsync,fdatasync,rename,renameat,renameat2,read,recvfrom,write,writev,sendto,sendmsg"


class Trace:
    """System calls in the order in which they ended; what began before another ended is two lines."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = []
        started: dict[str, str] = {}
        for line in text.splitlines():
            thread, _, call = line.partition(" ")
            call = call.strip()
            if call.endswith("<unfinished ...>"):
                started[thread] = call.removesuffix("<unfinished ...>")
            elif resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
                self.lines.append(started.pop(thread, "") + resumed[1])
            else:
                self.lines.append(call)

    def where(self, pattern: str, *, after: int = -1) -> int:
        """The position of the first call that matches, after another one."""
        for position in range(after + 1, len(self.lines)):
            if re.search(pattern, self.lines[position]):
                return position
        raise AssertionError(f"no {pattern!r} after line {after} of:\n" + "\n".join(self.lines))


def traced_create(server: LiveServer, output: Path) -> tuple[str, Trace]:
    """One upload while strace watches the server: its id and the calls it made."""
    assert STRACE is not None
    command = [
        STRACE,
        "-f",
        "-y",
        "-s",
        "100",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(output),
        "-p",
        str(server.pid),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            assert tracer.stderr is not None
            attached = tracer.stderr.readline()
            if "ttached" not in attached:
                pytest.skip(f"strace may not watch processes here: {attached.strip()}")
            answer = server.api.create("traced", [{"email": "traced@example.com"}])
            assert answer.status == 200, answer.body
            deadline = time.monotonic() + 10
            while "HTTP/1.1 200" not in output.read_text(errors="replace"):
                assert time.monotonic() < deadline, "strace saw no answer"
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate(timeout=10)
    return answer.json["upload_id"], Trace(output.read_text(errors="replace"))


@pytest.mark.skipif(STRACE is None, reason="strace, which shows system calls, is not installed")
def test_a_batch_is_synced_before_it_is_answered(new_server: NewServer, tmp_path: Path) -> None:
    server = new_server().start()
    server.api.create("first", [{"email": "first@example.com"}])  # lasting directories exist from here on
    upload_id, trace = traced_create(server, tmp_path / "trace")
    objects = re.escape(str(server.data_dir / "objects"))
    received = trace.where(r"^(read|recvfrom)\(.*POST /api/audience/batch-upload")
    file_synced = trace.where(rf"^f(data)?sync\(\d+<{objects}/\.tmp/[^>]+>\)\s+= 0", after=received)
    named = trace.where(rf"^rename.*{upload_id[-2:]}.*records\.json\.zst", after=file_synced)
    directory = rf"^fsync\(\d+<{objects}/uploads/{upload_id[-2:]}/{upload_id}>\)\s+= 0"
    directory_synced = trace.where(directory, after=named)
    shelf_synced = trace.where(rf"^fsync\(\d+<{objects}/uploads/{upload_id[-2:]}>\)\s+= 0", after=named)
    committed = trace.where(
        r"^f(data)?sync\(\d+<[^>]*muster\.db-wal>\)\s+= 0", after=max(directory_synced, shelf_synced)
    )
    answered = trace.where(r"^(write|writev|sendto|sendmsg)\(.*HTTP/1\.1 200")
    assert committed < answered


def test_sqlite_commits_wait_for_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'muster.db'}")
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    database.close()
