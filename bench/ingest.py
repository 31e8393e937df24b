"""Benchmark of the batch upload endpoint against a floor, the straightforward version and the Node design.

    python bench/ingest.py [--quick] [--servers floor,muster] [--output results.json]

Exit codes: 0 every target met, 1 a target missed or a run failed, 2 wrong usage. See README.md beside it.
"""

import argparse
import json
import shutil
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import bodies
from facts import machine_facts
from load import LoadFailure
from node import PeerUnavailable
from plan import FULL, QUICK, SERVERS, Plan, only
from report import Figures, posts_text, results, summary_text, targets
from servers import LABELS, Server, ServerFailure, running
from stages import measure_memory, measure_posts, measure_reads, measure_tails, warm_up

RESULTS = Path(__file__).parent / "results" / "ingest.json"


def measure(plan: Plan, inputs: dict[str, bodies.Body], scratch: Path) -> Figures:
    """One whole run. Raises LoadFailure, ServerFailure or PeerUnavailable; then there are no figures."""
    figures = Figures()
    with ExitStack() as stack:
        servers: list[Server] = []
        for name in plan.servers:
            print(f"Starting {LABELS[name]}", flush=True)
            servers.append(stack.enter_context(running(name, scratch / name)))
        for server in servers:
            warm_up(server, inputs)
        for cell, cell_figures in measure_posts(plan, servers, inputs):
            print(f"\n{cell.body}, {cell.clients} client(s), {cell.rounds} round(s)")
            print(posts_text(cell_figures), flush=True)
            figures.posts += cell_figures
        figures.tails = measure_tails(plan.tail, servers, inputs)
        for server in servers:
            if server.name == "muster":
                figures.reads = measure_reads(plan.reads, server, inputs)
    figures.memory = measure_memory(plan.memory, inputs, scratch, plan.limit_seconds)
    return figures


def arguments(given: list[str]) -> argparse.Namespace:
    """Read the command line; exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about 90 s instead of 8 to 12 minutes")
    parser.add_argument("--servers", default=",".join(SERVERS), help="some of " + ",".join(SERVERS))
    parser.add_argument(
        "--output",
        type=Path,
        help="results file; default for full runs of all servers: bench/results/ingest.json, else none",
    )
    chosen = parser.parse_args(given)
    chosen.servers = tuple(chosen.servers.split(","))
    unknown = set(chosen.servers) - set(SERVERS)
    if unknown:
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    return chosen


def main(given: list[str], *, full: Plan = FULL, quick: Plan = QUICK) -> int:
    """Measure, print, write; gives the exit code."""
    chosen = arguments(given)
    plan = only(quick if chosen.quick else full, chosen.servers)
    inputs = {
        body.name: body
        for body in (bodies.small(plan.small_rows), bodies.wide(plan.wide_rows), bodies.tiny())
    }
    started_at = datetime.now(UTC)
    scratch = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        machine = machine_facts(scratch)
        figures = measure(plan, inputs, scratch)
    except (LoadFailure, ServerFailure, PeerUnavailable) as failure:
        print(f"\nThe run failed, so there are no figures: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    judged = targets(figures)
    print(summary_text(figures, judged))
    is_complete = plan.name == "full" and plan.servers == SERVERS
    path: Path | None = chosen.output or (RESULTS if is_complete else None)
    if path is not None:
        date = started_at.strftime("%Y-%m-%d")
        document = results(figures, judged, mode=plan.name, date=date, machine=machine, inputs=inputs)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(target.is_met for target in judged) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
