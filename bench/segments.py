"""Benchmark of segments: previews, kept segments and duplicates over a real server, beside plainer ways to count.

    python bench/segments.py [--quick] [--rows 1000000,10000000] [--peers pandas,sqlite] [--output results.json]

Every count is compared with that of another engine. Exit codes: 0 every target met, 1 a target missed or a run failed,
2 wrong usage. See README.md beside it.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from facts import machine_facts, package_versions
from load import LoadFailure
from node import PeerUnavailable
from segment_inputs import asks, audience
from segment_peers import PEERS, PeerFigure, expected, measure_peer
from segment_report import figures_text, rounded, targets
from segment_stages import Figures, Opened, measure_dedupe, measure_kept, measure_previews, opened
from servers import ServerFailure, running
from table_client import TableClient
from table_report import targets_text

RESULTS = Path(__file__).parent / "results" / "segments.json"
FULL_ROWS = (1_000_000, 10_000_000)
QUICK_ROWS = (100_000,)
PEER_ROWS = 1_000_000
_LIMIT_SECONDS = 900.0
_ASKED = 30


def measure(
    sizes: tuple[int, ...], peers: tuple[str, ...], scratch: Path
) -> tuple[list[Figures], list[PeerFigure]]:
    """One whole run. Raises LoadFailure, ServerFailure or PeerUnavailable; then there are no figures."""
    found, beside = [], []
    with running("muster", scratch / "muster") as server, TableClient(server, _LIMIT_SECONDS) as client:
        for rows in sizes:
            sent, asked = audience(scratch, rows), asks(_ASKED)
            truth = expected(sent, asked)
            table = opened(server, client, sent, scratch)
            figures = Figures(rows)
            measure_previews(figures, server, client, table, asked, truth)
            measure_kept(figures, server, client, table, asked[0], truth)
            again = [table, *(opened(server, client, sent, scratch) for _ in range(_turns(rows) - 1))]
            measure_dedupe(figures, server, client, again, truth)
            print(figures_text(figures), flush=True)
            found.append(figures)
            if rows <= PEER_ROWS:
                server.wait_until_quiet()
                beside += [measure_peer(peer, sent, asked, truth, scratch, _LIMIT_SECONDS) for peer in peers]
            sent.path.unlink()
            _forget(client, again)
    return found, beside


def _turns(rows: int) -> int:
    """How many tables duplicates are looked for in: what is found once is kept, so each table gives one figure."""
    return 5 if rows <= PEER_ROWS else 1


def _forget(client: TableClient, tables: list[Opened]) -> None:
    client.renew()
    for table in tables:
        path = f"/api/audience/batch-upload/{table.upload_id}?cascade=true"
        client.ask("DELETE", path, None, {}, expected=200)


def arguments(given: list[str]) -> argparse.Namespace:
    """Read the command line; exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100,000 rows, under a minute")
    parser.add_argument("--rows", help="sizes by commas; default 1000000,10000000")
    parser.add_argument("--peers", help=f"some of {','.join(PEERS)}, or none; default all")
    parser.add_argument(
        "--output", type=Path, help="results file; default for full runs: bench/results/segments.json"
    )
    chosen = parser.parse_args(given)
    try:
        default = QUICK_ROWS if chosen.quick else FULL_ROWS
        chosen.rows = tuple(int(text) for text in chosen.rows.split(",")) if chosen.rows else default
    except ValueError:
        parser.error("--rows are whole numbers between commas")
    if any(rows < 20_000 for rows in chosen.rows):
        parser.error("--rows: fewer than 20,000 rows have too few members")
    chosen.peers = (
        PEERS if chosen.peers is None else () if chosen.peers == "none" else tuple(chosen.peers.split(","))
    )
    if unknown := set(chosen.peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return chosen


def main(given: list[str]) -> int:
    """Measure, print, write; gives the exit code."""
    chosen = arguments(given)
    started_at = datetime.now(UTC)
    scratch = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        machine = machine_facts(scratch)
        machine["packages"] = package_versions("muster", "duckdb", "pyarrow", "fastapi", "uvicorn")
        figures, peers = measure(chosen.rows, chosen.peers, scratch)
    except (LoadFailure, ServerFailure, PeerUnavailable) as failure:
        print(f"\nThe run failed, so there are no figures: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for peer in peers:
        print(peer.text())
    judged = targets(figures)
    print(targets_text(judged))
    is_whole = (chosen.rows, chosen.peers) == (FULL_ROWS, PEERS)
    path: Path | None = chosen.output or (RESULTS if is_whole else None)
    if path is not None:
        document = {
            "benchmark": "segments",
            "date": started_at.strftime("%Y-%m-%d"),
            "machine": machine,
            "targets": [
                {"name": each.name, "value": rounded(each.value), "limit": each.limit, "unit": each.unit, "met": each.is_met}
                for each in judged
            ],
            "sizes": [rounded(asdict(each)) for each in figures],
            "peers": [rounded(asdict(each)) for each in peers],
        }  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(each.is_met for each in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
