"""Clients that stall, vanish or send too much, against the whole server: the others never notice."""

import contextlib
import re
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.support.live import BATCH, Api, LiveServer, batch_body
from tests.support.live_fixtures import NewServer
from tests.support.rawhttp import RawConnection, raw_connection

RECORDS = [{"email": f"person{number}@example.com"} for number in range(1000)]


def upload(api: Api, **headers: str) -> bytes:
    return api.request("POST", BATCH, batch_body("hostile", RECORDS), headers=headers)


@pytest.mark.parametrize("ending", ["reset", "closed", "half-closed"])
def test_a_client_that_is_gone_mid_body_leaves_nothing_behind(
    server: LiveServer, api: Api, ending: str
) -> None:
    before = set(api.every_upload())
    logged = len(server.log)
    for part in (0.1, 0.5, 0.999):
        request = upload(api)
        connection = RawConnection(server.address)
        connection.send(request[: int(len(request) * part)])
        if ending == "reset":
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif ending == "half-closed":
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.answer().status == 400
        connection.close()
    # A request of our own, after theirs, so that the log holds what became of them.
    assert set(api.every_upload()) == before
    assert "request.bug" not in server.log[logged:]
    assert "Traceback" not in server.log[logged:]


def test_300_stalled_clients_are_closed_and_others_are_served(server: LiveServer, api: Api) -> None:
    openings = [b"", b"GET / HTTP/1.1\r\nX-Slow: ", upload(api)[:-500]]
    with contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(raw_connection(server.address, timeout=60)) for _ in range(300)]
        for number, connection in enumerate(stalled):
            connection.send(openings[number % 3])
        started = time.monotonic()
        assert api.create("healthy", RECORDS).status == 200
        assert time.monotonic() - started < 5
        for number, connection in enumerate(stalled):
            if number % 3:
                answer = connection.answer()
                assert (answer.status, answer.json["code"]) == (408, "request_timeout")
            assert connection.is_ended()
        assert time.monotonic() - started < 60


def test_a_client_that_never_reads_its_answer_is_cut_off(server: LiveServer, api: Api) -> None:
    big = [{"email": f"{number:050}@example.com", "padding": "x" * 50} for number in range(30_000)]
    upload_id = api.create("big", big).json["upload_id"]
    process = psutil.Process(server.pid)
    with raw_connection(server.address, receive_buffer_bytes=4096) as connection:
        connection.send(api.request("GET", f"{BATCH}/{upload_id}"))
        ours = connection.socket.getsockname()
        deadline = time.monotonic() + 30
        while any(link.raddr == ours for link in process.net_connections()):
            assert time.monotonic() < deadline, "the connection is still held"
            assert api.call("GET", "/api/health/live").status == 200
            time.sleep(0.2)


@pytest.mark.parametrize("extra", [{}, {"Expect": "100-continue"}], ids=["at once", "expecting 100"])
def test_an_announced_body_over_the_limit_is_refused_before_it_is_sent(
    server: LiveServer, api: Api, extra: dict[str, str]
) -> None:
    with raw_connection(server.address) as connection:
        connection.send(api.request("POST", BATCH, headers={"Content-Length": "200000000", **extra}))
        answer = connection.answer()
        assert (answer.status, answer.json["code"]) == (413, "payload_too_large")
        assert "5242880" in answer.json["message"]
        assert connection.is_ended()


def test_nobody_without_a_key_gets_to_send_a_body(server: LiveServer) -> None:
    with raw_connection(server.address) as connection:
        connection.send(
            Api(server, "muster_nobody").request("POST", BATCH, headers={"Content-Length": "5000000"})
        )
        answer = connection.answer()
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert connection.is_ended()


@pytest.mark.parametrize(
    "broken",
    [b"5\r\nhello\r\nZZ\r\n", b"5\r\nhelloX", b"FFFFFFFFFFFFFFFFF\r\n"],
    ids=["no size", "too long", "absurd size"],
)
def test_a_broken_chunk_is_a_400_and_stores_nothing(server: LiveServer, api: Api, broken: bytes) -> None:
    before = set(api.every_upload())
    with raw_connection(server.address) as connection:
        connection.send(api.request("POST", BATCH, headers={"Transfer-Encoding": "chunked"}) + broken)
        answer = connection.answer()
        assert (answer.status, answer.json["status"]) == (400, "error")
    assert set(api.every_upload()) == before


def wait_until_held(api: Api, size_bytes: int) -> None:
    """Wait until the server says that it holds so many bytes of unfinished bodies."""
    deadline = time.monotonic() + 30
    while True:
        text = api.call("GET", "/metrics").body.decode()
        found = re.search(r"^muster_body_bytes_in_flight (\S+)$", text, re.MULTILINE)
        assert found, text
        if float(found[1]) >= size_bytes:
            return
        assert time.monotonic() < deadline, found[0]


def test_over_the_budget_of_bytes_in_flight_requests_wait_and_are_then_told_to_come_back(
    new_server: NewServer,
) -> None:
    server = new_server(environment={"MUSTER_MAX_BODY_BYTES_IN_FLIGHT": "60000"}).start()
    request = upload(server.api)
    assert 30_000 < len(request) < 60_000
    with raw_connection(server.address) as slow:
        slow.send(request[:-100])
        wait_until_held(server.api, 30_000)
        with ThreadPoolExecutor(2) as pool:
            others = [pool.submit(server.api.create, "other", RECORDS) for _ in range(2)]
            answers = [other.result() for other in others]
        for answer in answers:
            assert (answer.status, answer.json["code"]) == (503, "overloaded")
            assert int(answer.headers["retry-after"]) > 0
        assert slow.send(request[-100:]).answer().status == 200
    assert server.api.create("after", RECORDS).status == 200
    assert len(server.api.every_upload()) == 2
