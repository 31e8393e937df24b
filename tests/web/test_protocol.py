"""Hostile clients against the HTTP front: raw sockets, a real uvicorn server, a tiny application behind it."""

import asyncio
import contextlib
import json
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from muster.web.protocol import ProtocolLimits, hardened_protocol
from tests.support.rawhttp import Answer, RawConnection, exchange, raw_connection

MIB = 1024 * 1024

SHORT = ProtocolLimits(
    max_header_bytes=8192,
    header_timeout_seconds=0.5,
    body_timeout_seconds=0.7,
    write_timeout_seconds=0.7,
    streaming_prefixes=("/stream/",),
    idle_timeout_seconds=0.5,
    linger_seconds=3,
    linger_idle_seconds=0.5,
    max_linger_bytes=64 * MIB,
)
PATIENT = ProtocolLimits(
    max_header_bytes=8192,
    header_timeout_seconds=30,
    body_timeout_seconds=30,
    write_timeout_seconds=30,
)


class TinyApp:
    """Echoes what it understood; counts what it saw, so that a test can tell refused from served."""

    def __init__(self) -> None:
        self.served = 0
        self.disconnects = 0
        self.release = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.served += 1
        path = scope["path"]
        if path == "/crash":
            raise RuntimeError("on purpose")
        if path == "/refuse":
            return await _answer(send, 413, {"refused": True})
        if path == "/gate":
            while not self.release.is_set():
                await asyncio.sleep(0.01)
            return await _answer(send, 200, {"path": path})
        if path == "/medium":
            return await _answer(send, 200, "x" * 40_000)
        if path == "/big":
            return await self._big(scope, receive, send)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return None
            body += message["body"]
            if not message["more_body"]:
                break
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
        return await _answer(
            send,
            200,
            {
                "method": scope["method"],
                "path": path,
                "query": scope["query_string"].decode(),
                "body": body[:100].decode("latin-1"),
                "length": len(body),
                "headers": headers,
            },
        )

    async def _big(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": bytes(MIB), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _answer(send: Any, status: int, content: Any) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class RunningServer:
    """uvicorn in a thread, as `muster serve` configures it apart from the limits."""

    def __init__(self, limits: ProtocolLimits, *, send_buffer_bytes: int | None = None) -> None:
        self.app = TinyApp()
        config = uvicorn.Config(
            self.app,
            http=hardened_protocol(limits),
            ws="none",
            loop="uvloop",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=2,
            timeout_graceful_shutdown=5,
        )
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        if send_buffer_bytes is not None:  # accepted sockets inherit it
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self.uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> "RunningServer":
        self._thread.start()
        assert exchange(self.address, get("/up")).status == 200
        return self

    def __exit__(self, *_: object) -> None:
        self.app.release.set()
        self.uvicorn.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    @property
    def connections(self) -> int:
        return len(self.uvicorn.server_state.connections)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    with RunningServer(SHORT) as server:
        yield server


def get(path: str, *, extra: bytes = b"") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n".encode() + extra + b"\r\n"


def post(path: str, body: bytes, *, extra: bytes = b"") -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n%s\r\n%s" % (
        path.encode(),
        len(body),
        extra,
        body,
    )


def assert_refused(answer: Answer, status: int, code: str) -> None:
    """The one error shape, and the end of the connection announced."""
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["status"] == "error"
    assert answer.json["message"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["connection"] == "close"


def trickle(connection: RawConnection, piece: bytes) -> None:
    """Send `piece` again and again, slowly, until the server answers."""
    for _ in range(100):
        readable, _, _ = select.select([connection.socket], [], [], 0.05)
        if readable:
            return
        connection.send(piece)
    raise AssertionError("the server let it trickle")


def wait_until(condition: Any, *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


START = b"POST /x HTTP/1.1\r\nHost: test\r\n"
LENGTH_5 = b"Content-Length: 5\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "code"),
    [
        pytest.param(
            START + LENGTH_5 + CHUNKED + b"\r\nhello", "malformed_request", id="length then chunked"
        ),
        pytest.param(
            START + CHUNKED + LENGTH_5 + b"\r\n0\r\n\r\n", "malformed_request", id="chunked then length"
        ),
        pytest.param(START + LENGTH_5 * 2 + b"\r\nhello", "malformed_request", id="same length twice"),
        pytest.param(
            START + LENGTH_5 + b"Content-Length: 6\r\n\r\nhello!", "malformed_request", id="two lengths"
        ),
        pytest.param(START + b"Content-Length: 5, 5\r\n\r\nhello", "malformed_request", id="length list"),
        pytest.param(START + b"Content-Length: +5\r\n\r\nhello", "malformed_request", id="plus length"),
        pytest.param(START + b"Content-Length: -5\r\n\r\nhello", "malformed_request", id="minus length"),
        pytest.param(START + b"Content-Length: 0x5\r\n\r\nhello", "malformed_request", id="hex length"),
        pytest.param(START + b"Content-Length: 5_0\r\n\r\nhello", "malformed_request", id="python length"),
        pytest.param(START + b"Content-Length:\r\n\r\nhello", "malformed_request", id="empty length"),
        pytest.param(
            START + b"Content-Length: 18446744073709551615\r\n\r\nx", "content_length_invalid", id="2^64-1"
        ),
        pytest.param(
            START + b"Content-Length: 99999999999999999999\r\n\r\nx", "malformed_request", id="over 2^64"
        ),
        pytest.param(
            START + b"Content-Length: 0000000000000005\r\n\r\nhello", "content_length_invalid", id="overlong"
        ),
        pytest.param(
            START + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "transfer_encoding_unsupported",
            id="gzip, chunked",
        ),
        pytest.param(
            START + b"Transfer-Encoding: gzip\r\n\r\nx", "transfer_encoding_unsupported", id="gzip only"
        ),
        pytest.param(
            START + b"Transfer-Encoding: identity\r\n\r\n", "transfer_encoding_unsupported", id="identity"
        ),
        pytest.param(
            START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "transfer_encoding_unsupported",
            id="xchunked",
        ),
        pytest.param(
            START + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
            "transfer_encoding_unsupported",
            id="chunked with a parameter",
        ),
        pytest.param(
            START + b"Transfer-Encoding: chunked, gzip\r\n\r\n", "malformed_request", id="chunked, gzip"
        ),
        pytest.param(START + CHUNKED * 2 + b"\r\n0\r\n\r\n", "malformed_request", id="chunked twice"),
        pytest.param(START + b"Transfer-Encoding: \x0bchunked\r\n\r\n", "malformed_request", id="VT chunked"),
        pytest.param(
            START + b"Transfer-Encoding : chunked\r\n\r\n", "malformed_request", id="space before colon"
        ),
        pytest.param(
            b"POST /x HTTP/1.0\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
            "transfer_encoding_unsupported",
            id="chunked in HTTP/1.0",
        ),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "host_invalid", id="no host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost:\r\n\r\n", "host_invalid", id="empty host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "host_invalid", id="two hosts"),
        pytest.param(b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "host_invalid", id="two hosts in 1.0"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a b/<script>\r\n\r\n", "host_invalid", id="absurd host"),
        pytest.param(START + b"X-A: one\r\n two\r\n\r\n", "malformed_request", id="folded header"),
        pytest.param(b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", "malformed_request", id="folded first line"),
        pytest.param(START + b"X-A: a\x00b\r\n\r\n", "malformed_request", id="NUL in a value"),
        pytest.param(START + b"X-A: a\rb\r\n\r\n", "malformed_request", id="bare CR in a value"),
        pytest.param(START + b"X-A: a\nX-B: b\r\n\r\n", "malformed_request", id="bare LF in a value"),
        pytest.param(START + b"X-A: \x7f\r\n\r\n", "malformed_request", id="DEL in a value"),
        pytest.param(START + b"X A: a\r\n\r\n", "malformed_request", id="space in a name"),
        pytest.param(START + b"no colon\r\n\r\n", "malformed_request", id="no colon"),
        pytest.param(START + b": nameless\r\n\r\n", "malformed_request", id="no name"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", "malformed_request", id="bare LF lines"),
        pytest.param(b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "malformed_request", id="space in target"),
        pytest.param(
            b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", "malformed_request", id="raw UTF-8 target"
        ),
        pytest.param(b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "malformed_request", id="control in target"),
        pytest.param(b"GET x HTTP/1.1\r\nHost: a\r\n\r\n", "malformed_request", id="relative target"),
        pytest.param(b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", "target_invalid", id="fragment"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "target_invalid", id="asterisk"),
        pytest.param(b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "target_invalid", id="CONNECT"),
        pytest.param(
            b"GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", "target_invalid", id="user in authority"
        ),
        pytest.param(b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "address_malformed", id="broken escape"),
        pytest.param(b"GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", "address_malformed", id="half an escape"),
        pytest.param(b"GET /?q=%ff HTTP/1.1\r\nHost: a\r\n\r\n", "address_malformed", id="not UTF-8"),
        pytest.param(b"GET /?q=%00 HTTP/1.1\r\nHost: a\r\n\r\n", "address_malformed", id="NUL escape"),
        pytest.param(b"GET /\r\n\r\n", "http_version_unsupported", id="HTTP/0.9"),
        pytest.param(b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "http_version_unsupported", id="HTTP/2.0"),
        pytest.param(b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", "malformed_request", id="HTTP/1.2"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "malformed_request", id="HTTP/2 preface"),
        pytest.param(b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n", "malformed_request", id="unknown method"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "malformed_request", id="TLS hello"),
        pytest.param(b"\x00" * 100, "malformed_request", id="zeros"),
    ],
)
@pytest.mark.parametrize("pieces", ["whole", "byte by byte"])
def test_a_request_that_can_be_read_in_two_ways_is_refused_in_the_one_error_shape(
    running: RunningServer, request_bytes: bytes, code: str, pieces: str
) -> None:
    served = running.app.served
    with raw_connection(running.address) as connection:
        if pieces == "whole":
            connection.send(request_bytes)
        else:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for position in range(len(request_bytes)):
                connection.send(request_bytes[position : position + 1])
        assert_refused(connection.answer(), 400, code)
        assert connection.is_ended()
    assert running.app.served == served


def test_a_refusal_of_head_has_no_body(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        answer = connection.send(b"HEAD /%zz HTTP/1.1\r\nHost: a\r\n\r\n").answer(method="HEAD")
        assert (answer.status, answer.body) == (400, b"")
        assert int(answer.headers["content-length"]) > 0
        assert connection.is_ended()


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
    disconnects = running.app.disconnects
    with raw_connection(running.address) as connection:
        connection.send(START + CHUNKED + b"\r\n5\r\nhello\r\n" + broken)
        assert_refused(connection.answer(), 400, "malformed_request")
        assert connection.is_ended()
    wait_until(lambda: running.app.disconnects == disconnects + 1)


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


def test_an_idle_kept_connection_is_left_to_the_keep_alive_clock(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        assert connection.send(get("/first")).answer().status == 200
        time.sleep(SHORT.header_timeout_seconds + 0.3)  # the time itself is the thing under test
        assert connection.send(get("/second")).answer().json["path"] == "/second"


def test_a_body_that_stalls_is_cut_off_with_408_and_a_disconnect(running: RunningServer) -> None:
    disconnects = running.app.disconnects
    with raw_connection(running.address) as connection:
        started = time.monotonic()
        connection.send(START + b"Content-Length: 100\r\n\r\nsome")
        assert_refused(connection.answer(), 408, "request_timeout")
        assert connection.is_ended()
        assert time.monotonic() - started < 3
    wait_until(lambda: running.app.disconnects == disconnects + 1)


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


def test_a_client_expecting_100_is_told_to_go_on_when_the_body_is_wanted(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(START + LENGTH_5 + b"Expect: 100-continue\r\n\r\n")
        assert connection.line() == b"HTTP/1.1 100 Continue\r\n"
        assert connection.line() == b"\r\n"
        assert connection.send(b"hello").answer().json["body"] == "hello"


def test_a_client_expecting_100_is_refused_before_it_sends(running: RunningServer) -> None:
    with raw_connection(running.address) as connection:
        connection.send(
            START.replace(b"/x", b"/refuse") + b"Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.answer().status == 413
        assert connection.is_ended()


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


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET http://test:80/a?b=c HTTP/1.1\r\nHost: test:80\r\n\r\n", ("/a", "b=c")),
        (b"GET http://test HTTP/1.1\r\nHost: test\r\n\r\n", ("/", "")),
        (b"GET /%E2%82%AC%20?q=%25 HTTP/1.1\r\nHost: test\r\n\r\n", ("/\u20ac ", "q=%25")),
        (b"\r\n\r\nGET /after HTTP/1.1\r\nHost: test\r\n\r\n", ("/after", "")),
        (b"GET / HTTP/1.0\r\n\r\n", ("/", "")),
        (b"GET / HTTP/1.1\r\nHost: [::1]:3000\r\nX-A: \xff\r\n\r\n", ("/", "")),
        (b"PROPFIND / HTTP/1.1\r\nHost: test\r\n\r\n", ("/", "")),
    ],
    ids=[
        "absolute",
        "absolute without path",
        "escapes",
        "empty lines first",
        "1.0",
        "odd but legal",
        "method",
    ],
)
def test_odd_but_valid_requests_are_served(
    running: RunningServer, request_bytes: bytes, expected: tuple[str, str]
) -> None:
    answer = exchange(running.address, request_bytes)
    assert answer.status == 200
    assert (answer.json["path"], answer.json["query"]) == expected


def test_an_absolute_target_replaces_the_host_header(running: RunningServer) -> None:
    answer = exchange(running.address, b"GET http://right/ HTTP/1.1\r\nHost: wrong\r\n\r\n")
    assert answer.json["headers"] == [["host", "right"]]


def test_a_length_padded_with_blanks_reaches_the_application_trimmed(running: RunningServer) -> None:
    answer = exchange(running.address, START + b"Content-Length: 5 \t\r\n\r\nhello")
    assert ["content-length", "5"] in answer.json["headers"]


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
    disconnects = running.app.disconnects
    connection = RawConnection(running.address)
    connection.send(START + b"Content-Length: 10\r\n\r\nhello")
    # Close with a reset, as a crashed client's kernel does.
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    wait_until(lambda: running.app.disconnects == disconnects + 1)


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
