"""A REST service on loopback in a process of its own: quick, exact in its counts, and as hostile as it is asked to be.

    with enrich_server() as service:
        service.weather(latency=0.02, burst_every=500, burst_calls=40, retry_after="1")
        ...GET {service.url}/v1/companies/{domain}, POST {service.url}/v1/batch...
        service.stats.calls, service.stats.times, service.stats.answered["example.org"]

`/v1/companies/NAME` answers what `company_of(NAME)` says, or 404; `/v1/batch?mode=...` answers many at once, in order or
in one of the ways a service can get that wrong; `/hostile/KIND` answers what nobody should have to read. Bad weather
comes over `/v1` only: by number of the call, so that two runs meet the same.
Run by itself (`python -m tests.support.enrich_server`) it prints its port and serves until its input ends.
"""

import asyncio
import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.hostile_answers import answer_badly

KEY = "sk-test-4242"
"""What `/v1/secret/...` wants as a Bearer token."""
_PULSE_SECONDS = 0.02


@dataclass(frozen=True)
class Weather:
    """latency: seconds before each answer. burst_every, burst_calls: after so many calls, so many 429 in a row, with
    this `Retry-After`. fail_every: each nth call is a 500; hang_every: each nth is never answered.
    refuse_from: from this call on every one is a 401. down_from, down_until: these calls are 503.
    """

    latency: float = 0.0
    burst_every: int = 0
    burst_calls: int = 0
    retry_after: str | None = "1"
    fail_every: int = 0
    hang_every: int = 0
    refuse_from: int = 0
    down_from: int = 0
    down_until: int = 0

    def status(self, number: int) -> int:
        """What the call of this number (from 1) meets; 200: its answer, 0: none."""
        if self.refuse_from and number >= self.refuse_from:
            return 401
        if self.down_from and self.down_from <= number < self.down_until:
            return 503
        if self.burst_every and number % self.burst_every < self.burst_calls and number >= self.burst_every:
            return 429
        if self.fail_every and number % self.fail_every == 0:
            return 500
        if self.hang_every and number % self.hang_every == 0:
            return 0
        return 200


@dataclass
class Stats:
    """calls: to /v1 and /hostile. times: when each came (time.monotonic, the same clock in every process), as complete
    as it was read. asked, answered: calls by input, and those of them that got its answer. most_at_once: calls."""

    calls: int = 0
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)  # the last hundred, as sent
    heads: list[str] = field(default_factory=list)  # the last ten
    bodies: list[str] = field(default_factory=list)  # the last ten
    connections: int = 0
    most_at_once: int = 0
    longest_stall: float = (
        0.0  # seconds the service itself was held up: what it then sees late was not sent late
    )

    def most_in(self, seconds: float) -> int:
        """The most calls that came in any window so long."""
        times, first, most = sorted(self.times), 0, 0
        for last, moment in enumerate(times):
            while moment - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


def company_of(name: str) -> dict[str, Any] | None:
    """What the service knows of a name; of one in ten nothing. The same in every process."""
    digest = hashlib.sha256(name.encode()).digest()
    if digest[0] % 10 == 0:
        return None
    company = {"name": f"Company {digest[:3].hex()}", "employees": digest[1] * 10, "domain": name}
    return {"company": company, "score": digest[2] % 101, "active": digest[3] % 2 == 0}


class Service:
    """A running service, from outside."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def weather(self, **weather: Any) -> None:
        """From the next call on; counting begins anew."""
        self._ask("/control/weather", asdict(Weather(**weather)))

    @property
    def stats(self) -> Stats:
        told: dict[str, Any] = self._ask("/control/stats")
        told["statuses"] = Counter({int(status): count for status, count in told["statuses"].items()})
        told |= {name: Counter(told[name]) for name in ("asked", "answered")}
        return Stats(**told)

    def _ask(self, path: str, body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.url + path, sent, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def enrich_server() -> Iterator[Service]:
    """Start one, and stop it at the end."""
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.enrich_server"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Service(int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=20)


class _State:
    def __init__(self) -> None:
        self.stats = Stats()
        self.weather = Weather()
        self.under_way = 0


class _Wire(asyncio.Protocol):
    """One connection. Reads heads and bodies as clients of ours send them, and nothing odder."""

    def __init__(self, state: _State) -> None:
        self._state = state
        self._buffer = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._state.stats.connections += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")),
                0,
            )
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head, body)

    def _answer(self, head: str, body: bytes) -> None:
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        path = urlsplit(target).path
        if path.startswith("/control/"):
            self.send(200, _control(self._state, path, body))
            return
        state, stats = self._state, self._state.stats
        stats.calls += 1
        stats.times.append(time.monotonic())
        stats.paths = [*stats.paths[-99:], target]
        stats.heads = [*stats.heads[-9:], head]
        stats.bodies = [*stats.bodies[-9:], body.decode("latin-1")]
        state.under_way += 1
        stats.most_at_once = max(stats.most_at_once, state.under_way)
        if path.startswith("/hostile/"):
            state.under_way -= 1
            answer_badly(self, *unquote(path).split("/", 3)[2:])
            return
        asyncio.get_running_loop().call_later(
            state.weather.latency, self._later, method, target, head, body, stats.calls
        )

    def _later(self, method: str, target: str, head: str, body: bytes, number: int) -> None:
        state, stats = self._state, self._state.stats
        state.under_way -= 1
        asked, status, answer = _service(method, target, head, body)
        weather = state.weather.status(number)
        stats.asked.update(asked)
        if weather == 0:
            return
        if weather != 200:
            status, answer = weather, {"error": "weather"}
        else:
            stats.answered.update(asked)
        stats.statuses[status] += 1
        headers = (
            {"Retry-After": state.weather.retry_after}
            if weather in {429, 503} and state.weather.retry_after
            else {}
        )
        self.send(status, json.dumps(answer).encode(), headers)

    def send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, length: int | None = None
    ) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}"]
        given = {"Content-Type": "application/json", **(headers or {})}
        lines += [f"{name}: {value}" for name, value in given.items()]
        self.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)


def _control(state: _State, path: str, body: bytes) -> bytes:
    if path == "/control/weather":
        state.weather = Weather(**json.loads(body))
        state.stats = Stats()
        state.under_way = 0
        return b"{}"
    return json.dumps(vars(state.stats)).encode()


def _service(method: str, target: str, head: str, body: bytes) -> tuple[list[str], int, Any]:
    """(inputs asked about, status, answer) of a call to /v1."""
    url = urlsplit(target)
    parts = url.path.split("/")[2:]
    if parts[0] == "secret":
        if f"authorization: bearer {KEY}" not in head.lower():
            return [], 401, {"error": "who are you?"}
        parts = parts[1:]
    if parts[0] == "companies":
        name = unquote(parts[1])
        found = company_of(name)
        return [name], 404 if found is None else 200, found
    if parts[0] == "batch" and method == "POST":
        items = json.loads(body)["items"]
        mode = parse_qs(url.query).get("mode", ["position"])[0]
        return [item["domain"] for item in items], 200, _batch(items, mode)
    if parts[0] == "echo":
        return [], 200, {"method": method, "target": target, "head": head, "body": body.decode("latin-1")}
    return [], 404, {"error": "no such route"}


def _batch(items: list[dict[str, Any]], mode: str) -> Any:
    results: list[Any] = [
        None
        if (found := company_of(item["domain"])) is None
        else {**found, "id": item.get("id", item["domain"])}
        for item in items
    ]
    known = [result for result in results if result is not None]
    match mode:
        case "few":
            results = results[:-1]
        case "many":
            results = [*results, results[0]]
        case "shuffled":
            results = known[::-1]
        case "duplicate":
            results = [*known, *known[:1]]
        case "strangers":
            results = [*known, {"id": "nobody-asked", "company": {"name": "X"}}, 5, None, {"id": {"a": 1}}]
        case "object":
            return {"results": {"a": results}}
    return {"results": results}


async def _feel_the_pulse(state: _State) -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(_PULSE_SECONDS)
        stalled = time.monotonic() - before - _PULSE_SECONDS
        state.stats.longest_stall = max(state.stats.longest_stall, stalled)


async def _serve() -> None:
    state = _State()
    pulse = asyncio.get_running_loop().create_task(_feel_the_pulse(state))
    loop = asyncio.get_running_loop()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await loop.create_server(lambda: _Wire(state), sock=listener)
    ended = asyncio.Event()

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()  # ends with whoever started this
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print(listener.getsockname()[1], flush=True)  # noqa: T201
    await ended.wait()
    pulse.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
