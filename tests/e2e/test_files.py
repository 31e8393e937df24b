"""Files against the real server: in constant memory, at any pace, cut off, announced wrongly."""

import contextlib
import hashlib
import time
from pathlib import Path

import pytest

from tests.e2e.test_memory import peak_growth_bytes
from tests.support.live import Api, LiveServer
from tests.support.live_fixtures import NewServer
from tests.support.rawhttp import Answer, raw_connection

FILES = "/api/audience/files?auto=false&upload_name="
MB = 1_000_000
PIECE = bytes(range(256)) * 4096
BINARY = {"Content-Type": "application/octet-stream"}


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def flood(server: LiveServer, pieces: int) -> Answer:
    """A file without a length, as fast as it is taken."""
    head = server.api.request("POST", FILES + "flood", headers={**BINARY, "Transfer-Encoding": "chunked"})
    with raw_connection(server.address, timeout=60) as connection:
        connection.send(head)
        for _ in range(pieces):
            connection.send(chunked(PIECE))
        return connection.send(b"0\r\n\r\n").answer()


def test_300_mb_go_through_the_server_without_staying_in_it(new_server: NewServer) -> None:
    server = new_server().start()
    assert flood(server, 2).status == 202
    told: list[Answer] = []
    growth = peak_growth_bytes(server, lambda: told.append(flood(server, 300)))
    digest = hashlib.sha256()
    for _ in range(300):
        digest.update(PIECE)
    assert (told[0].status, told[0].json["sha256"]) == (202, digest.hexdigest())
    assert told[0].json["size_bytes"] == 300 * len(PIECE)
    assert growth < 60 * MB, f"{growth / MB:.0f} MB"


def test_a_slow_line_may_take_longer_than_any_batch(server: LiveServer, api: Api) -> None:
    # This server gives a batch 4 seconds; a file only must not fall silent.
    request = api.request("POST", FILES + "slow", headers={**BINARY, "Content-Length": "60"})
    started = time.monotonic()
    with raw_connection(server.address, timeout=20) as connection:
        connection.send(request)
        for _ in range(60):
            connection.send(b"x")
            time.sleep(0.1)  # the slowness is what is tested
        assert time.monotonic() - started > 5
        answer = connection.answer()
    assert (answer.status, answer.json["size_bytes"]) == (202, 60)
    assert api.delete(answer.json["upload_id"]).status == 200


def test_nobody_without_a_key_gets_to_send_a_file(server: LiveServer) -> None:
    with raw_connection(server.address) as connection:
        nobody = Api(server, "muster_nobody")
        connection.send(
            nobody.request("POST", FILES + "x", headers={**BINARY, "Content-Length": "500000000"})
        )
        assert connection.answer().status == 401
        assert connection.is_ended()


@pytest.mark.parametrize("ending", ["cut short", "broken chunk"])
def test_a_body_that_is_not_what_it_said_leaves_nothing(server: LiveServer, api: Api, ending: str) -> None:
    before = set(api.every_upload())
    with raw_connection(server.address) as connection:
        if ending == "cut short":
            connection.send(api.request("POST", FILES + "x", headers={**BINARY, "Content-Length": "1000"}))
            connection.send(b"x" * 999)
            connection.socket.shutdown(1)
        else:
            framing = {**BINARY, "Transfer-Encoding": "chunked"}
            connection.send(api.request("POST", FILES + "x", headers=framing) + chunked(PIECE) + b"ZZ\r\n")
        assert connection.answer().status == 400
    assert set(api.every_upload()) == before
    objects = server.data_dir / "objects"
    deadline = time.monotonic() + 10
    while list((objects / ".tmp").iterdir()):
        assert time.monotonic() < deadline, "the bytes of the broken request are still there"
        time.sleep(0.02)
    assert "request.bug" not in server.log


def test_a_deleted_file_leaves_the_disk_by_itself(new_server: NewServer) -> None:
    server = new_server(jobs=True).start()
    api = server.api
    body = b"email\nquokka@example.org\n" * 100
    sent = api.call("POST", FILES + "quokka", body, headers={"Content-Type": "text/csv"})
    assert api.delete(sent.json["upload_id"]).status == 200
    assert api.get(sent.json["upload_id"]).status == 404
    deadline = time.monotonic() + 30
    while holds(server.data_dir, b"quokka"):
        assert time.monotonic() < deadline, "something of it is still on the disk"
        time.sleep(0.1)


def holds(directory: Path, mark: bytes) -> bool:
    """Whether any file has these bytes; one that goes away meanwhile has not."""
    for path in directory.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and mark in path.read_bytes():
                return True
    return False
