"""The four stages of a run: posts in interleaved rounds, tails of tiny posts, memory, reads.

Each stage takes servers that already answer and gives plain figures; judging them is report.py's.
A wrong answer in any of them raises LoadFailure and ends the run.
"""

import gzip
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bodies import Body
from load import ExpectContent, Headers, LoadFailure, fetch, percentile, run_load
from memory import MemoryWatch, ProcessGrowth
from plan import Cell, Memory, Plan, Reads, Tail
from servers import UPLOADS, Server, running

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_UNBOUNDED = 10**9


@dataclass(frozen=True, slots=True)
class Round:
    """One server's turn in one round. CPU counts the server, its children and work put off until later."""

    requests: int
    p50_ms: float
    p95_ms: float
    requests_per_second: float
    server_cpu_ms_per_request: float
    client_cpu_ms_per_request: float


@dataclass(frozen=True, slots=True)
class PostFigure:
    """One server at one body and number of clients: medians over its rounds."""

    server: str
    body: str
    clients: int
    rounds: tuple[Round, ...]

    @property
    def p50_ms(self) -> float:
        return median(turn.p50_ms for turn in self.rounds)

    @property
    def p95_ms(self) -> float:
        return median(turn.p95_ms for turn in self.rounds)

    @property
    def requests_per_second(self) -> float:
        return median(turn.requests_per_second for turn in self.rounds)

    @property
    def server_cpu_ms(self) -> float:
        return median(turn.server_cpu_ms_per_request for turn in self.rounds)


@dataclass(slots=True)
class TailFigure:
    """Latencies of tiny posts in milliseconds, and how many big posts were answered meanwhile."""

    server: str
    alone_ms: list[float] = field(default_factory=list)
    loaded_ms: list[float] = field(default_factory=list)
    big_posts: int = 0
    big_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MemoryFigure:
    """Growth of each process of one server; `total_pss_bytes` is the peak of all of them together."""

    server: str
    processes: tuple[ProcessGrowth, ...]
    total_pss_bytes: int

    @property
    def worst_growth_bytes(self) -> int:
        return max(process.growth_bytes for process in self.processes)


@dataclass(frozen=True, slots=True)
class WholeRead:
    """The whole small upload in one encoding: what the server made of the wish, bytes and time."""

    asked: str
    served: str
    wire_bytes: int
    json_bytes: int
    median_ms: float

    @property
    def json_megabytes_per_second(self) -> float:
        return self.json_bytes / 1e6 / (self.median_ms / 1e3)


@dataclass(frozen=True, slots=True)
class ReadFigures:
    """Medians of reads by one client."""

    tiny_ms: float
    window_ms: float
    whole: tuple[WholeRead, ...]


def warm_up(server: Server, bodies: Mapping[str, Body]) -> None:
    """Let compilers, caches and pools settle; for the slow peer a few requests, for quick ones more."""
    run_load(server.post(bodies["tiny"]), clients=1, requests=100, seconds=2, limit_seconds=60)
    for name in ("small", "wide"):
        run_load(server.post(bodies[name]), clients=2, requests=8, seconds=1.5, limit_seconds=60)
    server.wait_until_quiet()


def measure_posts(
    plan: Plan, servers: Sequence[Server], bodies: Mapping[str, Body]
) -> Iterator[tuple[Cell, list[PostFigure]]]:
    """Every cell of the plan in turn, with one figure for each of its servers."""
    for cell in plan.cells:
        taking_part = [server for server in servers if server.name in cell.servers]
        turns: dict[str, list[Round]] = {server.name: [] for server in taking_part}
        for number in range(cell.rounds):
            first = number % len(taking_part)
            for server in taking_part[first:] + taking_part[:first]:
                turns[server.name].append(_turn(server, cell, bodies[cell.body], plan.limit_seconds))
        yield cell, [PostFigure(name, cell.body, cell.clients, tuple(of)) for name, of in turns.items()]


def _turn(server: Server, cell: Cell, body: Body, limit_seconds: float) -> Round:
    cpu_before = server.cpu_seconds()
    run = run_load(
        server.post(body),
        clients=cell.clients,
        requests=_UNBOUNDED,
        seconds=cell.seconds,
        limit_seconds=limit_seconds,
    )
    server.wait_until_quiet()
    count = len(run.samples)
    return Round(
        requests=count,
        p50_ms=percentile(run.seconds, 50) * 1e3,
        p95_ms=percentile(run.seconds, 95) * 1e3,
        requests_per_second=run.requests_per_second,
        server_cpu_ms_per_request=(server.cpu_seconds() - cpu_before) / count * 1e3,
        client_cpu_ms_per_request=run.client_cpu_seconds / count * 1e3,
    )


def measure_tails(plan: Tail, servers: Sequence[Server], bodies: Mapping[str, Body]) -> list[TailFigure]:
    """Tiny posts alone and beside big ones; the big ones come from a client process of their own.

    Only tiny posts sent while all the big clients were at work are counted.
    """
    figures = {server.name: TailFigure(server.name) for server in servers if server.name in plan.servers}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as other_client:
        for _ in range(plan.rounds):
            for server in servers:
                if server.name in figures:
                    _tail_round(plan, server, bodies, other_client, figures[server.name])
    return list(figures.values())


def _tail_round(
    plan: Tail,
    server: Server,
    bodies: Mapping[str, Body],
    other_client: ProcessPoolExecutor,
    figure: TailFigure,
) -> None:
    tiny, big = server.post(bodies["tiny"]), server.post(bodies["small"])
    alone = run_load(tiny, clients=1, requests=_UNBOUNDED, seconds=plan.alone_seconds, limit_seconds=60)
    figure.alone_ms += [sample.seconds * 1e3 for sample in alone.samples]
    server.wait_until_quiet()
    others = other_client.submit(
        run_load,
        big,
        clients=plan.clients,
        requests=_UNBOUNDED,
        seconds=plan.loaded_seconds,
        limit_seconds=plan.loaded_seconds + 60,
    )
    # The other process needs a moment to begin: go on until it is over, then keep what overlapped.
    beside: list[tuple[float, float]] = []
    while not others.done():
        run = run_load(tiny, clients=1, requests=_UNBOUNDED, seconds=0.5, limit_seconds=60)
        beside += [(sample.sent_at, sample.seconds) for sample in run.samples]
    load = others.result(timeout=60)
    if len(load.samples) < 2 * plan.clients:
        raise LoadFailure(f"{server.name} answered {len(load.samples)} big posts: too few to call it loaded")
    last_sent_at = max(sample.sent_at for sample in load.samples)
    figure.loaded_ms += [
        seconds * 1e3 for sent_at, seconds in beside if load.started_at <= sent_at <= last_sent_at
    ]
    figure.big_posts += len(load.samples)
    figure.big_seconds += load.finished_at - load.started_at
    server.wait_until_quiet()


def measure_memory(
    plan: Memory, bodies: Mapping[str, Body], scratch: Path, limit_seconds: float
) -> list[MemoryFigure]:
    """Each server started anew, given a few tiny posts, then watched under big ones."""
    figures = []
    for name in plan.servers:
        with running(name, scratch / f"memory-{name}") as server:
            run_load(server.post(bodies["tiny"]), clients=1, requests=20, seconds=5, limit_seconds=60)
            server.wait_until_quiet()
            with MemoryWatch(server) as watch:
                run_load(
                    server.post(bodies["small"]),
                    clients=plan.clients,
                    requests=plan.posts,
                    seconds=30,
                    limit_seconds=limit_seconds,
                )
                server.wait_until_quiet()
            figures.append(MemoryFigure(name, watch.growths, watch.peak_total_pss_bytes))
    return figures


def measure_reads(plan: Reads, server: Server, bodies: Mapping[str, Body]) -> ReadFigures:
    """Windows and whole uploads; every kind of answer is compared with what was sent before it is timed."""
    tiny_path = f"{UPLOADS}/{_upload(server, bodies['tiny'])}"
    small_path = f"{UPLOADS}/{_upload(server, bodies['small'])}"
    window_path = f"{small_path}?offset={plan.offset}&limit={plan.limit}"
    server.wait_until_quiet()

    tiny_bytes = len(_checked_whole(server, tiny_path, bodies["tiny"]))
    window_bytes = _checked_window(server, window_path, plan, bodies["small"])
    identity = _checked_whole(server, small_path, bodies["small"])
    encodings = {asked: _encoded(server, small_path, asked, identity) for asked in ("gzip", "zstd")}

    tiny_ms: list[float] = []
    window_ms: list[float] = []
    whole_ms: dict[str, list[float]] = {"identity": [], "gzip": [], "zstd": []}
    for _ in range(plan.rounds):
        tiny_ms += _timed(server, tiny_path, ExpectContent(tiny_bytes), plan.windows)
        window_ms += _timed(server, window_path, ExpectContent(window_bytes), plan.windows)
        whole_ms["identity"] += _timed(server, small_path, ExpectContent(len(identity)), plan.whole)
        for asked, expected in encodings.items():
            whole_ms[asked] += _timed(server, small_path, expected, plan.whole, asked)
    expected_of = {"identity": ExpectContent(len(identity))} | encodings
    return ReadFigures(
        tiny_ms=median(tiny_ms),
        window_ms=median(window_ms),
        whole=tuple(
            WholeRead(asked, expected.encoding, expected.body_bytes, len(identity), median(whole_ms[asked]))
            for asked, expected in expected_of.items()
        ),
    )


def _upload(server: Server, body: Body) -> str:
    _, _, answer = fetch(server.post(body))
    upload_id: str = json.loads(answer)["upload_id"]
    return upload_id


def _read(server: Server, path: str, headers: Headers | None = None) -> tuple[Headers, bytes]:
    def is_ok(status: int, _headers: Headers, body: bytes) -> str | None:
        return None if status == 200 else f"GET {path}: status {status}: {body[:300]!r}"

    _, answered, content = fetch(server.get(path, is_ok, headers))
    return answered, content


def _checked_whole(server: Server, path: str, body: Body) -> bytes:
    _, content = _read(server, path)
    if body.records not in content:
        raise LoadFailure(f"GET {path} does not give the records back byte for byte")
    return content


def _checked_window(server: Server, path: str, plan: Reads, body: Body) -> int:
    _, content = _read(server, path)
    expected = json.loads(body.records)[plan.offset : plan.offset + plan.limit]
    if not expected or json.loads(content)["records"] != expected:
        raise LoadFailure(f"GET {path} is not the window asked for")
    return len(content)


def _encoded(server: Server, path: str, asked: str, identity: bytes) -> ExpectContent:
    headers, content = _read(server, path, {"Accept-Encoding": asked})
    served = headers.get("content-encoding", "identity")
    decode: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.decompress,
        "zstd": zstd.decompress,
        "identity": bytes,
    }
    decoded = decode[served](content)
    if decoded != identity:
        raise LoadFailure(f"GET {path} in {served} is not what it is without")
    return ExpectContent(len(content), served)


def _timed(
    server: Server, path: str, expected: ExpectContent, count: int, encoding: str | None = None
) -> list[float]:
    headers = {"Accept-Encoding": encoding} if encoding else None
    request = server.get(path, expected, headers)
    run = run_load(request, clients=1, requests=count, seconds=30, limit_seconds=60)
    return [seconds * 1e3 for seconds in run.seconds]
