"""A worker killed again and again while it builds a table: the table is the one nobody disturbed."""

import random
import time

import psutil
import pytest

from tests.e2e.test_tables import at_rest, rows, send_file
from tests.support.live import BATCH, LiveServer
from tests.support.live_fixtures import NewServer

ROWS = 300_000


def content() -> bytes:
    """Some tens of MB, more than one portion; every 50,000th line is broken."""
    lines = [b"email,name,company,city,note"]
    for at in range(ROWS):
        if at % 50_000 == 17:
            lines.append(b"broken")
        else:
            lines.append(
                b'person%d@example.org,"Name, %d",Company %d,City %d,%s'
                % (at, at, at % 999, at % 77, b"x" * 150)
            )
    return b"\n".join(lines) + b"\n"


def workers_of(server: LiveServer) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(server.pid).children(recursive=True):
        try:
            if "worker" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("database", "kills"),
    [
        ("sqlite", 2),
        pytest.param("sqlite", 5, marks=pytest.mark.soak),
        pytest.param("postgresql", 5, marks=pytest.mark.soak),
    ],
)
def test_kills_of_the_worker_change_nothing(new_server: NewServer, database: str, kills: int) -> None:
    rng = random.Random(11)  # noqa: S311
    server = new_server(database=database, jobs=True).start()
    upload_id = send_file(server.api, content(), "people.csv")
    for _ in range(kills):
        deadline = time.monotonic() + 60
        while not (workers := workers_of(server)):
            assert time.monotonic() < deadline, "no worker came back"
            time.sleep(0.02)
        time.sleep(rng.uniform(0.5, 3))  # at any point of its work; what it does meanwhile is the question
        for worker in workers:
            if worker.is_running():
                worker.kill()
    done = at_rest(server.api, upload_id)
    assert (done["rows_received"], done["rows_accepted"], done["rows_rejected"]) == (ROWS, ROWS - 6, 6), done
    shown = rows(server.api, upload_id, offset=ROWS - 7, limit=1)["rows"][0]
    assert shown["_row"] == ROWS - 1
    assert shown["values"][0] == f"person{ROWS - 1}@example.org"
    profile = server.api.call("GET", f"{BATCH}/{upload_id}/profile").json
    assert {column["filled"] for column in profile["columns"]} == {ROWS - 6}
    rejects = server.api.call("GET", f"{BATCH}/{upload_id}/rejects").json["rejects"]
    assert [reject["_row"] for reject in rejects] == [at for at in range(ROWS) if at % 50_000 == 17]
