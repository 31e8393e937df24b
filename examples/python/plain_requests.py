"""Upload one batch with nothing but Python's standard library.

    export MUSTER_URL=http://localhost:3000 MUSTER_API_KEY=muster_...
    python examples/python/plain_requests.py

For more than one request allows (50,000 records, 5 MiB compressed) see upload.py, which splits.
"""

import gzip
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

URL = os.environ.get("MUSTER_URL", "http://localhost:3000").rstrip("/")
KEY = os.environ.get("MUSTER_API_KEY", "")

RECORDS = [
    {"business_email": "ada@example.com", "first_name": "Ada", "company": "Example Ltd"},
    {"domain": "example.org", "company": "Example Foundation"},
]


def call(method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    """One request; its JSON answer. Raises urllib.error.HTTPError for anything but success."""
    request = urllib.request.Request(
        f"{URL}{path}",
        data=body,
        method=method,
        headers={"Authorization": f"Bearer {KEY}", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def main() -> int:
    body = json.dumps({"upload_name": "Plain requests", "records": RECORDS}).encode()
    try:
        receipt = call(
            "POST",
            "/api/audience/batch-upload",
            gzip.compress(body),
            {
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
                # The same body under the same key is stored once, however often it is sent.
                "Idempotency-Key": hashlib.sha256(body).hexdigest(),
            },
        )
        print(f"{receipt['rows_accepted']} records stored as {receipt['upload_id']}")
        upload = call("GET", f"/api/audience/batch-upload/{receipt['upload_id']}")
        for record in upload["records"]:
            print(record)
    except urllib.error.HTTPError as error:
        said = json.load(error)
        print(f"{error.code}: {said['message']}", file=sys.stderr)
        for one in said.get("errors", []):
            print(f"  record {one['row']}: {one['message']}", file=sys.stderr)
        return 1
    except urllib.error.URLError as error:
        print(f"{URL} does not answer: {error.reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
