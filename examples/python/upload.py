"""Upload any number of records with the Python client.

    pip install muster
    export MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_...
    python examples/python/upload.py examples/organisations.json

The client splits, compresses, retries, and does not store twice what a run before this one stored.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from muster.client import Client, MusterApiError, Progress


def organisations(path: Path) -> Iterator[dict[str, Any]]:
    """Records as Muster wants them: each has an identifier, here `domain`."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield {"domain": row["domains"][0], "name": row["name"], "country": row["country"]}


def show(progress: Progress) -> None:
    print(f"\r{progress.rows_done:,} records stored", end="", file=sys.stderr)


def main() -> int:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "examples/organisations.json")
    with Client() as muster:  # MUSTER_URL and MUSTER_API_KEY
        try:
            report = muster.upload(
                organisations(path), name="Organisations (Python)", skip_invalid=True, on_progress=show
            )
        except MusterApiError as error:
            print(f"\n{error.message}", file=sys.stderr)
            for one in error.errors:
                print(f"  record {one.row}: {one.message}", file=sys.stderr)
            return 1
        print(file=sys.stderr)
        for one in report.rejected:
            print(f"not stored: record {one.row}: {one.message}")
        print(
            f"{report.rows_accepted:,} of {report.rows_received:,} records in {', '.join(report.upload_ids)}"
        )
        first = muster.get(report.upload_ids[0], offset=0, limit=3)
        for record in first.records:
            print(record)
    return 0


if __name__ == "__main__":
    sys.exit(main())
