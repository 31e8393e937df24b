"""What a request head may look like: odd ones are served, ambiguous ones refused, by a real server."""

import socket
from collections.abc import Iterator

import pytest

from tests.support.rawhttp import exchange, raw_connection
from tests.support.tinyserver import CHUNKED, LENGTH_5, SHORT, START, RunningServer, assert_refused


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    with RunningServer(SHORT) as server:
        yield server


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
