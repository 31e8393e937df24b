"""Commands against a real server with its worker, for the files of tests/cli that need one."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from stamina.instrumentation import set_on_retry_hooks

from muster.cli.main import run
from tests.cli.conftest import Ended, Run, clean_environment
from tests.support.live import LiveServer
from tests.support.live_fixtures import copy_seed


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, sqlite_seed: LiveServer) -> Iterator[LiveServer]:
    # Services that tests start are on loopback.
    settings = {"MUSTER_ALLOW_PRIVATE_ADDRESSES": "true"}
    server = LiveServer(home=tmp_path_factory.mktemp("live"), environment=settings)
    copy_seed(sqlite_seed, server)
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture
def environment(live: LiveServer, tmp_path: Path) -> dict[str, str]:
    return {
        "MUSTER_URL": f"http://127.0.0.1:{live.port}",
        "MUSTER_API_KEY": live.key,
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }


@pytest.fixture
def muster(
    environment: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Iterator[Run]:
    """`muster(*arguments)` runs a command in an empty directory, signed in to the real server."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run_here(*arguments: str | Path) -> Ended:
        capfdbinary.readouterr()
        returncode = run([str(argument) for argument in arguments])
        return Ended(returncode, *(stream.decode() for stream in capfdbinary.readouterr()))

    yield run_here
    set_on_retry_hooks(None)


def started(environment: Mapping[str, str], directory: Path, *arguments: str) -> "subprocess.Popen[str]":
    """A command as a process of its own, for those that are interrupted."""
    return subprocess.Popen(
        [sys.executable, "-m", "muster.cli.main", *arguments],
        cwd=directory,
        env={**clean_environment(), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_connection(pid: int, url: str) -> None:
    """Wait until a process holds a connection to the server."""
    port = int(url.rpartition(":")[2])
    process = psutil.Process(pid)
    while not any(
        one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED
        for one in process.net_connections()
    ):
        assert process.is_running()
