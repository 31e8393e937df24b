"""The stages of the table benchmark: loads beside the bare engine, windows, profile, batches, other formats, peers.

Each gives plain figures; judging them is table_report.py's. Whatever goes wrong raises LoadFailure, ServerFailure
or PeerUnavailable and ends the run without figures.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import bodies
from load import LoadFailure
from node import PEERS
from servers import Server
from table_child import PeakWatch, run_child
from table_client import Built, TableClient
from table_inputs import IDENTITY_MISSING, Input, csv_file, json_file, windows_1252_file, xlsx_file
from table_peers import PeerFigure, measure_pandas, measure_peer
from table_plan import Load, Plan
from table_windows import WindowFigures, measure_windows

_CODES = {
    "few": "too_few_columns",
    "many": "too_many_columns",
    "quote": "quote_trailing_text",
    "utf8": "encoding_invalid",
    IDENTITY_MISSING: "identity_missing",
}
_WARM_UP_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class BareTurn:
    """The engine's own copy: seconds of the statement alone, peak memory of its process."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class MusterTurn:
    """One file as a table. peaks: by role the high-water mark of a process in bytes; total: all at once."""

    built: Built
    peaks: dict[str, int]
    total_bytes: int


@dataclass(frozen=True, slots=True)
class LoadFigure:
    """One size of CSV with planted rows, by the bare engine and by Muster, turn about."""

    rows: int
    size_bytes: int
    planted: int
    bare: tuple[BareTurn, ...]
    muster: tuple[MusterTurn, ...]

    @property
    def bare_seconds(self) -> float:
        return median(turn.seconds for turn in self.bare)

    @property
    def muster_seconds(self) -> float:
        return median(turn.built.seconds for turn in self.muster)

    @property
    def ratio(self) -> float:
        """How fast Muster is, the bare engine being 1."""
        return self.bare_seconds / self.muster_seconds

    @property
    def peak_bytes(self) -> int:
        """The most memory that server, worker and their children held together."""
        return max(turn.total_bytes for turn in self.muster)


@dataclass(frozen=True, slots=True)
class FormatFigure:
    """One other format; `seconds` from the acknowledgement to the table."""

    name: str
    rows: int
    size_bytes: int
    rejected: int
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class ProfileFigure:
    """The profile built again in a process of its own, as often as `seconds` is long."""

    rows: int
    columns: int
    seconds: tuple[float, ...]


@dataclass(slots=True)
class TableFigures:
    """All that one run measured."""

    loads: list[LoadFigure] = field(default_factory=list)
    windows: list[WindowFigures] = field(default_factory=list)
    profile: ProfileFigure | None = None
    batch_seconds: list[float] = field(default_factory=list)
    formats: list[FormatFigure] = field(default_factory=list)
    peers: list[PeerFigure] = field(default_factory=list)


def warm_up(client: TableClient, scratch: Path) -> None:
    """One small file: the worker has started and imported what it needs."""
    client.load_file(csv_file(scratch, "warm-up", _WARM_UP_ROWS))


def measure_load(
    plan: Plan, load: Load, server: Server, client: TableClient, scratch: Path
) -> tuple[LoadFigure, WindowFigures]:
    """One size: the engine and Muster in turn on the same file, then windows of the last table."""
    sent = csv_file(scratch, f"csv-{load.rows}", load.rows, planted_every=plan.planted_every)
    bare, muster = [], []
    for _ in range(load.rounds):
        server.wait_until_quiet()
        bare.append(_bare(sent, scratch, plan.limit_seconds))
        muster.append(_load(sent, server, client))
    _check_rejects(client, muster[-1].built, sent)
    figure = LoadFigure(load.rows, sent.size_bytes, len(sent.planted), tuple(bare), tuple(muster))
    sent.path.unlink()
    windows = measure_windows(
        load, server, client, muster[-1].built, data_folder(scratch), plan.limit_seconds
    )
    return figure, windows


def measure_profile(plan: Plan, server: Server, client: TableClient, scratch: Path) -> ProfileFigure:
    """A table of 14 columns, profiled again and again by the verb the worker uses."""
    sent = csv_file(scratch, "profile", plan.profile_rows, columns=14)
    built = _load(sent, server, client).built
    sent.path.unlink()
    server.wait_until_quiet()
    script = str(Path(__file__).with_name("table_profile.py"))
    command = (sys.executable, script, str(data_folder(scratch)), built.upload_id, str(plan.profile_rounds))
    done = run_child(command, limit_seconds=plan.limit_seconds)
    if done.exit_code:
        raise LoadFailure(f"the profile failed: {done.complaints[-500:]}")
    said = json.loads(done.output)
    if (said["rows"], said["columns"]) != (sent.rows, sent.columns):
        raise LoadFailure(f"the profile is of {said['rows']} rows and {said['columns']} columns")
    return ProfileFigure(said["rows"], said["columns"], tuple(said["seconds"]))


def measure_batches(plan: Plan, server: Server, client: TableClient) -> list[float]:
    """Seconds from posting a batch to its table, each on a server at rest; the first is not counted."""
    body = bodies.small(plan.batch_rows)
    seconds = []
    for _ in range(plan.batches + 1):
        server.wait_until_quiet()
        client.renew()
        seconds.append(client.load_batch(body))
    return seconds[1:]


def measure_formats(plan: Plan, server: Server, client: TableClient, scratch: Path) -> Iterator[FormatFigure]:
    """Files of other formats, one at a time."""
    rows = plan.other_rows
    makers: dict[str, Callable[[str], Input]] = {
        "NDJSON": lambda name: json_file(scratch, name, rows, is_array=False),
        "JSON array": lambda name: json_file(scratch, name, rows, is_array=True),
        "XLSX": lambda name: xlsx_file(scratch, name, plan.xlsx_rows),
        "CSV, 1 % broken rows": lambda name: csv_file(scratch, name, rows, planted_every=100),
        "CSV, windows-1252": lambda name: windows_1252_file(scratch, name, rows),
        "CSV, gzip": lambda name: csv_file(scratch, name, rows, is_gzipped=True),
        "CSV, clean": lambda name: csv_file(scratch, name, rows),
    }
    for number, (shown, make) in enumerate(makers.items()):
        sent = make(f"format-{number}")
        server.wait_until_quiet()
        turn = _load(sent, server, client)
        yield FormatFigure(
            shown, sent.rows, sent.size_bytes, turn.built.rejected, turn.built.seconds, turn.total_bytes
        )
        sent.path.unlink()


def measure_peers(plan: Plan, scratch: Path) -> Iterator[PeerFigure]:
    """Each peer in turn, while the server rests; pandas on the largest size too where the plan says so."""
    if not plan.peers:
        return
    clean = csv_file(scratch, "peers-clean", plan.peer_rows)
    broken = csv_file(scratch, "peers-broken", plan.peer_rows, planted_every=plan.planted_every)
    for name in plan.peers:
        yield measure_peer(name, clean, broken, scratch, plan.limit_seconds)
    for used in (clean, broken):
        used.path.unlink()
    if plan.pandas_large and "pandas" in plan.peers:
        large = csv_file(scratch, "peers-large", plan.loads[-1].rows)
        yield measure_pandas(large, scratch, plan.limit_seconds)
        large.path.unlink()


def data_folder(scratch: Path) -> Path:
    """Where the server keeps its data."""
    return scratch / "muster" / "data"


def _bare(sent: Input, scratch: Path, limit_seconds: float) -> BareTurn:
    target = scratch / "bare.parquet"
    command = (sys.executable, str(PEERS / "bare.py"), str(sent.path), str(target), str(os.cpu_count() or 1))
    done = run_child(command, limit_seconds=limit_seconds)
    target.unlink(missing_ok=True)
    if done.exit_code:
        raise LoadFailure(f"the bare engine failed: {done.complaints[-500:]}")
    said = json.loads(done.output)
    unreadable = len(sent.planted) - sent.identity_missing
    if (said["rows"], said["rejects"]) != (sent.rows - unreadable, unreadable):
        raise LoadFailure(f"the bare engine made {said} of {sent.rows} rows, {unreadable} of them unreadable")
    return BareTurn(said["seconds"], done.peak_bytes)


def _load(sent: Input, server: Server, client: TableClient) -> MusterTurn:
    with PeakWatch(server.process) as watch:
        built = client.load_file(sent)
    return MusterTurn(built, dict(watch.peaks), watch.total_bytes)


def _check_rejects(client: TableClient, built: Built, sent: Input) -> None:
    """Each planted row is rejected for what is wrong with it, in the order of rows."""
    codes = client.reject_codes(built.upload_id)
    expected = [_CODES[kind] for kind in sent.planted][: len(codes)]
    if not codes or codes != expected:
        raise LoadFailure(f"the rejects are not the planted rows: {codes[:10]}")
