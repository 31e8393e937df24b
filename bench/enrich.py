"""Benchmark of enrichment: runs over a real server, beside the same libraries and the table engine alone.

    python bench/enrich.py [--quick] [--rows 1000000] [--output results.json]

Exit codes: 0 every target met, 1 a target missed or a run failed, 2 wrong usage. See README.md beside it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from enrich_inputs import distinct_values, people, reference
from facts import machine_facts, package_versions
from load import LoadFailure
from memory import MemoryWatch
from report import Target
from servers import Server, ServerFailure, running
from table_child import run_child
from table_client import TableClient
from table_report import targets_text

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "enrich.json"
ENRICHMENTS = "/api/audience/enrichments"
FULL_ROWS = 1_000_000
QUICK_ROWS = 100_000
_JSON = {"Content-Type": "application/json"}
_LIMIT_SECONDS = 900.0
_LEAST_SPEED, _LEAST_GAIN, _MOST_JOIN, _MOST_MEMORY_GB = 0.85, 1.6, 2.0, 1.5


@dataclass(slots=True)
class Figures:
    """Seconds, unless a name says otherwise. phases: of the run that asks, as polls saw them."""

    rows: int
    bare: dict[str, float] = field(default_factory=dict)
    run: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    pool: dict[str, float] = field(default_factory=dict)
    bare_join: float = 0.0
    lookup: float = 0.0
    lookup_phases: dict[str, float] = field(default_factory=dict)
    again: float = 0.0

    @property
    def speed(self) -> float:
        return sum(self.bare.values()) / self.run


def measure(rows: int, scratch: Path) -> Figures:
    """One whole run. Raises LoadFailure, ServerFailure; then there are no figures."""
    figures = Figures(rows)
    sent, other = people(scratch, rows), reference(scratch, rows)
    values = distinct_values(scratch, sent)
    for kind, path in values.items():
        figures.bare[kind] = _child("peers/bare_enrich.py", kind, path)["seconds"]
        print(f"bare {kind}: {figures.bare[kind]:.1f} s", flush=True)
    figures.pool = _child("enrich_pool.py", values["phone"], min(rows, 300_000))
    print(f"phone, one process {figures.pool['one']:.1f} s, two {figures.pool['two']:.1f} s", flush=True)
    with running("muster", scratch / "muster") as server, TableClient(server, _LIMIT_SECONDS) as client:
        table = client.load_file(sent).upload_id
        second = client.load_file(other).upload_id
        server.wait_until_quiet()
        steps = [
            {"provider": "email_hygiene"},
            {"provider": "phone"},
            {"provider": "company_domain", "inputs": {"website": "website", "email": None}},
        ]
        with MemoryWatch(server) as watch:
            figures.run, figures.phases, run = enriched(server, client, table, steps)
        figures.peak_bytes = watch.peak_total_pss_bytes
        shown = ", ".join(f"{each.role} {each.peak_pss_bytes / 1e6:.0f}" for each in watch.growths)
        print(f"peak memory in MB, shared pages once: {shown}", flush=True)
        if [step["counts"]["found"] for step in run["providers"]][1] == 0:
            raise LoadFailure("no telephone number was found")
        print(f"run: {figures.run:.1f} s  {_told(figures.phases)}", flush=True)
        _compare_lookup(figures, server, client, (table, second), scratch)
    return figures


def _compare_lookup(
    figures: Figures, server: Server, client: TableClient, ids: tuple[str, str], scratch: Path
) -> None:
    table, second = ids
    files = [str(scratch / "muster" / "data" / "objects" / "tables" / each[-2:] / each) for each in ids]
    keys = ("c0", "c0", "c1", "c2")
    join = [f"{folder}/*/g0/*.parquet" for folder in files] + [
        scratch / "bare.parquet",
        os.cpu_count() or 1,
        *keys,
    ]
    settings = {
        "upload_id": second,
        "keys": [{"column": "email"}],
        "gives": {"segment": "segment", "owner": "owner"},
        "keep": "first",
    }
    step = {"provider": "lookup", "settings": settings, "inputs": {"k1": "email"}}
    bare, took = [], []
    for _ in range(3):
        server.wait_until_quiet()
        told = _child("peers/bare_join.py", *join)
        bare.append(told["seconds"])
        seconds, figures.lookup_phases, run = enriched(server, client, table, [step])
        took.append(seconds)
        if run["targets"][0]["filled"] != told["matched"]:
            raise LoadFailure(
                f"the engine matches {told['matched']} rows, the run {run['targets'][0]['filled']}"
            )
        _undo(client, table, run["change_id"])
    figures.bare_join, figures.lookup = sorted(bare)[1], sorted(took)[1]
    print(
        f"bare join: {figures.bare_join:.2f} s, lookup: {figures.lookup:.2f} s {_told(figures.lookup_phases)}",
        flush=True,
    )


def enriched(
    server: Server, client: TableClient, upload_id: str, steps: list[Any]
) -> tuple[float, dict[str, float], dict[str, Any]]:
    """Start a run and wait for its end: seconds by the run's own times, by phase as seen, and the run."""
    del server
    client.renew()
    run = client.ask(
        "POST",
        ENRICHMENTS,
        json.dumps({"upload_id": upload_id, "providers": steps}).encode(),
        _JSON,
        expected=202,
    )["run"]
    phases: dict[str, float] = {}
    began_at = seen_at = time.perf_counter()
    while run["status"] in {"queued", "running"}:
        time.sleep(0.02)  # between two looks
        run = client.ask("GET", f"{ENRICHMENTS}/{run['run_id']}", None, {}, expected=200)["run"]
        now = time.perf_counter()
        phase = (run["progress"] or {}).get("phase", "ending")
        phases[phase] = phases.get(phase, 0.0) + now - seen_at
        seen_at = now
        if now - began_at > _LIMIT_SECONDS:
            raise LoadFailure(f"a run is not over after {_LIMIT_SECONDS:.0f} s")
    if run["status"] != "done":
        raise LoadFailure(f"a run ended {run['status']}: {run['reason']}")
    started, finished = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return (finished - started).total_seconds(), phases, run


def _undo(client: TableClient, upload_id: str, change_id: int) -> None:
    client.ask(
        "POST",
        f"/api/audience/batch-upload/{upload_id}/undo",
        json.dumps({"change_id": change_id}).encode(),
        _JSON,
        expected=200,
    )


def _child(script: str, *arguments: object) -> dict[str, float]:
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    ended = run_child(command, limit_seconds=_LIMIT_SECONDS)
    if ended.exit_code != 0:
        raise LoadFailure(f"{script} failed: {ended.complaints[-500:]}")
    told: dict[str, float] = json.loads(ended.output)
    return told


def _told(phases: dict[str, float]) -> str:
    return (
        "(" + ", ".join(f"{name} {seconds:.1f}" for name, seconds in phases.items() if seconds >= 0.05) + ")"
    )


def targets(figures: Figures) -> list[Target]:
    """The promises of README.md, "Targets of enrichment", in its order."""
    join = figures.lookup / figures.bare_join
    return [
        Target(
            "e-mail hygiene + phone + domain: speed, bare libraries = 1",
            figures.speed,
            _LEAST_SPEED,
            is_minimum=True,
            unit="x",
        ),
        Target(
            "telephone numbers: two processes against one",
            figures.pool["one"] / figures.pool["two"],
            _LEAST_GAIN,
            is_minimum=True,
            unit="x",
        ),
        Target("lookup: time, bare join = 1", join, _MOST_JOIN, is_minimum=False, unit="x"),
        Target(
            "peak memory of the run, all processes, shared pages once",
            figures.peak_bytes / 1e9,
            _MOST_MEMORY_GB,
            is_minimum=False,
            unit="GB",
        ),
    ]


def main(given: list[str]) -> int:
    """Measure, print, write; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, under two minutes")
    parser.add_argument("--rows", type=int, default=0, help="rows of each table; default 1,000,000")
    parser.add_argument(
        "--output", type=Path, help="results file; default for full runs: bench/results/enrich.json"
    )
    chosen = parser.parse_args(given)
    rows = chosen.rows or (QUICK_ROWS if chosen.quick else FULL_ROWS)
    started_at = datetime.now(UTC)
    scratch = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        machine = machine_facts(scratch)
        machine["packages"] = package_versions(
            "muster", "duckdb", "pyarrow", "phonenumbers", "tldextract", "email-validator"
        )
        figures = measure(rows, scratch)
    except (LoadFailure, ServerFailure) as failure:
        print(f"\nThe run failed, so there are no figures: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    judged = targets(figures)
    print(targets_text(judged))
    path = chosen.output or (RESULTS if rows == FULL_ROWS else None)
    if path is not None:
        document = {
            "date": started_at.strftime("%Y-%m-%d"),
            "machine": machine,
            "rows": rows,
            "figures": {name: getattr(figures, name) for name in Figures.__slots__},
            "targets": [
                {"name": each.name, "value": each.value, "limit": each.limit, "met": each.is_met}
                for each in judged
            ],
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(each.is_met for each in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
