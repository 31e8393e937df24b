"""The stages of the segments benchmark over HTTP; each count is checked after it was timed."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load import LoadFailure
from segment_inputs import COLUMNS, Ask
from segment_peers import Truth, bare_dedupe
from servers import Server
from table_client import TableClient, hot_copy_seconds
from table_inputs import Input

SEGMENTS = "/api/audience/segments"
_JSON = {"Content-Type": "application/json"}
_LIMIT_SECONDS = 600.0
_INLINE_ROWS = 2_000_000
"""What takes more is counted by a job."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that is ready and was looked at once. called: its names for the columns of the file; hot: its copy."""

    upload_id: str
    called: dict[str, str]
    hot: Path


@dataclass(slots=True)
class Figures:
    """Of one size. Previews in milliseconds, the rest in seconds.

    kept: every row, what matches one ask, one row of a person with joined fields. dedupe: one figure for each table,
    as a preview that answers everything; bare: beside each of them the engine's own query.
    """

    rows: int
    previews: list[float] = field(default_factory=list)
    kept_rows: float = 0.0
    kept_asked: float = 0.0
    kept_joined: float = 0.0
    refreshed: float = 0.0
    window: list[float] = field(default_factory=list)
    overlap: float = 0.0
    dedupe: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    dedupe_again: list[float] = field(default_factory=list)


def opened(server: Server, client: TableClient, sent: Input, scratch: Path) -> Opened:
    """Load the file, look at its first rows as a user does. Raises LoadFailure, ServerFailure."""
    built = client.load_file(sent)
    server.wait_until_quiet()
    client.renew()
    since = time.perf_counter()
    window = client.rows(built.upload_id, limit=10)
    data = scratch / "muster" / "data"
    hot_copy_seconds(data, built.upload_id, since, _LIMIT_SECONDS)
    _rest(server, client)
    names = [column["name"] for column in window.answer["columns"]]
    [hot] = (data / "cache" / "hot" / built.upload_id).glob("*.arrow")
    return Opened(built.upload_id, dict(zip(COLUMNS, names, strict=True)), hot)


def measure_previews(
    figures: Figures, server: Server, client: TableClient, table: Opened, asked: Sequence[Ask], truth: Truth
) -> None:
    """Every ask once: nothing about it can be kept from before."""
    for ask, count in zip(asked, truth.counts, strict=True):
        _rest(server, client)
        seconds, said = _post(
            client, f"{SEGMENTS}/preview", {"uploads": [table.upload_id], "filter": ask.tree(table.called)}
        )
        figures.previews.append(seconds * 1e3)
        if (said["count"], said["funnel"][-1]["count"], said["of"]) != (count, count, truth.rows):
            raise LoadFailure(
                f"a preview counts {said['count']} of {said['of']}, the engine {count} of {truth.rows}"
            )
        if len(said["sample"]) != 10:
            raise LoadFailure(f"a preview shows {len(said['sample'])} rows")


def measure_kept(
    figures: Figures, server: Server, client: TableClient, table: Opened, ask: Ask, truth: Truth
) -> None:
    """Snapshots, then a live segment behind one edit, a window of it and what it has in common with another."""
    base = {"uploads": [table.upload_id], "kind": "snapshot"}
    figures.kept_rows, every = _kept(
        server, client, truth.rows, {**base, "name": f"every {truth.rows}"}, truth.rows
    )
    tree = {"filter": ask.tree(table.called)}
    figures.kept_asked, asked = _kept(
        server, client, truth.rows, {**base, **tree, "name": f"asked {truth.rows}"}, truth.counts[0]
    )
    dedupe = {"by": "email", "columns": [table.called["email"]], "fields": {"*": "newest"}}
    people = truth.addresses + truth.without
    wanted = {**base, "dedupe": dedupe, "name": f"people {truth.rows}"}
    figures.kept_joined, _ = _kept(server, client, truth.rows, wanted, people)
    _, live = _kept(
        server,
        client,
        truth.rows,
        {**base, **tree, "name": f"live {truth.rows}", "kind": "live"},
        truth.counts[0],
    )
    [member] = client.ask("GET", f"{SEGMENTS}/{live}/members?limit=1", None, {}, expected=200)["rows"]
    edit = {"edits": [{"row": member["_row_id"], "set": {table.called["country"]: "nowhere"}}]}
    path = f"/api/audience/batch-upload/{table.upload_id}/rows"
    client.ask("PATCH", path, json.dumps(edit).encode(), _JSON, expected=200)
    _rest(server, client)
    began_at = time.perf_counter()
    segment = _counted(client, client.ask("GET", f"{SEGMENTS}/{live}", None, {}, expected=200)["segment"])
    figures.refreshed = time.perf_counter() - began_at
    if (segment["count"], segment["joined"], segment["left"]) != (truth.counts[0] - 1, 0, 1):
        raise LoadFailure(
            f"one row left, and the segment says {segment['joined']} joined, {segment['left']} left"
        )
    for step in range(10):
        offset = step * (segment["count"] // 10)
        seconds, said = _timed(client, "GET", f"{SEGMENTS}/{live}/members?offset={offset}&limit=100", 200)
        figures.window.append(seconds * 1e3)
        if said["total"] != segment["count"]:
            raise LoadFailure(f"{said['total']} members of {segment['count']}")
    figures.overlap, said = _timed(client, "GET", f"{SEGMENTS}/{every}/compare/{asked}?by=row", 200)
    if (said["both"], said["only_b"]) != (truth.counts[0], 0):
        raise LoadFailure(f"{said['both']} rows are in both, not {truth.counts[0]}")
    # By now the table is another version: the previews that follow begin from nothing.


def measure_dedupe(
    figures: Figures, server: Server, client: TableClient, tables: Sequence[Opened], truth: Truth
) -> None:
    """Each table once, beside the engine's own query over the same copy of the same column."""
    for table in tables:
        _rest(server, client)
        figures.bare.append(bare_dedupe(table.hot, "c0", truth, _LIMIT_SECONDS))
        _rest(server, client)
        wish = {"uploads": [table.upload_id], "dedupe": {"by": "email", "columns": [table.called["email"]]}}
        seconds, said = _post(client, f"{SEGMENTS}/preview", wish)
        figures.dedupe.append(seconds)
        if (said["count"], said["rows"]) != (truth.addresses + truth.without, truth.rows):
            raise LoadFailure(f"{said['count']} people, and there are {truth.addresses + truth.without}")
        seconds, _ = _post(client, f"{SEGMENTS}/preview", wish)
        figures.dedupe_again.append(seconds)


def _kept(
    server: Server, client: TableClient, rows: int, wish: dict[str, Any], count: int
) -> tuple[float, str]:
    """Seconds until a new segment is counted, and its id."""
    _rest(server, client)
    began_at = time.perf_counter()
    by_job = rows > _INLINE_ROWS
    segment = _asked(client, "POST", SEGMENTS, wish, 202 if by_job else 201)["segment"]
    segment = _counted(client, segment)
    seconds = time.perf_counter() - began_at
    if segment["count"] != count:
        raise LoadFailure(f"a segment has {segment['count']} members, not {count}: {segment['reason']}")
    return seconds, segment["id"]


def _counted(client: TableClient, segment: dict[str, Any]) -> dict[str, Any]:
    """The segment once a job has counted it, if one does."""
    until = time.perf_counter() + _LIMIT_SECONDS
    while segment["status"] == "computing":
        time.sleep(0.02)  # between two looks
        segment = client.ask("GET", f"{SEGMENTS}/{segment['id']}", None, {}, expected=200)["segment"]
        if time.perf_counter() > until:
            raise LoadFailure(f"a segment is not counted after {_LIMIT_SECONDS:.0f} s")
    return segment


def _post(client: TableClient, path: str, wish: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    return _timed(client, "POST", path, 200, wish)


def _timed(
    client: TableClient, method: str, path: str, expected: int, wish: dict[str, Any] | None = None
) -> tuple[float, dict[str, Any]]:
    began_at = time.perf_counter()
    said = _asked(client, method, path, wish, expected)
    return time.perf_counter() - began_at, said


def _asked(
    client: TableClient, method: str, path: str, wish: dict[str, Any] | None, expected: int
) -> dict[str, Any]:
    body, headers = (None, {}) if wish is None else (json.dumps(wish).encode(), _JSON)
    said: dict[str, Any] = client.ask(method, path, body, headers, expected=expected)
    return said


def _rest(server: Server, client: TableClient) -> None:
    server.wait_until_quiet()
    client.renew()
