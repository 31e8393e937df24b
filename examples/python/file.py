"""Send a file of any size, wait until it is a table, and ask it something.

    pip install muster
    export MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_...
    python examples/python/file.py people.csv

Stop it in the middle of a large file and run it again: it goes on where it was.
"""

import sys

from muster.client import Client, MusterApiError, SendingProgress, WorkProgress


def sending(progress: SendingProgress) -> None:
    print(f"\r{progress.bytes_sent:,} of {progress.bytes_total:,} bytes sent", end="", file=sys.stderr)


def working(progress: WorkProgress) -> None:
    print(f"\r{progress.phase}: {progress.rows_accepted:,} rows", end="", file=sys.stderr)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: file.py FILE", file=sys.stderr)
        return 2
    with Client() as muster:  # MUSTER_URL and MUSTER_API_KEY
        try:
            sent = muster.upload_file(sys.argv[1], on_progress=sending)
            upload = muster.wait(sent.upload_id, on_progress=working)
            print(file=sys.stderr)
            if not upload.is_ready:
                print(f"{upload.status}: {upload.status_reason}", file=sys.stderr)
                return 1
            print(f"{upload.upload_id}: {upload.rows_accepted:,} of {upload.rows_received:,} rows")
            for reject in muster.rejects(upload.upload_id):
                print(f"not in the table: row {reject.row}: {reject.message}")
            window = muster.rows(upload.upload_id, limit=3)
            for row in window.rows:
                print(dict(row.values))
        except MusterApiError as error:
            print(f"\n{error.message}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
