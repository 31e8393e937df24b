"""The load client: keep-alive connections that send prepared bytes and check every answer.

One process, one uvloop event loop, one connection a client; a request is a ready `bytes` value, answers are
parsed by httptools. It costs about 2 ms of CPU for 5 MB, nearly all of it the kernel copying the body.
Each client waits for its answer before it sends again (a closed loop), so a latency never includes waiting
behind the same client's earlier request.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import httptools
import uvloop

Headers = dict[str, str]
Check = Callable[[int, Headers, bytes], str | None]


class LoadFailure(Exception):
    """A connection broke, an answer was wrong or none came in time: the run counts as failed, never as fast."""


@dataclass(frozen=True, slots=True)
class ExpectReceipt:
    """The answer must be 2xx, a success, and confirm exactly `rows` records. Can cross a process border."""

    rows: int

    def __call__(self, status: int, _headers: Headers, body: bytes) -> str | None:
        """What is wrong with an answer, None when nothing is."""
        if not 200 <= status <= 299:
            return f"status {status}: {body[:300]!r}"
        try:
            receipt = json.loads(body)
        except ValueError:
            return f"the answer is not JSON: {body[:300]!r}"
        if receipt.get("status") != "success" or receipt.get("rows_received") != self.rows:
            return f"expected a receipt for {self.rows} rows, got {body[:300]!r}"
        return None


@dataclass(frozen=True, slots=True)
class ExpectContent:
    """The answer to a read must be 200, in this encoding, and exactly as long as the one compared in full."""

    body_bytes: int
    encoding: str = "identity"

    def __call__(self, status: int, headers: Headers, body: bytes) -> str | None:
        """What is wrong with an answer, None when nothing is."""
        if status != 200:
            return f"status {status}: {body[:300]!r}"
        encoding = headers.get("content-encoding", "identity")
        if encoding != self.encoding:
            return f"expected Content-Encoding {self.encoding}, got {encoding}"
        if len(body) != self.body_bytes:
            return f"expected {self.body_bytes} bytes, got {len(body)}"
        return None


@dataclass(frozen=True, slots=True)
class Request:
    """Head and body as they go on the wire, where to, and what a right answer is."""

    port: int
    raw: bytes
    check: Check


@dataclass(frozen=True, slots=True)
class Sample:
    """One answered request: when it was sent (`time.perf_counter`, one clock for all processes on Linux)."""

    sent_at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadRun:
    """What one run of the client saw; `client_cpu_seconds` is what the client itself cost."""

    samples: tuple[Sample, ...]
    started_at: float
    finished_at: float
    client_cpu_seconds: float

    @property
    def seconds(self) -> tuple[float, ...]:
        return tuple(sample.seconds for sample in self.samples)

    @property
    def requests_per_second(self) -> float:
        return len(self.samples) / (self.finished_at - self.started_at)


def http_request(
    port: int, method: str, path: str, check: Check, *, headers: Headers | None = None, body: bytes = b""
) -> Request:
    """Write an HTTP/1.1 request out in full; Content-Length is set for methods that carry a body."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return Request(port, "\r\n".join([*lines, "", ""]).encode("ascii") + body, check)


def run_load(
    request: Request, *, clients: int, requests: int, seconds: float, limit_seconds: float
) -> LoadRun:
    """Send `request` over and over from `clients` keep-alive connections.

    Stops after `requests` requests in all or `seconds`, whichever comes first, but every client sends at
    least one; answers under way are still awaited. Connecting is not timed.
    Raises LoadFailure at the first wrong answer, or when all is not over after `limit_seconds`.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(request, clients, requests, seconds, limit_seconds))


def fetch(request: Request, *, limit_seconds: float = 30) -> tuple[int, Headers, bytes]:
    """Send one request on a connection of its own and give the whole answer back."""
    answers: list[tuple[int, Headers, bytes]] = []

    def keep(status: int, headers: Headers, body: bytes) -> str | None:
        answers.append((status, headers, body))
        return request.check(status, headers, body)

    kept = Request(request.port, request.raw, keep)
    run_load(kept, clients=1, requests=1, seconds=limit_seconds, limit_seconds=limit_seconds)
    return answers[0]


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile: always one of the values, never a blend of two."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


@dataclass(slots=True)
class _Course:
    """How far one run is; shared by its connections."""

    request: Request
    requests_left: int
    clients_active: int
    deadline: float
    done: asyncio.Future[None]
    samples: list[Sample] = field(default_factory=list)

    def take(self) -> bool:
        if self.requests_left <= 0 or time.perf_counter() >= self.deadline:
            return False
        self.requests_left -= 1
        return True

    def leave(self) -> None:
        self.clients_active -= 1
        if self.clients_active == 0 and not self.done.done():
            self.done.set_result(None)

    def fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadFailure(reason))


class _Connection(asyncio.Protocol):
    """One client. httptools calls the `on_...` methods; their names are its interface."""

    def __init__(self, course: _Course) -> None:
        self._course = course
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = {}
        self._parts: list[bytes] = []
        self._sent_at = 0.0
        self._has_left = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass

    def send(self) -> None:
        assert self._transport is not None
        self._headers, self._parts = {}, []
        self._sent_at = time.perf_counter()
        self._transport.write(self._course.request.raw)

    def close(self) -> None:
        self._has_left = True
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._course.fail(f"the answer is not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._has_left:
            self._course.fail(f"the server closed the connection early ({exc})")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        seconds = time.perf_counter() - self._sent_at
        status = self._parser.get_status_code()
        complaint = self._course.request.check(status, self._headers, b"".join(self._parts))
        if complaint is not None:
            self._course.fail(complaint)
            return
        self._course.samples.append(Sample(self._sent_at, seconds))
        if self._course.take():
            self.send()
        else:
            self._has_left = True
            self._course.leave()


async def _run(
    request: Request, clients: int, requests: int, seconds: float, limit_seconds: float
) -> LoadRun:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    course = _Course(request, max(requests, clients) - clients, clients, math.inf, done)
    connections: list[_Connection] = []
    cpu_before = time.process_time()
    try:
        async with asyncio.timeout(limit_seconds):
            for _ in range(clients):
                _, connection = await loop.create_connection(
                    lambda: _Connection(course), "127.0.0.1", request.port
                )
                connections.append(connection)
            started_at = time.perf_counter()
            course.deadline = started_at + seconds
            for connection in connections:
                connection.send()
            await done
            finished_at = time.perf_counter()
    except TimeoutError:
        answered = len(course.samples)
        raise LoadFailure(f"not over after {limit_seconds:.0f} s; {answered} requests answered") from None
    except OSError as error:
        raise LoadFailure(f"cannot connect: {error}") from error
    finally:
        for connection in connections:
            connection.close()
    return LoadRun(tuple(course.samples), started_at, finished_at, time.process_time() - cpu_before)
