"""A real server as a child process: `python -m muster.cli.main serve` with its own data directory.

Everything that ends it goes by its own process id. Its output is kept in files beside the data, so a failed
test can say what the server said.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr

from muster.accounts import keys, users
from muster.db.migrate import upgrade
from muster.settings import Settings
from muster.wiring import accounts_room, open_database
from tests.support.rawhttp import Answer, exchange

BATCH = "/api/audience/batch-upload"
START_SECONDS = 60
STOP_SECONDS = 40


@dataclass(slots=True)
class LiveServer:
    """One server and the data it serves; start, stop, kill and start again as often as you like.

    home: where its data and output live. environment: settings on top of the defaults.
    """

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    wrapper: Sequence[str] = ()
    key: str = ""
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    _starts: int = 0

    @property
    def data_dir(self) -> Path:
        return self.home / "data"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def full_environment(self) -> dict[str, str]:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("MUSTER_", "MAX_BATCH"))
        }
        return clean | {"MUSTER_DATA_DIR": str(self.data_dir), **self.environment}

    def start(self) -> "LiveServer":
        """Start it and wait until it answers."""
        self.launch()
        self.wait_until_ready()
        return self

    def launch(self) -> None:
        """Start it without waiting for anything."""
        assert self.process is None or self.process.poll() is not None, "it is still running"
        self.home.mkdir(parents=True, exist_ok=True)
        self._starts += 1
        self.port = 0
        with self._output("stdout").open("wb") as stdout, self._output("stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                [*self.wrapper, *COMMAND, "serve", "--port", "0", *self.options],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=self.full_environment,
                cwd=self.home,
            )

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until it says where it listens and answers there."""
        assert self.process is not None
        deadline = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log}"
            assert time.monotonic() < deadline, f"not ready after {seconds} s: {self.log}"
            found = re.search(r"listening on http://[^ ]+:(\d+)", self._output("stdout").read_text())
            if found:
                self.port = int(found[1])
                break
            time.sleep(0.01)
        ready = exchange(
            self.address, b"GET /api/health/ready HTTP/1.1\r\nHost: test\r\n\r\n", timeout=seconds
        )
        assert ready.status == 200, (ready.body, self.log)

    def stop(self) -> int:
        """Ask it to end as an operator would; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it and its workers as a power cut would, without a word."""
        if self.process is None or self.process.poll() is not None:
            return
        children = psutil.Process(self.pid).children(recursive=True)
        self.process.kill()
        for child in children:
            child.kill()
        self.process.wait(timeout=10)

    @property
    def log(self) -> str:
        """Everything it wrote to standard error since its last start."""
        return self._output("stderr").read_text(errors="replace")

    @property
    def log_file(self) -> Path:
        return self._output("stderr")

    @property
    def rss_bytes(self) -> int:
        """Resident memory of the server and its workers."""
        server = psutil.Process(self.pid)
        return sum(process.memory_info().rss for process in [server, *server.children(recursive=True)])

    def _output(self, stream: str) -> Path:
        return self.home / f"{stream}-{self._starts}.log"

    def command(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `muster ...` with this server's settings."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.full_environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def make_key(self, email: str = "owner@example.com") -> None:
        """Make a user with a key that may do everything; works before and while the server runs.

        In this process: to start one for each of both takes longer than most tests.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        url = self.environment.get("MUSTER_DATABASE_URL")
        members: dict[str, Any] = {"data_dir": self.data_dir, "database_url": url and SecretStr(url)}
        settings = Settings(**members)
        database = open_database(settings)
        try:
            upgrade(database)
            room = accounts_room(settings, database)
            operator = users.by_command_line(users.create(room, email))
            self.key = keys.create(room, operator, keys.KeyWish("tests", operator.scopes)).text
        finally:
            database.close()

    @property
    def api(self) -> "Api":
        """This server as the owner of `key` sees it."""
        return Api(self, self.key)


COMMAND = (sys.executable, "-m", "muster.cli.main")


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one user sees it; every call is a connection of its own, and knows nothing of retries."""

    server: LiveServer
    key: str

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        """One request and its answer. Raises OSError or http.client.HTTPException when there is none."""
        return exchange(
            self.server.address,
            self.request(method, path, body, headers=headers),
            method=method,
            timeout=timeout,
        )

    def request(
        self, method: str, path: str, body: bytes | None = None, *, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The bytes of a request."""
        all_headers = {"Host": "test", "Authorization": f"Bearer {self.key}", "Connection": "close"}
        if body is not None:
            all_headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        all_headers |= headers or {}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + (body or b"")

    def create(self, name: str, records: Sequence[Any], **members: Any) -> Answer:
        return self.call("POST", BATCH, batch_body(name, records, **members))

    def get(self, upload_id: str, query: str = "") -> Answer:
        return self.call("GET", f"{BATCH}/{upload_id}{query}")

    def delete(self, upload_id: str) -> Answer:
        return self.call("DELETE", f"{BATCH}/{upload_id}")

    def every_upload(self) -> dict[str, Any]:
        """All uploads of this user by id, read page by page; the counts must agree."""
        found: dict[str, Any] = {}
        cursor = ""
        while True:
            page = self.call("GET", f"{BATCH}?limit=1000{cursor}")
            assert page.status == 200, page.body
            found.update({upload["upload_id"]: upload for upload in page.json["uploads"]})
            if page.json["next_cursor"] is None:
                assert page.json["total"] == len(found)
                return found
            cursor = f"&cursor={page.json['next_cursor']}"


def batch_body(name: str, records: Sequence[Any], **members: Any) -> bytes:
    """The JSON of a batch as a client would send it."""
    return json.dumps({"upload_name": name, "records": records, **members}).encode()
