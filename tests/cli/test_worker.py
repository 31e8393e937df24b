"""`muster worker` alone and as the child of `muster serve`: started, started again, ended."""

import os
import signal
import subprocess
from collections.abc import Callable

import psutil

from tests.support.job_fixtures import STARTED, wait_for
from tests.support.live import COMMAND, LiveServer
from tests.support.live_fixtures import NewServer

OWN = {"MUSTER_JOBS_INSIDE": "true"}


def worker_of(server: LiveServer) -> psutil.Process | None:
    """The worker that belongs to a server, if it has one."""
    for child in psutil.Process(server.pid).children(recursive=True):
        try:
            if child.cmdline()[-1:] == ["worker"]:
                return child
        except psutil.NoSuchProcess:
            continue
    return None


def the_worker(server: LiveServer) -> psutil.Process:
    found = wait_for(lambda: worker_of(server), lambda child: child is not None)
    assert found is not None
    return found


def started(server: LiveServer, times: int = 1) -> Callable[[], bool]:
    return lambda: server.log.count(STARTED) >= times


def test_a_server_has_one_worker_that_ends_with_it(new_server: NewServer) -> None:
    server = new_server(environment=OWN).start()
    wait_for(started(server), bool)
    worker = the_worker(server)
    assert server.stop() == os.EX_OK, server.log
    assert not worker.is_running()
    assert '"event": "worker.stopped"' in server.log
    assert '"event": "worker.died"' not in server.log


def test_several_server_processes_share_one_worker(new_server: NewServer) -> None:
    server = new_server(environment=OWN, options=["--workers", "2"]).start()
    wait_for(started(server), bool)
    worker = the_worker(server)
    children = psutil.Process(server.pid).children(recursive=True)
    assert sum(child.cmdline()[-1:] == ["worker"] for child in children) == 1
    assert server.stop() == os.EX_OK, server.log
    assert not worker.is_running()


def test_a_worker_that_dies_is_started_again(new_server: NewServer) -> None:
    server = new_server(environment=OWN).start()
    wait_for(started(server), bool)
    first = the_worker(server)
    first.kill()
    wait_for(started(server, times=2), bool)
    assert the_worker(server).pid != first.pid
    assert '"exit_code": -9' in server.log


def test_a_worker_ends_by_itself_when_its_server_is_killed(new_server: NewServer) -> None:
    server = new_server(environment=OWN).start()
    wait_for(started(server), bool)
    worker = the_worker(server)
    assert server.process is not None
    server.process.kill()
    server.process.wait(timeout=10)
    wait_for(worker.is_running, lambda is_running: not is_running)


def test_no_worker_is_started_where_none_is_wanted(new_server: NewServer) -> None:
    server = new_server(environment={"MUSTER_JOBS_INSIDE": "false"}).start()
    assert worker_of(server) is None
    assert server.stop() == os.EX_OK


def test_a_second_worker_on_the_same_sqlite_file_says_who_has_it(new_server: NewServer) -> None:
    server = new_server(environment=OWN).start()
    wait_for(started(server), bool)
    refused = server.command("worker")
    assert refused.returncode == 1
    assert f"process {the_worker(server).pid}" in refused.stderr
    assert "MUSTER_JOBS_INSIDE" in refused.stderr


def test_a_worker_alone_runs_until_it_is_asked_to_end(new_server: NewServer) -> None:
    server = new_server(environment={"MUSTER_JOBS_INSIDE": "false"}).start()
    log, output = server.home / "worker.err", server.home / "worker.out"
    with output.open("wb") as stdout, log.open("wb") as stderr:
        alone = subprocess.Popen(
            [*COMMAND, "worker"], env=server.full_environment, cwd=server.home, stdout=stdout, stderr=stderr
        )
    try:
        wait_for(log.read_text, lambda text: STARTED in text)
        alone.send_signal(signal.SIGTERM)
        assert alone.wait(timeout=30) == os.EX_OK, log.read_text()
        assert output.read_text() == ""
    finally:
        alone.kill()
        alone.wait(timeout=10)
