"""The tools people load CSV with: how long each takes for clean rows, and what becomes of broken ones.

pandas and sqlite-utils live in an environment of their own (`scripts/setup.sh bench`); the command `sqlite3` is the
system's. What becomes of broken rows is found out by looking for them in what each tool made.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
from load import LoadFailure
from node import PEERS, PeerUnavailable
from table_child import ChildRun, run_child
from table_inputs import IDENTITY_MISSING, MARK, Input

_ENVIRONMENT = Path(__file__).parents[1] / ".venv-bench" / "bin"
_ROWS_AND_MARKED = (
    "SELECT count(*), "
    f"count(*) FILTER (WHERE name LIKE '{MARK}%' AND name NOT LIKE '{MARK}{IDENTITY_MISSING}%')"
)


@dataclass(frozen=True, slots=True)
class PeerFigure:
    """One tool. seconds: for `rows` clean rows; fates: sentences about the file with broken ones."""

    peer: str
    rows: int
    seconds: float
    peak_bytes: int
    fates: tuple[str, ...]


def measure_peer(name: str, clean: Input, broken: Input, scratch: Path, limit_seconds: float) -> PeerFigure:
    """Time one tool. Raises LoadFailure when it fails on clean rows, PeerUnavailable when it is not there."""
    run, fates = _PEERS[name]
    seconds, child = run(clean, scratch, limit_seconds)
    return PeerFigure(
        name, clean.rows, seconds, child.peak_bytes, tuple(fates(broken, scratch, limit_seconds))
    )


def measure_pandas(clean: Input, scratch: Path, limit_seconds: float) -> PeerFigure:
    """pandas at one more size. Raises LoadFailure, PeerUnavailable."""
    seconds, child = _pandas(clean, scratch, limit_seconds)
    return PeerFigure("pandas", clean.rows, seconds, child.peak_bytes, ())


def _pandas(clean: Input, scratch: Path, limit_seconds: float) -> tuple[float, ChildRun]:
    target = scratch / "pandas.parquet"
    done = _succeeded(_pandas_child(clean, target, "default", limit_seconds))
    said = json.loads(done.output)
    if (said["rows"], _in_parquet(target)[0]) != (clean.rows, clean.rows):
        raise LoadFailure(f"pandas made {said['rows']} rows of {clean.rows}")
    return said["seconds"], done


def _pandas_child(source: Input, target: Path, way: str, limit_seconds: float) -> ChildRun:
    target.unlink(missing_ok=True)
    script = str(PEERS / "pandas_copy.py")
    return run_child(
        (_installed("python"), script, str(source.path), str(target), way), limit_seconds=limit_seconds
    )


def _pandas_fates(broken: Input, scratch: Path, limit_seconds: float) -> list[str]:
    target = scratch / "pandas.parquet"
    fates = []
    for way, called in (("default", "read_csv(dtype=str)"), ("lenient", "the same, bad lines skipped")):
        done = _pandas_child(broken, target, way, limit_seconds)
        if done.exit_code:
            fates.append(f"{called}: refuses the whole file: {_last_line(done)}")
        else:
            fates.append(f"{called}: {_fate(broken, *_in_parquet(target))}")
    return fates


def _sqlite3(clean: Input, scratch: Path, limit_seconds: float) -> tuple[float, ChildRun]:
    database = scratch / "sqlite3.db"
    done = _succeeded(_import(clean, database, limit_seconds))
    return done.seconds, _whole(done, "sqlite3", clean, database)


def _import(source: Input, database: Path, limit_seconds: float) -> ChildRun:
    command = shutil.which("sqlite3")
    if command is None:
        raise PeerUnavailable(
            "there is no sqlite3 command here; leave it out with --peers pandas,sqlite-utils"
        )
    database.unlink(missing_ok=True)
    return run_child(
        (command, str(database)),
        limit_seconds=limit_seconds,
        stdin=f".import --csv '{source.path}' records\n",
    )


def _sqlite3_fates(broken: Input, scratch: Path, limit_seconds: float) -> list[str]:
    database = scratch / "sqlite3.db"
    done = _import(broken, database, limit_seconds)
    lines = len(done.complaints.splitlines())
    return [f".import: {_fate(broken, *_in_sqlite(database))}; {lines} lines of warnings"]


def _sqlite_utils(clean: Input, scratch: Path, limit_seconds: float) -> tuple[float, ChildRun]:
    database = scratch / "sqlite-utils.db"
    done = _succeeded(_insert(clean, database, limit_seconds))
    return done.seconds, _whole(done, "sqlite-utils", clean, database)


def _insert(source: Input, database: Path, limit_seconds: float) -> ChildRun:
    database.unlink(missing_ok=True)
    command = (_installed("sqlite-utils"), "insert", str(database), "records", str(source.path), "--csv")
    return run_child((*command, "--silent"), limit_seconds=limit_seconds)


def _sqlite_utils_fates(broken: Input, scratch: Path, limit_seconds: float) -> list[str]:
    database = scratch / "sqlite-utils.db"
    done = _insert(broken, database, limit_seconds)
    if done.exit_code:
        rows = _in_sqlite(database)[0] if _has_records(database) else 0
        return [f"insert --csv: refuses, after {rows} rows were inserted: {_last_line(done)}"]
    return [f"insert --csv: {_fate(broken, *_in_sqlite(database))}"]


def _installed(program: str) -> str:
    path = _ENVIRONMENT / program
    if not path.exists():
        raise PeerUnavailable(f"{program} is not in .venv-bench; run `scripts/setup.sh bench` first")
    return str(path)


def _succeeded(done: ChildRun) -> ChildRun:
    if done.exit_code:
        raise LoadFailure(f"a peer failed on clean rows: {_last_line(done)}")
    return done


def _whole(done: ChildRun, name: str, clean: Input, database: Path) -> ChildRun:
    rows, _ = _in_sqlite(database)
    if rows != clean.rows:
        raise LoadFailure(f"{name} made {rows} rows of {clean.rows}")
    return done


def _last_line(done: ChildRun) -> str:
    """What it complains of: its last line with the word error, else its last one."""
    lines = [line.strip() for line in done.complaints.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or [f"exit code {done.exit_code}"])[-1][:160]


def _fate(broken: Input, rows: int, marked: int) -> str:
    """Where the rows of a file went, by what can be counted in the result."""
    unreadable = len(broken.planted) - broken.identity_missing
    dropped = unreadable - marked
    gone = broken.rows - rows - dropped
    return (
        f"of {unreadable} unreadable rows {marked} are in the table like any other and {dropped} dropped; "
        f"{gone} good rows are gone"
    )


def _in_parquet(path: Path) -> tuple[int, int]:
    with duckdb.connect() as engine:
        rows, marked = engine.execute(f"{_ROWS_AND_MARKED} FROM '{path}'").fetchall()[0]
    return rows, marked


def _in_sqlite(path: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as database:
        rows, marked = database.execute(f"{_ROWS_AND_MARKED} FROM records").fetchone()
    return rows, marked


def _has_records(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as database:
        return bool(
            database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'records'").fetchone()[0]
        )


_Run = Callable[[Input, Path, float], tuple[float, ChildRun]]
_Fates = Callable[[Input, Path, float], Sequence[str]]
_PEERS: dict[str, tuple[_Run, _Fates]] = {
    "pandas": (_pandas, _pandas_fates),
    "sqlite3": (_sqlite3, _sqlite3_fates),
    "sqlite-utils": (_sqlite_utils, _sqlite_utils_fates),
}
