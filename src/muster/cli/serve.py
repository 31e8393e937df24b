"""`muster serve`: one server on this data, guarded by a lock, with its first owner made if there is none."""

import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from muster.accounts import links
from muster.accounts.first_run import first_run
from muster.app import create_app, prepare, sweep_all
from muster.cli.child import SUPERVISOR, WorkerChild, end_with
from muster.cli.output import note, say
from muster.errors import Conflict, Unavailable
from muster.logs import configure
from muster.settings import Settings, load_settings
from muster.uploads.file_model import FILES_PATH
from muster.web.protocol import ProtocolLimits, hardened_protocol
from muster.wiring import build_house, open_database

_BACKLOG = 2048


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default MUSTER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default MUSTER_PORT.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
) -> None:
    """Run the server until SIGTERM or Ctrl-C, then finish the requests in flight."""
    # uvicorn raises the signal again when it has finished; having been asked to end is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    given: dict[str, object] = {"host": host, "port": port}
    settings = load_settings({name: value for name, value in given.items() if value is not None})
    configure(settings.log_level, settings.log_format)
    with data_lock(settings) as alone, listening(settings) as listener, _shared_metrics(workers):
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        # Workers are new processes that read the settings again.
        os.environ |= {"MUSTER_HOST": settings.host, "MUSTER_PORT": str(settings.port)}
        sign_in_link = _prepare(settings, alone=alone)
        _run(settings, listener, workers, sign_in_link)


def _prepare(settings: Settings, *, alone: bool) -> str | None:
    """Clear what a crash left behind; make the first owner, and return the link that signs them in once."""
    house = build_house(settings)
    try:
        prepare(house)
        if alone:
            sweep_all(house, alone=True)
        token = first_run(house.accounts)
        return None if token is None else links.address(house.accounts, token)
    finally:
        house.close()


def _run(settings: Settings, listener: socket.socket, workers: int, sign_in_link: str | None) -> None:
    options: dict[str, Any] = {
        "http": "muster.cli.serve:LimitedProtocol",
        "loop": "uvloop" if sys.platform != "win32" else "asyncio",
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": settings.keep_alive_seconds,
        "timeout_graceful_shutdown": settings.drain_seconds,
    }
    jobs = WorkerChild(settings.drain_seconds) if settings.jobs_inside else None
    if workers > 1:
        os.environ[SUPERVISOR] = str(os.getpid())
        config = uvicorn.Config("muster.cli.serve:worker_app", factory=True, workers=workers, **options)
        _announce(settings, listener, sign_in_link)
        try:
            _Servers(config, listener, jobs).run()
        finally:
            if jobs is not None:
                jobs.end()
        return
    server = _Server(uvicorn.Config(create_app(settings), **options), jobs)
    _announce(settings, listener, sign_in_link)
    try:
        server.run(sockets=[listener])
    finally:
        if jobs is not None:
            jobs.end()
    if not server.started:
        raise Unavailable("The server could not start; the log above says why.")


class _Server(uvicorn.Server):
    """Starts the worker for background jobs when it is ready itself, and tells it to end when it ends."""

    def __init__(self, config: uvicorn.Config, jobs: WorkerChild | None) -> None:
        super().__init__(config)
        self._jobs = jobs

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._jobs is not None:
            self._jobs.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._jobs is not None:
            self._jobs.ask_to_end()  # both drain at the same time
        await super().shutdown(sockets)


class _Servers(Multiprocess):
    """Several server processes; as `_Server`, the worker is started when the first of them is ready."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, jobs: WorkerChild | None) -> None:
        super().__init__(config, sockets=[listener])
        self._jobs = jobs
        self._waiting_for_jobs = jobs

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        if self._waiting_for_jobs is not None and any(process.is_ready() for process in self.processes):
            self._waiting_for_jobs.start()
            self._waiting_for_jobs = None

    def terminate_all(self) -> None:
        if self._jobs is not None:
            self._jobs.ask_to_end()
        super().terminate_all()


def worker_app() -> object:
    """The application of one of several server processes, which ends when its supervisor is gone."""
    threading.Thread(target=end_with, args=(int(os.environ[SUPERVISOR]),), daemon=True).start()
    return create_app()


def _announce(settings: Settings, listener: socket.socket, sign_in_link: str | None) -> None:
    # From here on connections queue in the kernel until the server takes them.
    listener.listen(_BACKLOG)
    say(f"Muster is listening on {settings.base_url}")
    if sign_in_link is not None:
        note(f"First run: sign in as the owner, once, within 24 hours: {sign_in_link}")


def __getattr__(name: str) -> object:
    # uvicorn imports the protocol by name in every worker process; its limits come from the settings there.
    if name != "LimitedProtocol":
        raise AttributeError(name)
    settings = load_settings()
    return hardened_protocol(
        ProtocolLimits(
            max_header_bytes=settings.max_header_bytes,
            header_timeout_seconds=settings.header_timeout_seconds,
            body_timeout_seconds=settings.body_timeout_seconds,
            write_timeout_seconds=settings.write_timeout_seconds,
            streaming_prefixes=(FILES_PATH,),
        )
    )


@contextmanager
def data_lock(settings: Settings) -> Iterator[bool]:
    """Hold the SQLite file for this server alone while it runs; yields whether it is alone.

    SQLite serves one server; on PostgreSQL several may share the data and there is no lock. The lock is the
    kernel's, so it is gone with its process, however that ends. Raises Conflict when another server holds it.
    """
    database = open_database(settings)
    if not database.is_sqlite or database.url.database is None:
        yield False
        return
    file = Path(database.url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Conflict(
                f"Another server (process {lock.read().strip() or 'unknown'}) is using {file}. Stop it, "
                "choose another MUSTER_DATA_DIR, or use PostgreSQL (MUSTER_DATABASE_URL) to run several.",
                code="data_in_use",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield True


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The bound socket; raises Conflict when the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise Conflict(
                f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}. "
                "Choose another port with --port or MUSTER_PORT.",
                code="address_in_use",
            ) from error
        listener.set_inheritable(True)
        yield listener


@contextmanager
def _shared_metrics(workers: int) -> Iterator[None]:
    """With several processes their counters meet in files that live as long as the server."""
    if workers == 1:
        yield
        return
    directory = tempfile.mkdtemp(prefix="muster-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)
