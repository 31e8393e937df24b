"""A client of tables: one keep-alive connection that sends files, waits for tables and reads windows of them.

Every answer is checked after it was timed; a wrong one raises LoadFailure, so it never becomes a figure.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bodies import Body
from load import LoadFailure
from servers import UPLOADS, Server
from table_inputs import Input

FILES = "/api/audience/files"
_BLOCK_BYTES = 1024 * 1024
_ANSWER_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Built:
    """A table that is ready. seconds: from the acknowledgement until it was seen ready.

    phases: seconds in which a poll saw the job in each phase, in order; as exact as the polls are close.
    """

    upload_id: str
    upload_seconds: float
    seconds: float
    received: int
    accepted: int
    rejected: int
    phases: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowAnswer:
    """One window as it came: milliseconds from sending to the last byte, and the parsed answer."""

    milliseconds: float
    answer: dict[str, Any]


class TableClient:
    """One connection to one server, signed in."""

    def __init__(self, server: Server, limit_seconds: float) -> None:
        self._server = server
        self._limit_seconds = limit_seconds
        self._connection = HTTPConnection(
            "127.0.0.1", server.port, timeout=_ANSWER_SECONDS, blocksize=_BLOCK_BYTES
        )

    def __enter__(self) -> "TableClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def renew(self) -> None:
        """Connect anew with the next request; the server closes a connection that lies idle."""
        self._connection.close()

    def load_file(self, sent: Input) -> Built:
        """Upload a file, wait for its table, check its counts. Raises LoadFailure."""
        self.renew()
        query = urlencode({"upload_name": sent.name, "file_name": sent.path.name})
        headers = {"Content-Type": sent.media_type, "Content-Length": str(sent.size_bytes)}
        began_at = time.perf_counter()
        with sent.path.open("rb") as file:
            answer = self.ask("POST", f"{FILES}?{query}", file, headers, expected=202)
        acknowledged_at = time.perf_counter()
        built = self._ready(answer["upload_id"], acknowledged_at, 0.05, acknowledged_at - began_at)
        if (built.received, built.rejected) != (sent.rows, len(sent.planted)):
            raise LoadFailure(
                f"{sent.name}: {sent.rows} rows with {len(sent.planted)} broken ones were sent, "
                f"{built.received} are said to be received, {built.rejected} rejected"
            )
        return built

    def load_batch(self, body: Body) -> float:
        """Post a batch; seconds from sending until its table was seen ready. Raises LoadFailure."""
        began_at = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        answer = self.ask("POST", UPLOADS, body.content, headers, expected=200)
        built = self._ready(answer["upload_id"], began_at, 0.01, 0.0)
        if (built.received, built.rejected) != (body.rows, 0):
            raise LoadFailure(f"a batch of {body.rows} records gave {built.accepted} rows")
        return built.seconds

    def rows(self, upload_id: str, **asked: object) -> WindowAnswer:
        """One window; `asked` are query parameters, a filter as what becomes its JSON. Raises LoadFailure."""
        given = {
            name: json.dumps(value) if isinstance(value, dict) else str(value)
            for name, value in asked.items()
        }
        path = f"{UPLOADS}/{upload_id}/rows?{urlencode(given, quote_via=quote)}"
        began_at = time.perf_counter()
        content = self._exchange("GET", path, None, {}, expected=200)
        milliseconds = (time.perf_counter() - began_at) * 1e3
        return WindowAnswer(milliseconds, json.loads(content))

    def reject_codes(self, upload_id: str) -> list[str]:
        """The codes of all rejects in the order of rows. Raises LoadFailure."""
        answer = self.ask("GET", f"{UPLOADS}/{upload_id}/rejects?limit=1000", None, {}, expected=200)
        return [reject["_code"] for reject in answer["rejects"]]

    def _ready(self, upload_id: str, since: float, poll_seconds: float, upload_seconds: float) -> Built:
        path = f"{UPLOADS}/{upload_id}?include=none"
        phases: dict[str, float] = {}
        seen_at = since
        while True:
            answer = self.ask("GET", path, None, {}, expected=200)
            now = time.perf_counter()
            phase = answer.get("progress", {}).get("phase", "waiting")
            phases[phase] = phases.get(phase, 0.0) + now - seen_at
            seen_at = now
            status = answer["upload_status"]
            if status in {"ready", "ready_with_errors"}:
                break
            if status not in {"uploaded", "processing"}:
                raise LoadFailure(f"the table did not come: {status}, {answer.get('status_reason')}")
            if now - since > self._limit_seconds:
                raise LoadFailure(f"no table after {self._limit_seconds:.0f} s: {status}, {phase}")
            time.sleep(poll_seconds)  # between two looks
        built = Built(
            upload_id,
            upload_seconds,
            now - since,
            answer["rows_received"],
            answer["rows_accepted"],
            answer["rows_rejected"],
            phases,
        )
        if built.received != built.accepted + built.rejected:
            raise LoadFailure(
                f"{built.received} received, {built.accepted} accepted, {built.rejected} rejected"
            )
        return built

    def ask(self, method: str, path: str, body: Any, headers: dict[str, str], *, expected: int) -> Any:
        return json.loads(self._exchange(method, path, body, headers, expected=expected))

    def _exchange(
        self, method: str, path: str, body: Any, headers: dict[str, str], *, expected: int
    ) -> bytes:
        signed = {"Authorization": f"Bearer {self._server.key}"} | headers
        try:
            self._connection.request(method, path, body, signed)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            raise LoadFailure(f"{method} {path.partition('?')[0]}: {error!r}") from error
        if response.status != expected:
            raise LoadFailure(
                f"{method} {path.partition('?')[0]}: status {response.status}: {content[:300]!r}"
            )
        return content


def hot_copy_seconds(data: Path, upload_id: str, since: float, limit_seconds: float) -> float:
    """Seconds from `since` until the server has a hot copy of the table in its cache. Raises LoadFailure."""
    folder = data / "cache" / "hot" / upload_id
    while not any(folder.glob("*.arrow")):
        if time.perf_counter() - since > limit_seconds:
            raise LoadFailure(f"the server made no hot copy of its table within {limit_seconds:.0f} s")
        time.sleep(0.01)  # between two looks
    return time.perf_counter() - since
