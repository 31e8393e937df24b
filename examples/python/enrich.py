"""Add what is missing to a file of people or companies: ask built-in providers, see first what it would cost.

    pip install muster
    export MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_...
    python examples/python/enrich.py people.csv enriched.csv

The providers here need no network. `muster providers` lists all of them.
"""

import sys

from muster.client import Client, EnrichmentRun, MusterApiError

PROVIDERS = ["email_hygiene", "email_domain"]


def show(run: EnrichmentRun) -> None:
    done = ", ".join(
        f"{step.title}: {step.counts.done:,} of {step.counts.inputs:,}" for step in run.providers
    )
    print(f"\r{run.status}: {done}", end="", file=sys.stderr)


def main() -> int:
    if len(sys.argv) != 3:
        print("usage: enrich.py FILE RESULT.csv", file=sys.stderr)
        return 2
    with Client() as muster:  # MUSTER_URL and MUSTER_API_KEY
        try:
            upload = muster.wait(muster.upload_file(sys.argv[1]).upload_id)
            if not upload.is_ready:
                print(f"{upload.status}: {upload.status_reason}", file=sys.stderr)
                return 1
            estimate = muster.estimate_enrichment(upload.upload_id, PROVIDERS)
            for target in estimate.targets:
                print(
                    f"{target.column}: {target.missing:,} rows lack it, about {target.expected} would get it"
                )
            print(f"It costs at most {estimate.cost.most}.")
            started = muster.enrich(upload.upload_id, PROVIDERS)
            run = muster.wait_for_enrichment(started.run_id, on_progress=show)
            print(file=sys.stderr)
            if run.status != "done":
                print(f"{run.status}: {run.reason}", file=sys.stderr)
                return 1
            for column in run.targets:
                print(f"{column.column}: {column.filled} rows filled")
            for cell in muster.provenance(upload.upload_id, 0):
                print(f"{cell.column} of the first row is from {cell.provider}")
            muster.save_results(upload.upload_id, sys.argv[2])
        except MusterApiError as error:
            print(f"\n{error.message}", file=sys.stderr)
            for one in error.errors:
                print(f"  {one.message}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
