"""The servers under test as child processes on loopback: started, watched, asked and stopped by their own pid.

No server is pinned to a core, none gets options its own documentation would not give it, each runs one
server process as it comes, and each has a scratch directory of its own.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from bodies import Body, tiny
from load import Check, ExpectReceipt, Headers, LoadFailure, Request, fetch, http_request
from node import PEERS, PeerUnavailable, find_node, install_next_peer, install_node_peer

UPLOADS = "/api/audience/batch-upload"
LABELS = {
    "floor": "(a) floor: read and drop",
    "naive": "(b) FastAPI + pydantic + SQLAlchemy",
    "node": "(c) Node + Zod 3, in memory",
    "next": "(c2) Next.js + Zod 3, in memory",
    "node4": "(c4) Node + Zod 4, in memory",
    "muster": "Muster, durable",
}
_READY_LIMIT_SECONDS = 60
_STOP_LIMIT_SECONDS = 40
_QUIET_WINDOW_SECONDS = 0.1
_OWNER = "bench@localhost"


class ServerFailure(Exception):
    """A server did not start or did not come to rest; carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one server: its command line, extra environment, and where."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    name: str
    port: int
    key: str
    process: psutil.Process

    def post(self, body: Body) -> Request:
        """The upload of `body`; the same bytes for every server, but for port and key."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.key}",
            "X-Bench-Rows": str(body.rows),  # for the floor, which does not look at the body
        }
        if body.is_gzipped:
            headers["Content-Encoding"] = "gzip"
        check = ExpectReceipt(body.rows)
        return http_request(self.port, "POST", UPLOADS, check, headers=headers, body=body.content)

    def get(self, path: str, check: Check, headers: Headers | None = None) -> Request:
        """A signed-in read."""
        signed = {"Authorization": f"Bearer {self.key}"} | (headers or {})
        return http_request(self.port, "GET", path, check, headers=signed)

    def processes(self) -> list[psutil.Process]:
        """The server process and its children, as they are now."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """CPU time the server and its living children have used so far."""
        total = 0.0
        for process in self.processes():
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def wait_until_quiet(self, limit_seconds: float = 20) -> None:
        """Return once the server uses under 10 % of one core.

        Work it put off until after its answers must not slow the next server down.
        Raises ServerFailure when it is still busy after `limit_seconds`.
        """
        deadline = time.monotonic() + limit_seconds
        before = self.cpu_seconds()
        while True:
            time.sleep(_QUIET_WINDOW_SECONDS)  # the width of the window measured
            now = self.cpu_seconds()
            if now - before <= _QUIET_WINDOW_SECONDS * 0.1 + 0.005:
                return
            if time.monotonic() > deadline:
                raise ServerFailure(f"{self.name} is still busy {limit_seconds:.0f} s after its last answer")
            before = now


@contextmanager
def running(name: str, scratch: Path) -> Iterator[Server]:
    """Start server `name` with its files under `scratch`, wait until it answers, stop it afterwards.

    Raises ServerFailure when it does not answer in time; PeerUnavailable when it cannot be installed.
    """
    scratch.mkdir(parents=True)
    port = free_port()
    launch, key = _LAUNCHES[name](scratch, port)
    log_path = scratch / "server.log"
    with log_path.open("wb") as log:
        child = subprocess.Popen(
            launch.command,
            cwd=launch.folder,
            env=_clean_environment() | launch.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Server(name, port, key, psutil.Process(child.pid))
    try:
        _wait_until_ready(server, child, log_path)
        yield server
    finally:
        _stop(child)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}


def _wait_until_ready(server: Server, child: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + _READY_LIMIT_SECONDS
    probe = server.post(tiny())
    while True:
        try:
            fetch(probe, limit_seconds=10)
        except LoadFailure as failure:
            if child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)  # between two looks
                continue
            log = log_path.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise ServerFailure(f"{server.name} does not serve: {failure}\n{log}") from failure
        return


def _stop(child: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL for the child and for children it may have left behind."""
    try:
        family = psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    child.terminate()
    try:
        child.wait(_STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(_STOP_LIMIT_SECONDS)
    _, left = psutil.wait_procs(family, timeout=5)
    for process in left:
        process.kill()


def _launch_floor(scratch: Path, port: int) -> tuple[Launch, str]:
    return Launch((sys.executable, str(PEERS / "floor.py")), {"PORT": str(port)}, scratch), "none"


def _launch_naive(scratch: Path, port: int) -> tuple[Launch, str]:
    environment = {"PORT": str(port), "BENCH_DATA_DIR": str(scratch)}
    return Launch((sys.executable, str(PEERS / "naive.py")), environment, scratch), "none"


def _launch_node(_scratch: Path, port: int) -> tuple[Launch, str]:
    tools = find_node()
    folder = install_node_peer(tools)
    environment = {"PORT": str(port), "NODE_ENV": "production"}
    return Launch((*tools.node, "server.mjs"), environment, folder), "none"


def _launch_node4(scratch: Path, port: int) -> tuple[Launch, str]:
    launch, key = _launch_node(scratch, port)
    return replace(launch, environment=launch.environment | {"PEER_ZOD": "4"}), key


def _launch_next(_scratch: Path, port: int) -> tuple[Launch, str]:
    tools = find_node()
    folder = install_next_peer(tools)
    start = ("node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", str(port))
    return Launch(
        (*tools.node, *start), {"NEXT_TELEMETRY_DISABLED": "1", "NODE_ENV": "production"}, folder
    ), "none"


def _launch_muster(scratch: Path, port: int) -> tuple[Launch, str]:
    command = Path(sys.executable).with_name("muster")
    if not command.exists():
        raise PeerUnavailable("muster is not installed beside this Python; run `make setup` first")
    environment = {"MUSTER_DATA_DIR": str(scratch / "data")}

    def admin(*arguments: str) -> str:
        done = subprocess.run(
            (str(command), "admin", *arguments),
            cwd=scratch,
            env=_clean_environment() | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            shown = " ".join(arguments)
            raise ServerFailure(f"`muster admin {shown}` failed: {(done.stdout + done.stderr)[-1000:]}")
        return done.stdout

    admin("user", "create", _OWNER)
    key: str = json.loads(admin("key", "create", "--user", _OWNER, "--name", "bench", "--json"))["key"]
    return Launch((str(command), "serve", "--port", str(port)), environment, scratch), key


_LAUNCHES: dict[str, Callable[[Path, int], tuple[Launch, str]]] = {
    "floor": _launch_floor,
    "naive": _launch_naive,
    "node": _launch_node,
    "next": _launch_next,
    "node4": _launch_node4,
    "muster": _launch_muster,
}
