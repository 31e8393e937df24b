"""How connections end: clients that stop reading, that are refused while sending, that vanish."""

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest

from tests.support.rawhttp import RawConnection, exchange, raw_connection
from tests.support.tinyserver import (
    CHUNKED,
    MIB,
    PATIENT,
    SHORT,
    START,
    RunningServer,
    assert_refused,
    get,
    post,
    start,
    wait_until,
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    with RunningServer(SHORT) as server:
        yield server


def test_a_client_that_stops_reading_is_cut_off(running: RunningServer) -> None:
    wait_until(lambda: running.connections == 0)
    with raw_connection(running.address) as connection:
        connection.send(get("/big"))
        wait_until(lambda: running.connections == 1)
        wait_until(lambda: running.connections == 0)
        received = 0
        while piece := connection.socket.recv(MIB):  # what the kernel still held
            received += len(piece)
    assert 0 < received < 100 * MIB


def test_a_client_that_never_reads_an_answer_too_small_to_fill_the_buffer_is_cut_off() -> None:
    # 40 kB are too much for these socket buffers and too little for the transport to ask for a pause, so
    # only the clock of the close itself can end this.
    with (
        RunningServer(SHORT, send_buffer_bytes=4096) as server,
        raw_connection(server.address, receive_buffer_bytes=4096) as connection,
    ):
        wait_until(lambda: server.connections == 1)
        connection.send(get("/medium", extra=b"Connection: close\r\n"))
        started = time.monotonic()
        wait_until(lambda: server.connections == 0)
        assert 0.5 < time.monotonic() - started < 3


@pytest.mark.parametrize("extra", [b"", b"Expect: 100-continue\r\n"], ids=["plain", "expecting 100"])
def test_an_early_refusal_reaches_a_client_that_sends_a_huge_body_first(
    running: RunningServer, extra: bytes
) -> None:
    with raw_connection(running.address) as connection:
        connection.send(START.replace(b"/x", b"/refuse") + b"Content-Length: 20000000\r\n" + extra + b"\r\n")
        for _ in range(20):
            connection.send(bytes(1_000_000))
        answer = connection.answer()
        assert (answer.status, answer.json) == (413, {"refused": True})
        assert answer.headers["connection"] == "close"
        assert connection.is_ended()


def test_an_endless_body_after_a_refusal_is_dropped_and_ends(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(START.replace(b"/x", b"/refuse") + CHUNKED + b"\r\n")
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        sent = 0
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while sent < 200 * MIB:
                connection.send(chunk)
                sent += len(chunk)
        assert sent < SHORT.max_linger_bytes + 32 * MIB  # what the kernel's buffers hold comes on top


def test_a_client_expecting_100_is_refused_before_it_sends(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(
            START.replace(b"/x", b"/refuse") + b"Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.answer().status == 413
        assert connection.is_ended()


def test_an_idle_kept_connection_is_left_to_the_keep_alive_clock(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        assert connection.send(get("/first")).answer().status == 200
        time.sleep(SHORT.header_timeout_seconds + 0.3)  # the time itself is the thing under test
        assert connection.send(get("/second")).answer().json["path"] == "/second"


def test_a_client_that_closes_its_sending_side_still_gets_its_answer(running: RunningServer) -> None:
    running.app.release.clear()
    with raw_connection(running.address) as connection:
        connection.send(get("/gate"))
        connection.socket.shutdown(socket.SHUT_WR)
        running.app.release.set()
        assert connection.answer().json == {"path": "/gate"}
        assert connection.is_ended()


@pytest.mark.parametrize(
    "part", [b"POST /x HT", START + b"Content-Length: 10\r\n\r\nhello"], ids=["in the head", "in the body"]
)
def test_a_request_that_ends_early_is_a_400(running: RunningServer, part: bytes) -> None:
    with raw_connection(running.address) as connection:
        connection.send(part)
        connection.socket.shutdown(socket.SHUT_WR)
        assert_refused(connection.answer(), 400, "request_incomplete")
        assert connection.is_ended()


def test_a_client_that_vanishes_mid_body_is_a_disconnect_and_nothing_else(running: RunningServer) -> None:
    connection = RawConnection(running.address)
    connection.send(start("/vanishes") + b"Content-Length: 10\r\n\r\nhello")
    # Close with a reset, as a crashed client's kernel does.
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    wait_until(lambda: "/vanishes" in running.app.disconnected)


def test_an_application_that_crashes_answers_in_the_one_error_shape(
    running: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    with raw_connection(running.address) as connection:
        assert_refused(connection.send(get("/crash")).answer(), 500, "internal_error")
        assert connection.is_ended()
    assert "on purpose" in caplog.text


def test_300_slow_and_idle_connections_do_not_hold_up_a_healthy_request() -> None:
    openings = [b"", b"GET / HTTP/1.1\r\nX-Slow: ", START + b"Content-Length: 1000\r\n\r\nhalf"]
    with RunningServer(PATIENT) as server:
        stalled = [RawConnection(server.address) for _ in range(300)]
        try:
            for number, connection in enumerate(stalled):
                connection.send(openings[number % len(openings)])
            wait_until(lambda: server.connections >= 300)
            started = time.monotonic()
            assert exchange(server.address, post("/healthy", b"x" * MIB)).json["length"] == MIB
            assert time.monotonic() - started < 1
        finally:
            for connection in stalled:
                connection.close()


def test_stopping_finishes_the_request_in_flight_and_closes_the_idle() -> None:
    with (
        RunningServer(PATIENT) as server,
        raw_connection(server.address) as idle,
        raw_connection(server.address) as busy,
    ):
        assert idle.send(get("/up")).answer().status == 200
        served = server.app.served
        busy.send(get("/gate"))
        wait_until(lambda: server.app.served > served)
        server.uvicorn.should_exit = True
        assert idle.is_ended()
        server.app.release.set()
        answer = busy.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert busy.is_ended()
