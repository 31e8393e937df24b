"""A worker killed again and again while it counts a segment: the count is the one nobody disturbed, and it is one."""

import json
import random
import time

import pytest

from tests.crash.test_build_kill import workers_of
from tests.e2e.test_tables import at_rest, eventually, send_file
from tests.support.live_fixtures import NewServer

SEGMENTS = "/api/audience/segments"
ROWS = 24_000
PEOPLE = 20_000


def content() -> bytes:
    """Telephone numbers that have to be read one by one, so that counting takes seconds; some stand there twice."""
    lines = ["email,phone,country"]
    for at in range(ROWS):
        number = at % PEOPLE
        lines.append(f"p{at}@example.org,030 9{number:06d},{'DE' if number % 4 else 'FR'}")
    return "\n".join(lines).encode()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("database", "kills"),
    [
        ("sqlite", 2),
        pytest.param("sqlite", 5, marks=pytest.mark.soak),
        pytest.param("postgresql", 5, marks=pytest.mark.soak),
    ],
)
def test_kills_of_the_worker_leave_one_count_and_the_right_one(
    new_server: NewServer, database: str, kills: int
) -> None:
    rng = random.Random(13)  # noqa: S311
    server = new_server(database=database, jobs=True).start()
    upload_id = send_file(server.api, content(), "people.csv")
    assert at_rest(server.api, upload_id)["rows_accepted"] == ROWS
    body = {
        "name": "killed",
        "uploads": [upload_id],
        "filter": {"field": "country", "op": "eq", "value": "DE"},
        "dedupe": {"by": "phone", "region": "DE", "fields": {"email": "first"}},
        "kind": "snapshot",
    }
    headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
    made = server.api.call("POST", SEGMENTS, json.dumps(body).encode(), headers=headers)
    assert made.status == 202, made.body
    path = f"{SEGMENTS}/{made.json['segment']['id']}"
    for _ in range(kills):
        workers = eventually(lambda: workers_of(server), "a worker")
        time.sleep(rng.uniform(0.2, 1.5))  # at any point of its work; what it does meanwhile is the question
        for worker in workers:
            if worker.is_running():
                worker.kill()

    def counted() -> dict[str, object] | None:
        segment: dict[str, object] = server.api.call("GET", path).json["segment"]
        return segment if segment["status"] != "computing" else None

    segment = eventually(counted, "the end of the count", 120)
    assert (segment["status"], segment["version"]) == ("ready", 1), segment
    assert (segment["count"], segment["of"]) == (PEOPLE * 3 // 4, PEOPLE)
    window = server.api.call("GET", f"{path}/members?offset={segment['count'] - 1}&columns=email,phone").json
    [last] = window["rows"]
    # The row that came last stands for a person who is there twice, with the address that came first.
    assert last["_row_id"] == ROWS - 1
    assert last["values"] == [f"p{ROWS - 1 - PEOPLE}@example.org", f"030 9{ROWS - 1 - PEOPLE:06d}"]
    files = sorted(found.name for found in (server.data_dir / "objects" / "segments").rglob("*.parquet"))
    assert files == ["groups.parquet", "members.parquet"]
