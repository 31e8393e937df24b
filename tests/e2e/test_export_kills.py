"""Exports whose worker is killed in the middle: every row arrives, a batch that comes again is the same batch, a file is the
same to the last byte, and a download that broke off goes on where it ended, also when the server died meanwhile."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.crash.test_build_kill import workers_of
from tests.e2e.test_tables import at_rest, eventually, send_file
from tests.exports.destinations.places import SECRET
from tests.exports.destinations.servers import Answer, Asked, Endpoint, serving
from tests.support.live import Api, LiveServer
from tests.support.live_fixtures import NewServer

EXPORTS = "/api/audience/exports"
SEGMENTS = "/api/audience/segments"
ROWS = 8_000
FILES = 4
"""Uploads the rows are in; a portion is at least one batch, and no batch is of two uploads."""
BATCH_ROWS = 50
REFUSED = {"p7@example.com", "p7003@example.com"}
COPIES = 2_000
"""Columns of the file, all of one: 8,000,000 cells are a portion, so it has two."""
RUNNING = {"queued", "running"}


def segment_of_files(api: Api) -> str:
    """The rows in several uploads, joined to one segment."""
    step = ROWS // FILES
    uploads = []
    for begin in range(0, ROWS, step):
        lines = ["email,name", *(f"p{at}@example.com,{at % 10}" for at in range(begin, begin + step))]
        uploads.append(send_file(api, "\n".join(lines).encode(), f"people {begin}.csv"))
    for upload_id in uploads:
        assert at_rest(api, upload_id)["rows_accepted"] == step
    made = api.call("POST", SEGMENTS, json.dumps({"name": "all", "uploads": uploads}).encode())
    assert (made.status, made.json["segment"]["count"]) == (201, ROWS), made.body
    segment_id: str = made.json["segment"]["id"]
    return segment_id


def export_of(api: Api, export_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", f"{EXPORTS}/{export_id}").json["export"]
    return found


def started(api: Api, **members: Any) -> str:
    answer = api.call("POST", EXPORTS, json.dumps(members, separators=(",", ":")).encode())
    assert answer.status == 202, answer.body
    export_id: str = answer.json["export"]["export_id"]
    return export_id


def over(api: Api, export_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = export_of(api, export_id)
        return None if found["status"] in RUNNING else found

    found: dict[str, Any] = eventually(look, f"the end of {export_id}", 180)
    assert found["rows"] == found["written"] + found["failed"] + found["left_out"] + found["pending"]
    return found


def kill_workers(server: LiveServer, export_id: str, times: int, done: Callable[[], int], step: int) -> int:
    """Kill every worker after each `step` more of what `done` counts; how often that met the export at work."""
    dice = random.Random(3)  # noqa: S311
    hits = 0
    for _ in range(times):
        before = done()

        def is_ripe(before: int = before) -> bool:
            return done() >= before + step or export_of(server.api, export_id)["status"] not in RUNNING

        eventually(is_ripe, "work after a kill", 120)
        time.sleep(dice.uniform(0, 0.1))  # at any point of its work; what it does meanwhile is the question
        hits += export_of(server.api, export_id)["status"] in RUNNING
        for worker in workers_of(server):
            worker.kill()
    return hits


class Slow(Endpoint):
    """An endpoint some milliseconds away, which remembers what came under which name."""

    def __init__(self) -> None:
        super().__init__(SECRET)
        self.picky = set(REFUSED)
        self.by_id: dict[str, list[dict[str, Any]]] = {}
        self.repeated = 0

    def answer(self, asked: Asked) -> Answer:
        time.sleep(0.01)
        data = json.loads(asked.body)["data"]
        if data["batch"] in self.by_id:
            self.repeated += 1
            if self.by_id[data["batch"]] != data["rows"]:
                self.mistakes.append(f"{data['batch']} came again with other rows")
        self.by_id[data["batch"]] = data["rows"]
        return super().answer(asked)


def check_delivery(server: LiveServer, segment_id: str, kills: int) -> None:
    endpoint = Slow()
    with serving(endpoint.answer) as address:
        settings = {"url": f"{address}/in", "secret": SECRET}
        kept = {"destination": "http", "name": address, "settings": settings}
        made = server.api.call("POST", f"{EXPORTS}/connections", json.dumps(kept).encode())
        assert made.status == 201, made.body
        export_id = started(
            server.api,
            segment_id=segment_id,
            destination="http",
            connection=made.json["connection"]["id"],
            settings={"batch_rows": BATCH_ROWS},
        )
        hits = kill_workers(server, export_id, kills, lambda: len(endpoint.by_id), 30)
        export = over(server.api, export_id)
    assert hits >= 1
    assert endpoint.mistakes == []
    assert export["status"] == "done_with_failures", export
    assert (export["written"], export["failed"], export["pending"]) == (ROWS - 2, 2, 0)
    expected = {
        f"p{at}@example.com": {"email": f"p{at}@example.com", "name": str(at % 10)} for at in range(ROWS)
    }
    assert endpoint.rows == {email: row for email, row in expected.items() if email not in REFUSED}
    assert sum(map(len, endpoint.by_id.values())) == ROWS
    assert len(endpoint.by_id) == ROWS // BATCH_ROWS
    failed = server.api.call("GET", f"{EXPORTS}/{export_id}/outcomes?outcome=failed").json
    assert [row["position"] for row in failed["outcomes"]] == [7, 7_003]
    # What was delivered since the last portion was noted comes again; a portion takes about a second.
    assert endpoint.repeated <= kills * 120


def check_file(server: LiveServer, segment_id: str, kills: int) -> None:
    columns = [{"column": "name", "as": f"n{at}"} for at in range(COPIES)]
    export_id = started(server.api, segment_id=segment_id, columns=["email", *columns], name="big")

    objects = server.data_dir / "objects" / "exports"

    def portions() -> int:
        return len(list(objects.glob(f"*/{export_id}/file/*")))

    hits = kill_workers(server, export_id, kills, portions, 1)
    export = over(server.api, export_id)
    assert hits >= 1
    assert (export["status"], export["written"], export["failed"]) == ("done", ROWS, 0), export
    path = f"{EXPORTS}/{export_id}/download"
    head = ",".join(["email", *(f"n{at}" for at in range(COPIES))])
    lines = [head, *(f"p{at}@example.com{f',{at % 10}' * COPIES}" for at in range(ROWS)), ""]
    expected = "\r\n".join(lines).encode()
    whole = server.api.call("GET", path)
    assert whole.body == expected
    # The server dies while somebody reads; another one goes on where that ended.
    half = server.api.call("GET", path, headers={"Range": f"bytes=0-{len(expected) // 2 - 1}"})
    server.kill()
    server.start()
    resume = {"Range": f"bytes={len(half.body)}-", "If-Range": whole.headers["etag"]}
    rest = server.api.call("GET", path, headers=resume)
    assert rest.status == 206
    assert half.body + rest.body == expected
    beyond = server.api.call("GET", path, headers={**resume, "Range": f"bytes={len(expected)}-"})
    assert (beyond.status, beyond.json["code"]) == (416, "range_unusable")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("database", "kills"),
    [
        ("sqlite", 2),
        pytest.param("sqlite", 8, marks=pytest.mark.soak),
        pytest.param("postgresql", 8, marks=pytest.mark.soak),
    ],
)
def test_kills_of_the_worker_lose_no_row_and_change_no_byte(
    new_server: NewServer, database: str, kills: int
) -> None:
    server = new_server(
        database=database, jobs=True, environment={"MUSTER_ALLOW_PRIVATE_ADDRESSES": "true"}
    ).start()
    segment_id = segment_of_files(server.api)
    check_delivery(server, segment_id, kills)
    check_file(server, segment_id, kills)
