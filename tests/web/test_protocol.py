"""Hostile clients against the HTTP front: raw sockets, a real uvicorn server, a tiny application behind it."""

import time
from collections.abc import Iterator

import pytest

from tests.support.rawhttp import exchange, raw_connection
from tests.support.tinyserver import (
    CHUNKED,
    LENGTH_5,
    MIB,
    SHORT,
    START,
    RunningServer,
    assert_refused,
    get,
    post,
    start,
    trickle,
    wait_until,
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    with RunningServer(SHORT) as server:
        yield server


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(get("/", extra=b"X-Long: " + b"a" * 9000 + b"\r\n"), id="one long header"),
        pytest.param(get("/", extra=b"X-Many: abc\r\n" * 700), id="many headers"),
        pytest.param(get("/" + "a" * 9000), id="long target"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-Endless: " + b"a" * 2_000_000, id="endless value"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-" + b"a" * 2_000_000, id="endless name"),
        pytest.param(b"GET /" + b"a" * 2_000_000, id="endless target"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX:" + b" " * 2_000_000, id="endless blanks"),
        pytest.param(get("/ok") + get("/", extra=b"X-Long: " + b"a" * 9000 + b"\r\n"), id="pipelined"),
    ],
)
def test_more_header_bytes_than_the_limit_are_answered_with_431(
    running: RunningServer, request_bytes: bytes
) -> None:
    with raw_connection(running.address) as connection:
        connection.send(request_bytes)
        answer = connection.answer()
        if answer.status == 200:
            answer = connection.answer()
        assert_refused(answer, 431, "headers_too_large")
        assert connection.is_ended()


def test_header_bytes_just_under_the_limit_are_served(running: RunningServer) -> None:
    room = SHORT.max_header_bytes - len(get("/")) - len(b"X-Long: \r\n") - 8
    extra = b"X-Long: " + b"a" * room + b"\r\n"
    with raw_connection(running.address) as connection:
        for _ in range(3):  # counted for each request, not for the connection
            assert connection.send(get("/", extra=extra)).answer().status == 200


def test_a_large_body_behind_a_small_head_is_not_counted_as_headers(running: RunningServer) -> None:
    answer = exchange(running.address, post("/", b"x" * 3 * MIB))
    assert (answer.status, answer.json["length"]) == (200, 3 * MIB)


def test_trailers_do_not_become_headers_of_the_application(running: RunningServer) -> None:
    trailers = b"Authorization: Bearer stolen\r\nHost: other\r\n"
    with raw_connection(running.address) as connection:
        connection.send(START + CHUNKED + b"\r\n3\r\nabc\r\n")
        wait_until(lambda: running.connections > 0)
        answer = connection.send(b"0\r\n" + trailers + b"\r\n").answer()
        assert (answer.status, answer.json["body"]) == (200, "abc")
        assert [name for name, _ in answer.json["headers"]] == ["host", "transfer-encoding"]


@pytest.mark.parametrize(
    "overhead",
    [
        pytest.param(b"0\r\nX-Trailer: " + b"a" * 400_000, id="endless trailer"),
        pytest.param(b"0\r\n" + b"X-Trailer: abc\r\n" * 40_000, id="many trailers"),
        pytest.param(b"3;ext=" + b"a" * 800_000, id="endless chunk extension"),
    ],
)
def test_framing_without_content_cannot_go_on_for_ever(running: RunningServer, overhead: bytes) -> None:
    answer = exchange(running.address, START + CHUNKED + b"\r\n3\r\nabc\r\n" + overhead)
    assert_refused(answer, 431, "headers_too_large")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"ZZ\r\nabc\r\n", id="no hexadecimal size"),
        pytest.param(b"-1\r\nabc\r\n", id="negative size"),
        pytest.param(b"FFFFFFFFFFFFFFFFF\r\nabc\r\n", id="size over 2^64"),
        pytest.param(b"3\r\nabcX", id="data longer than its size"),
        pytest.param(b"3\nabc\n", id="bare LF"),
    ],
)
def test_a_broken_chunk_is_a_400_and_a_disconnect_to_the_application(
    running: RunningServer, broken: bytes
) -> None:
    path = f"/broken-{broken[:3].hex()}-{len(broken)}"
    with raw_connection(running.address) as connection:
        connection.send(start(path) + CHUNKED + b"\r\n5\r\nhello\r\n" + broken)
        assert_refused(connection.answer(), 400, "malformed_request")
        assert connection.is_ended()
    wait_until(lambda: path in running.app.disconnected)


def test_a_connection_that_never_sends_a_byte_is_closed_without_an_answer(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        started = time.monotonic()
        assert connection.is_ended()
        assert 0.3 < time.monotonic() - started < 2


@pytest.mark.parametrize("before", [b"", get("/first")], ids=["first request", "later request"])
def test_a_head_that_trickles_is_cut_off_with_408(running: RunningServer, before: bytes) -> None:
    with raw_connection(running.address) as connection:
        if before:
            assert connection.send(before).answer().status == 200
        started = time.monotonic()
        connection.send(b"GET / HTTP/1.1\r\n")
        trickle(connection, b"X-A: b\r\n")
        assert_refused(connection.answer(), 408, "request_timeout")
        assert time.monotonic() - started < 2


def test_empty_lines_do_not_keep_a_connection_open(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        assert connection.send(get("/first")).answer().status == 200
        connection.send(b"\r\n\r\n")
        started = time.monotonic()
        assert connection.is_ended()
        assert time.monotonic() - started < 2


def test_a_body_that_stalls_is_cut_off_with_408_and_a_disconnect(running: RunningServer) -> None:
    path = "/stalls"
    with raw_connection(running.address) as connection:
        started = time.monotonic()
        connection.send(start(path) + b"Content-Length: 100\r\n\r\nsome")
        assert_refused(connection.answer(), 408, "request_timeout")
        assert connection.is_ended()
        assert time.monotonic() - started < 3
    wait_until(lambda: path in running.app.disconnected)


def test_a_body_that_trickles_is_cut_off_at_its_deadline(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        started = time.monotonic()
        connection.send(START + b"Content-Length: 1000\r\n\r\n")
        trickle(connection, b"x")
        assert_refused(connection.answer(), 408, "request_timeout")
        assert 0.5 < time.monotonic() - started < 2


def test_a_streamed_upload_may_take_longer_than_the_body_deadline(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(b"POST /stream/a HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\n")
        for _ in range(12):
            time.sleep(0.1)  # 1.2 s in all: over the body deadline, under the idle limit each
            connection.send(b"x")
        assert connection.answer().json["length"] == 12


def test_a_streamed_upload_that_falls_silent_is_cut_off(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(b"POST /stream/a HTTP/1.1\r\nHost: test\r\nContent-Length: 12\r\n\r\nabc")
        started = time.monotonic()
        assert_refused(connection.answer(), 408, "request_timeout")
        assert 0.3 < time.monotonic() - started < 2


def test_a_client_expecting_100_is_told_to_go_on_when_the_body_is_wanted(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(START + LENGTH_5 + b"Expect: 100-continue\r\n\r\n")
        assert connection.line() == b"HTTP/1.1 100 Continue\r\n"
        assert connection.line() == b"\r\n"
        assert connection.send(b"hello").answer().json["body"] == "hello"


def test_http_1_0_clients_are_never_told_to_continue(running: RunningServer) -> None:
    answer = exchange(
        running.address,
        b"POST /x HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    )
    assert (answer.status, answer.json["body"]) == (200, "hello")


def test_pipelined_requests_are_answered_in_order(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(get("/1") + post("/2", b"two") + get("/3") + post("/4", b"x" * 200_000) + get("/5"))
        answers = [connection.answer().json for _ in range(5)]
        assert [answer["path"] for answer in answers] == ["/1", "/2", "/3", "/4", "/5"]
        assert [answer["length"] for answer in answers] == [0, 3, 0, 200_000, 0]


def test_a_broken_request_behind_good_ones_is_refused_after_their_answers(running: RunningServer) -> None:
    running.app.release.clear()
    with raw_connection(running.address) as connection:
        connection.send(get("/gate") + get("/2") + b"GET / HTTP/1.1\r\n\r\n" + get("/never"))
        running.app.release.set()
        assert connection.answer().json == {"path": "/gate"}
        assert connection.answer().json["path"] == "/2"
        assert_refused(connection.answer(), 400, "host_invalid")
        assert connection.is_ended()


def test_a_broken_body_behind_a_good_request_is_refused_after_its_answer(running: RunningServer) -> None:
    running.app.release.clear()
    served = running.app.served
    with raw_connection(running.address) as connection:
        connection.send(get("/gate") + START + CHUNKED + b"\r\n3\r\nabcBROKEN")
        running.app.release.set()
        assert connection.answer().json == {"path": "/gate"}
        assert_refused(connection.answer(), 400, "malformed_request")
    assert running.app.served == served + 1


def test_a_flood_of_pipelined_requests_is_refused(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(get("/p") * 1000)
        statuses = [connection.answer().status]
        while statuses[-1] == 200:
            statuses.append(connection.answer().status)
        assert statuses[-1] == 400
        assert 60 < len(statuses) < 1000


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_an_upgrade_is_ignored_and_the_request_answered(running: RunningServer, upgrade: str) -> None:
    extra = f"Connection: Upgrade\r\nUpgrade: {upgrade}\r\nSec-WebSocket-Version: 13\r\n".encode()
    with raw_connection(running.address) as connection:
        assert connection.send(get("/up", extra=extra)).answer().json["path"] == "/up"
        assert connection.send(get("/next")).answer().json["path"] == "/next"


@pytest.mark.parametrize("step", [1_000_000, 7], ids=["at once", "in pieces"])
def test_the_body_of_a_request_that_asks_for_an_upgrade_is_its_body(
    running: RunningServer, step: int
) -> None:
    extra = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    hidden = get("/smuggled")
    data = (
        post("/up", hidden, extra=extra)
        + START
        + CHUNKED
        + extra
        + b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
        + get("/next")
    )
    with raw_connection(running.address) as connection:
        for position in range(0, len(data), step):
            connection.send(data[position : position + step])
        first, second, third = (connection.answer().json for _ in range(3))
        assert (first["path"], first["body"]) == ("/up", hidden.decode())
        assert (second["path"], second["body"]) == ("/x", hidden.decode())
        assert third["path"] == "/next"
