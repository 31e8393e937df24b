"""Benchmark of tables: files and batches until they are tables, and windows of them, beside the bare table engine.

    python bench/table.py [--quick] [--rows 1000000,10000000] [--peers pandas,sqlite3] [--output results.json]

Exit codes: 0 every target met, 1 a target missed or a run failed, 2 wrong usage. See README.md beside it.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from facts import machine_facts, package_versions
from load import LoadFailure
from node import PeerUnavailable
from servers import Server, ServerFailure, running
from table_client import TableClient
from table_plan import FULL, PEERS, QUICK, Plan, with_rows
from table_report import load_text, results, summary_text, targets
from table_stages import (
    TableFigures,
    measure_batches,
    measure_formats,
    measure_load,
    measure_peers,
    measure_profile,
    warm_up,
)

RESULTS = Path(__file__).parent / "results" / "table.json"


def measure(plan: Plan, scratch: Path) -> TableFigures:
    """One whole run. Raises LoadFailure, ServerFailure or PeerUnavailable; then there are no figures."""
    figures = TableFigures()
    with _fresh(plan, scratch, "batches") as (server, client, _):
        print("Batches", flush=True)
        figures.batch_seconds = measure_batches(plan, server, client)
    for load in plan.loads:
        with _fresh(plan, scratch, f"csv-{load.rows}") as (server, client, folder):
            figure, windows = measure_load(plan, load, server, client, folder)
        print(load_text(figure, windows), flush=True)
        figures.loads.append(figure)
        figures.windows.append(windows)
    print("\nProfile, other formats", flush=True)
    with _fresh(plan, scratch, "others") as (server, client, folder):
        figures.profile = measure_profile(plan, server, client, folder)
        figures.formats = list(measure_formats(plan, server, client, folder))
    print("Other tools", flush=True)
    figures.peers = list(measure_peers(plan, scratch))
    return figures


@contextmanager
def _fresh(plan: Plan, scratch: Path, name: str) -> Iterator[tuple[Server, TableClient, Path]]:
    """A server of its own, warm: what one maps of a table that was looked at counts as its memory from then on."""
    folder = scratch / name
    folder.mkdir()
    with running("muster", folder / "muster") as server, TableClient(server, plan.limit_seconds) as client:
        warm_up(client, folder)
        yield server, client, folder
    shutil.rmtree(folder)


def arguments(given: list[str]) -> argparse.Namespace:
    """Read the command line; exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, under 2 minutes")
    parser.add_argument("--rows", help="sizes of CSV, by commas; default 1000000,10000000")
    parser.add_argument("--peers", help=f"some of {','.join(PEERS)}, or none; default all")
    parser.add_argument(
        "--output", type=Path, help="results file; default for complete full runs: bench/results/table.json"
    )
    chosen = parser.parse_args(given)
    try:
        chosen.rows = tuple(int(text) for text in chosen.rows.split(",")) if chosen.rows else ()
    except ValueError:
        parser.error("--rows are whole numbers between commas")
    if any(rows < 20_000 for rows in chosen.rows):
        parser.error("--rows: fewer than 20,000 rows have too few matches for windows")
    if chosen.peers is not None:
        chosen.peers = () if chosen.peers == "none" else tuple(chosen.peers.split(","))
        if unknown := set(chosen.peers) - set(PEERS):
            parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return chosen


def main(given: list[str], *, full: Plan = FULL, quick: Plan = QUICK) -> int:
    """Measure, print, write; gives the exit code."""
    chosen = arguments(given)
    complete = quick if chosen.quick else full
    plan = with_rows(complete, chosen.rows) if chosen.rows else complete
    if chosen.peers is not None:
        plan = replace(plan, peers=chosen.peers)
    started_at = datetime.now(UTC)
    scratch = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        machine = machine_facts(scratch)
        machine["packages"] = package_versions("muster", "duckdb", "pyarrow", "dbos", "fastapi", "uvicorn")
        figures = measure(plan, scratch)
    except (LoadFailure, ServerFailure, PeerUnavailable) as failure:
        print(f"\nThe run failed, so there are no figures: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    judged = targets(plan, figures)
    print(summary_text(figures, judged))
    path: Path | None = chosen.output or (RESULTS if plan == FULL else None)
    if path is not None:
        date = started_at.strftime("%Y-%m-%d")
        document = results(plan, figures, judged, date=date, machine=machine)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(target.is_met for target in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
