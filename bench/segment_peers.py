"""Plainer ways to count a segment, each in a process of its own; and the counts every one of them must come to."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import duckdb
from load import LoadFailure
from node import PEERS as SCRIPTS
from node import PeerUnavailable
from segment_inputs import Ask
from table_child import run_child
from table_inputs import Input

PEERS = ("pandas", "sqlite")
_PANDAS = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Truth:
    """Of one file. counts: of each ask; addresses: different ones, in any letters; without: rows that have none."""

    rows: int
    counts: tuple[int, ...]
    addresses: int
    without: int


@dataclass(frozen=True, slots=True)
class PeerFigure:
    """One tool. seconds: to load, of each count, and to find one row of every address."""

    peer: str
    rows: int
    loaded: float
    seconds: tuple[float, ...]
    dedupe: float

    def text(self) -> str:
        return (
            f"{self.peer:<8}{self.rows:>11,} rows: load {self.loaded:.1f} s, count {median(self.seconds) * 1e3:.0f} ms "
            f"(median of {len(self.seconds)}), duplicates {self.dedupe * 1e3:.0f} ms"
        )


def expected(sent: Input, asked: Sequence[Ask]) -> Truth:
    """By the table engine straight from the file."""
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE people AS FROM read_csv('{sent.path}')")
        counts = ", ".join(f"count(*) FILTER (WHERE {ask.sql()})" for ask in asked)
        told = "count(DISTINCT lower(email)) FILTER (WHERE email <> 'n/a'), count(*) FILTER (WHERE email = 'n/a')"
        rows, addresses, without, *found = engine.execute(f"SELECT count(*), {told}, {counts} FROM people").fetchall()[0]  # noqa: S608  # fmt: skip
    if rows != sent.rows or not all(found):
        raise LoadFailure(f"{rows} rows were made instead of {sent.rows}, or an ask matches none: {found}")
    return Truth(rows, tuple(found), addresses, without)


def measure_peer(
    name: str, sent: Input, asked: Sequence[Ask], truth: Truth, scratch: Path, limit_seconds: float
) -> PeerFigure:
    """Time one tool. Raises LoadFailure for a wrong count, PeerUnavailable when the tool is not there."""
    python = Path(sys.executable)
    if name == "pandas":
        python = _PANDAS
        if not python.exists():
            raise PeerUnavailable("pandas is not in .venv-bench; run `scripts/setup.sh bench` first")
    given = scratch / "asks.json"
    texts = [asdict(ask) for ask in asked] if name == "pandas" else [ask.sql() for ask in asked]
    given.write_text(json.dumps(texts), encoding="utf-8")
    said = _told((python, SCRIPTS / f"segment_{name}.py", sent.path, given), limit_seconds)
    # To both of them the rows without an address are one more.
    if (tuple(said["counts"]), said["left"]) != (truth.counts, truth.addresses + 1):
        raise LoadFailure(f"{name} counts something else than the engine")
    return PeerFigure(name, sent.rows, said["loaded"], tuple(said["seconds"]), said["dedupe_seconds"])


def bare_dedupe(hot: Path, column: str, truth: Truth, limit_seconds: float) -> float:
    """Median seconds of the engine's own query over the table's copy. Raises LoadFailure."""
    script = SCRIPTS / "bare_dedupe.py"
    said = _told((sys.executable, script, hot, column, 5, os.cpu_count() or 1), limit_seconds)
    if said["left"] != truth.addresses + 1:
        raise LoadFailure(f"the engine leaves {said['left']} rows of {truth.addresses} addresses")
    return median(said["seconds"])


def _told(command: Sequence[object], limit_seconds: float) -> dict[str, list[float] | float]:
    ended = run_child([str(part) for part in command], limit_seconds=limit_seconds)
    if ended.exit_code != 0:
        raise LoadFailure(f"{command[1]} failed: {ended.complaints[-500:]}")
    told: dict[str, list[float] | float] = json.loads(ended.output)
    return told
