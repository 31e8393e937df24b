"""Benchmark of exports: CSV files of whole tables over a real server, beside the table engine's own COPY.

    python bench/exports.py [--quick] [--rows 1000000,10000000] [--output results.json]

Every file is downloaded to its end and compared with what was uploaded, row by row, so none is taken for complete that
is not. Exit codes: 0 every target met, 1 a target missed or a run failed, 2 wrong usage. See README.md beside it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import duckdb
from facts import machine_facts, package_versions
from load import LoadFailure
from memory import MemoryWatch
from report import Target
from servers import Server, ServerFailure, running
from table_child import run_child
from table_client import TableClient
from table_inputs import Input
from table_report import targets_text

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "exports.json"
EXPORTS = "/api/audience/exports"
COLUMNS = ("email", "first_name", "last_name", "company_name", "phone", "postal_code", "country", "job_title")
FULL_ROWS, QUICK_ROWS = (1_000_000, 10_000_000), (200_000,)
_JSON = {"Content-Type": "application/json"}
_LIMIT_SECONDS = 1800.0
_TIMES = 3
_PIECE_BYTES = 1024 * 1024
_LEAST_SPEED, _MOST_GROWTH, _MOST_MEMORY_GB = 0.7, 1.25, 1.5


@dataclass(slots=True)
class Figures:
    """Of one table. Seconds; medians of several runs, the engine and exports in turn. peak_bytes: all processes, shared
    pages once. plain: with formulas as they are. bare_cpu, export_cpu: seconds of processors.
    """

    rows: int
    bare: float
    bare_cpu: float
    export: float
    export_cpu: float
    plain: float
    file_bytes: int
    peak_bytes: int
    download: float

    @property
    def speed(self) -> float:
        return self.bare / self.export


def measure(rows: int, scratch: Path) -> Figures:
    """One table. Raises LoadFailure, ServerFailure; then there are no figures."""
    sent = people(scratch, rows)
    with running("muster", scratch / "muster") as server, TableClient(server, _LIMIT_SECONDS) as client:
        upload_id = client.load_file(sent).upload_id
        server.wait_until_quiet()
        parts = scratch / "muster" / "data" / "objects" / "tables" / upload_id[-2:] / upload_id
        bare, bare_cpu, took, cpu, plain, peaks = [], [], [], [], [], []
        for _ in range(_TIMES):
            told = _bare(parts, scratch, rows)
            bare.append(told["seconds"])
            bare_cpu.append(told["cpu"])
            server.wait_until_quiet()
            cpu_at = _cpu_seconds(server)
            with MemoryWatch(server) as watch:
                seconds, export = exported(client, upload_id, {})
            cpu.append(_cpu_seconds(server) - cpu_at)
            took.append(seconds)
            peaks.append(watch.peak_total_pss_bytes)
            plain.append(exported(client, upload_id, {"formula_safe": False})[0])
        target = scratch / "export.csv"
        download = downloaded(server, export, target)
        compare(sent, target)
    return Figures(
        rows,
        _median(bare),
        _median(bare_cpu),
        _median(took),
        _median(cpu),
        _median(plain),
        target.stat().st_size,
        max(peaks),
        download,
    )


def people(folder: Path, rows: int) -> Input:
    """A list of people: eight columns, some cells empty, some with what CSV must quote."""
    select = (
        "SELECT 'user' || i || '@mail' || i % 977 || '.example.com' AS email, 'First' || i % 5003 AS first_name, "  # noqa: S608
        "'Last' || i % 7919 AS last_name, "
        "'Company ' || i % 20011 || CASE WHEN i % 50 = 0 THEN ', \"Inc\"' ELSE '' END AS company_name, "
        "'+1415555' || lpad((i % 10000)::VARCHAR, 4, '0') AS phone, i % 90000 AS postal_code, "
        "CASE WHEN i % 3 = 0 THEN NULL ELSE 'US' END AS country, "
        f"'Some title of a person ' || i % 101 AS job_title FROM range({rows}) t(i)"
    )
    path = folder / "people.csv"
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({select}) TO '{path}' (FORMAT csv, HEADER true)")
    return Input("people", path, rows, (), columns=len(COLUMNS))


def exported(client: TableClient, upload_id: str, options: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Make an export of a whole table and wait for its end: seconds by its own times, and the export."""
    client.renew()
    wish = {"upload_id": upload_id, "columns": list(COLUMNS), "options": options}
    answer = client.ask("POST", EXPORTS, json.dumps(wish).encode(), _JSON, expected=202)
    export = answer["export"]
    began_at = time.perf_counter()
    while export["status"] in {"queued", "running"}:
        time.sleep(0.1)  # between two looks; its own times count
        path = f"{EXPORTS}/{export['export_id']}"
        export = client.ask("GET", path, None, {}, expected=200)["export"]
        if time.perf_counter() - began_at > _LIMIT_SECONDS:
            raise LoadFailure(f"an export is not over after {_LIMIT_SECONDS:.0f} s")
    if export["status"] != "done" or export["rows"] != export["written"]:
        raise LoadFailure(f"an export ended {export['status']}: {export['reason']}")
    started, finished = (datetime.fromisoformat(export[name]) for name in ("started_at", "finished_at"))
    return (finished - started).total_seconds(), export


def downloaded(server: Server, export: dict[str, Any], target: Path) -> float:
    """Seconds from asking for the file until its last byte is on disk."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120, blocksize=_PIECE_BYTES)
    began_at = time.perf_counter()
    connection.request("GET", export["file"]["href"], headers={"Authorization": f"Bearer {server.key}"})
    answer = connection.getresponse()
    with target.open("wb") as file:
        while piece := answer.read(_PIECE_BYTES):
            file.write(piece)
    connection.close()
    if target.stat().st_size != export["file"]["size_bytes"]:
        raise LoadFailure("a download has another size than its export says")
    return time.perf_counter() - began_at


def compare(sent: Input, target: Path) -> None:
    """Hold the exported file against the one that was uploaded: every cell of every row, and their order."""
    with duckdb.connect() as engine:
        engine.execute("SET enable_progress_bar = false")
        sums = []
        for path in (sent.path, target):
            cells = ", ".join(f"coalesce({name}, '')" for name in COLUMNS)
            query = (
                f"SELECT count(*), sum(hash(n, {cells})::HUGEINT) FROM "  # noqa: S608
                f"(SELECT row_number() OVER () AS n, * FROM read_csv('{path}', all_varchar = true))"
            )
            sums.append(engine.execute(query).fetchall()[0])
    if sums[0] != sums[1] or sums[0][0] != sent.rows:
        raise LoadFailure(f"the exported file is not what was uploaded: {sums}")


def _cpu_seconds(server: Server) -> float:
    """What all its processes took so far; those that poll it cost it little."""
    times = [process.cpu_times() for process in server.processes()]
    return sum(each.user + each.system for each in times)


def _bare(parts: Path, scratch: Path, rows: int) -> dict[str, float]:
    target = scratch / "bare.csv"
    command = [sys.executable, str(HERE / "peers" / "bare_copy.py"), f"{parts}/*/g0/*.parquet", str(target)]
    ended = run_child([*command, str(os.cpu_count() or 1), *COLUMNS], limit_seconds=_LIMIT_SECONDS)
    if ended.exit_code != 0:
        raise LoadFailure(f"the bare COPY failed: {ended.complaints[-500:]}")
    told: dict[str, float] = json.loads(ended.output)
    if told["rows"] != rows:
        raise LoadFailure(f"the table has {told['rows']} rows instead of {rows}")
    return told


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def targets(figures: list[Figures]) -> list[Target]:
    """The promises of README.md, "Targets of exports", in its order."""
    most = max(figures, key=lambda each: each.rows)
    least = min(figures, key=lambda each: each.rows)
    judged = [
        # Of a small table the steps of the job are most of the time: two tenths of a second, whatever its size.
        Target(
            f"CSV of {most.rows:,} rows: speed, the engine's own COPY = 1",
            most.speed,
            _LEAST_SPEED,
            is_minimum=True,
            unit="x",
        )
    ]
    judged.append(
        Target(
            f"peak memory of {most.rows:,} rows, all processes, shared pages once",
            most.peak_bytes / 1e9,
            _MOST_MEMORY_GB,
            is_minimum=False,
            unit="GB",
        )
    )
    if most is not least:
        judged.append(
            Target(
                f"peak memory of {most.rows:,} rows, {least.rows:,} rows = 1",
                most.peak_bytes / least.peak_bytes,
                _MOST_GROWTH,
                is_minimum=False,
                unit="x",
            )
        )
    return judged


def main(given: list[str]) -> int:
    """Measure, print, write; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="200,000 rows, under a minute")
    parser.add_argument(
        "--rows", default="", help="rows of each table, between commas; default 1,000,000 and 10,000,000"
    )
    parser.add_argument(
        "--output", type=Path, help="results file; default for full runs: bench/results/exports.json"
    )
    chosen = parser.parse_args(given)
    sizes = tuple(int(rows) for rows in chosen.rows.split(",") if rows) or (
        QUICK_ROWS if chosen.quick else FULL_ROWS
    )
    started_at = datetime.now(UTC)
    figures = []
    scratch = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        machine = machine_facts(scratch)
        machine["packages"] = package_versions("muster", "duckdb", "pyarrow")
        for rows in sizes:
            folder = scratch / str(rows)
            folder.mkdir()
            found = measure(rows, folder)
            figures.append(found)
            print(
                f"{rows:,} rows: COPY {found.bare:.2f} s (processors {found.bare_cpu:.2f} s), export {found.export:.2f} s "
                f"({found.export_cpu:.2f} s; {found.plain:.2f} s with formulas as they are), {found.file_bytes / 1e6:,.0f} MB, downloaded in "
                f"{found.download:.2f} s, peak {found.peak_bytes / 1e6:,.0f} MB",
                flush=True,
            )
            shutil.rmtree(folder)
    except (LoadFailure, ServerFailure) as failure:
        print(f"\nThe run failed, so there are no figures: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    judged = targets(figures)
    print(targets_text(judged))
    path = chosen.output or (RESULTS if sizes == FULL_ROWS else None)
    if path is not None:
        document = {
            "date": started_at.strftime("%Y-%m-%d"),
            "machine": machine,
            "figures": [asdict(each) for each in figures],
            "targets": [
                {"name": each.name, "value": each.value, "limit": each.limit, "met": each.is_met}
                for each in judged
            ],
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(each.is_met for each in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
