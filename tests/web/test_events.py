"""Event streams over a real server, behind the middleware and the protocol they have to pass."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from muster.errors import Overloaded
from muster.web import events
from muster.web.compress import Compress
from muster.web.errors import answer
from muster.web.events import MAX_STREAMS_OF_A_USER, ServerEvent, event_stream, last_event_id
from muster.web.observe import Observe
from tests.support.rawhttp import exchange
from tests.support.tinyserver import SHORT, RunningServer, get


@dataclass
class Feed:
    """Events a test adds to while they are being read."""

    told: list[ServerEvent] = field(default_factory=list)
    over: bool = False

    def tell(self, kind: str, **data: object) -> None:
        self.told.append(ServerEvent(len(self.told) + 1, kind, data))

    def end(self) -> None:
        self.tell("done", state="done")
        self.over = True

    def read(self, last_id: int) -> Sequence[ServerEvent]:
        return self.told[last_id : last_id + 100]

    def is_over(self) -> bool:
        return self.over


class Stream:
    """A client of a stream: reads as it comes."""

    def __init__(self, address: tuple[str, int], path: str, extra: bytes = b"") -> None:
        self._socket = socket.create_connection(address, timeout=10)
        self._socket.sendall(get(path, extra=extra))
        self._seen = b""

    def until(self, wanted: bytes) -> bytes:
        """Everything that came, once `wanted` is in it."""
        while wanted not in self._seen:
            more = self._socket.recv(65_536)
            assert more, f"it ended: {self._seen!r}"
            self._seen += more
        return self._seen

    def until_end(self) -> bytes:
        """Everything, once the last chunk of the answer came; closes the connection."""
        seen = self.until(b"\r\n0\r\n\r\n")
        self.close()
        return seen

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def server(feed: Feed) -> Iterator[RunningServer]:
    def stream(request: Request) -> Response:
        request.state.principal = SimpleNamespace(user_id=request.query_params.get("user"), actor="key")
        try:
            return event_stream(request, feed.read, feed.is_over, last_event_id(request))
        except Overloaded as error:
            return answer(request, error)

    def up(_request: Request) -> Response:
        return PlainTextResponse("yes")

    app = Starlette(routes=[Route("/events", stream), Route("/up", up)])
    app.add_middleware(Compress, minimum_size=1, compresslevel=1)
    app.add_middleware(Observe)
    running = RunningServer(SHORT)
    running.uvicorn.config.app = app
    with running:
        yield running


def wait_until_nothing_is_open() -> None:
    deadline = time.monotonic() + 10
    while events._open.total():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_was_told_comes_first_and_what_is_told_later_comes_soon(
    server: RunningServer, feed: Feed
) -> None:
    feed.tell("state", state="queued", text="é\n")
    stream = Stream(server.address, "/events")
    head = stream.until(b"event: state")
    assert b"200 OK" in head
    assert b"content-type: text/event-stream" in head.lower()
    assert b"retry: 2000" in head
    assert 'id: 1\nevent: state\ndata: {"state":"queued","text":"é\\n"}\n\n'.encode() in stream.until(b"\\n")
    told_at = time.monotonic()
    feed.tell("progress", done=1)
    stream.until(b'id: 2\nevent: progress\ndata: {"done":1}')
    assert time.monotonic() - told_at < 2
    feed.end()
    assert stream.until_end().count(b"event: done") == 1


def test_nothing_is_held_back_to_be_compressed(server: RunningServer, feed: Feed) -> None:
    feed.tell("state", state="queued")
    stream = Stream(server.address, "/events", b"Accept-Encoding: gzip\r\n")
    seen = stream.until(b"event: state")
    assert b"content-encoding" not in seen.lower()
    assert gzip.compress(b"")[:2] not in seen
    stream.close()


def test_a_silent_stream_outlives_the_clocks_of_the_protocol(server: RunningServer, feed: Feed) -> None:
    stream = Stream(server.address, "/events")
    stream.until(b"retry:")
    threading.Event().wait(3 * SHORT.write_timeout_seconds)
    feed.tell("progress", done=1)
    stream.until(b"id: 1")
    stream.close()


def test_who_comes_back_gets_what_it_missed_and_nothing_twice(server: RunningServer, feed: Feed) -> None:
    for number in range(250):
        feed.tell("progress", done=number)
    feed.end()
    seen = Stream(server.address, "/events", b"Last-Event-ID: 240\r\n").until_end()
    assert b"id: 240\n" not in seen
    assert [seen.count(b"id: %d\n" % number) for number in (241, 250, 251)] == [1, 1, 1]
    everything = Stream(server.address, "/events").until_end()
    assert everything.count(b"event: progress") == 250


@pytest.mark.parametrize("sent", [b"-1", b"two", b"9" * 40, b"\xd9\xa1", b""])
def test_an_id_we_never_gave_means_from_the_beginning(server: RunningServer, feed: Feed, sent: bytes) -> None:
    feed.end()
    assert b"id: 1\n" in Stream(server.address, "/events", b"Last-Event-ID: %s\r\n" % sent).until_end()


def test_who_has_seen_everything_is_told_not_to_come_back(server: RunningServer, feed: Feed) -> None:
    feed.end()
    told = exchange(server.address, get("/events", extra=b"Last-Event-ID: 1\r\n"))
    assert (told.status, told.body) == (204, b"")


def test_an_end_in_the_middle_does_not_end_the_stream(server: RunningServer, feed: Feed) -> None:
    feed.tell("done", state="failed")  # an earlier job of the same subject
    stream = Stream(server.address, "/events")
    stream.until(b"failed")
    feed.tell("state", state="queued")
    stream.until(b"queued")
    feed.end()
    stream.until_end()


def test_a_client_that_goes_leaves_nothing_behind(server: RunningServer, feed: Feed) -> None:
    streams = [Stream(server.address, "/events") for _ in range(5)]
    for stream in streams:
        stream.until(b"retry:")
    assert events._open.total() == 5
    for stream in streams:
        stream.close()
    wait_until_nothing_is_open()
    assert not events._open


def test_one_user_cannot_take_every_place(server: RunningServer, feed: Feed) -> None:
    streams = [Stream(server.address, "/events?user=ada") for _ in range(MAX_STREAMS_OF_A_USER)]
    for stream in streams:
        stream.until(b"retry:")
    refused = exchange(server.address, get("/events?user=ada"))
    assert (refused.status, refused.json["code"]) == (503, "too_many_streams")
    other = Stream(server.address, "/events?user=bob")
    other.until(b"retry:")
    for stream in [*streams, other]:
        stream.close()
    wait_until_nothing_is_open()


def test_a_server_that_ends_ends_its_streams_in_good_order(server: RunningServer, feed: Feed) -> None:
    stream = Stream(server.address, "/events")
    stream.until(b"retry:")
    asked_at = time.monotonic()
    server.uvicorn.should_exit = True
    stream.until_end()
    assert time.monotonic() - asked_at < 2
