"""The work on an upload, followed over streams that break and servers that have none to give."""

import httpx2
import pytest

from muster.client import Client, Event, NotFound, ServerError, StillWorking, Unreachable, WorkProgress
from muster.client._events import parse_events
from muster.client._wait import wait_for

UPLOAD = "upl_1700000000_AbCdEf"


def event(number, kind="progress", data='{"phase":"reading","done":5,"total":10}'):
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n".encode()


DONE = event(9, "done", '{"state":"done"}')


class Cut(httpx2.SyncByteStream):
    """A body that breaks off after its pieces."""

    def __init__(self, *pieces):
        self._pieces = pieces

    def __iter__(self):
        yield from self._pieces
        raise httpx2.ReadError("The network broke.")


class Server:
    """Answers one request after the other as it was told to; remembers what was asked."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.seen = []
        self.asked_after = []
        self.tags = []

    def answer(self, request):
        if request.url.path.endswith("/events"):
            self.seen.append("events")
            self.asked_after.append(request.headers["Last-Event-ID"])
        else:
            self.seen.append("upload")
            self.tags.append(request.headers.get("If-None-Match"))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options):
        return Client("http://muster.test", transport=httpx2.MockTransport(self.answer), **options)


def stream(*pieces, is_cut=False):
    headers = {"Content-Type": "text/event-stream"}
    first = b"retry: 2000\n\n"
    if is_cut:
        return httpx2.Response(200, headers=headers, stream=Cut(first, *pieces))
    return httpx2.Response(200, headers=headers, content=b"".join((first, *pieces)))


def over():
    return httpx2.Response(204)


def upload(status, progress=None, tag='W/"1"'):
    said = {
        "status": "success",
        "upload_id": UPLOAD,
        "upload_name": "n",
        "created_at": "2026-01-01T00:00:00Z",
        "rows_received": 3,
        "upload_status": status,
    }
    return httpx2.Response(
        200, json=said if progress is None else {**said, "progress": progress}, headers={"ETag": tag}
    )


def refused(status, code):
    return httpx2.Response(status, json={"status": "error", "code": code, "message": "No."})


def test_a_stream_that_breaks_is_gone_on_with_after_its_last_whole_event():
    server = Server(
        stream(event(1), event(2), event(3)[:-5], is_cut=True),
        httpx2.ConnectError("away"),
        stream(event(3), event(4), is_cut=True),
        stream(DONE),
        over(),
    )
    with server.client() as client:
        found = list(client.events(UPLOAD))
    assert [one.number for one in found] == [1, 2, 3, 4, 9]
    assert server.asked_after == ["0", "2", "2", "4", "9"]


def test_events_begin_after_the_number_that_was_asked_for():
    server = Server(stream(event(8)), over())
    with server.client() as client:
        assert [one.number for one in client.events(UPLOAD, after=7)] == [8]
    assert server.asked_after[0] == "7"


def test_streams_that_break_again_and_again_without_news_are_given_up():
    server = Server(*[stream(is_cut=True) for _ in range(50)])
    with server.client() as client, pytest.raises(Unreachable):
        list(client.events(UPLOAD))
    assert len(server.seen) < 20


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (b"", []),
        (b": still here\n\n", [None]),
        (b"id: 1\r\nevent: state\r\ndata: {}\r\n\r\n", [Event(1, "state", {})]),
        (b"id:1\nevent:state\ndata:{}\n\n", [Event(1, "state", {})]),
        (event(1)[:-1], [None]),
    ],
    ids=["nothing", "a comment", "other line ends", "without blanks", "cut off"],
)
@pytest.mark.parametrize("piece_bytes", [1, 3, 1000])
def test_events_are_read_however_they_are_cut_into_pieces(text, events, piece_bytes):
    pieces = [text[at : at + piece_bytes] for at in range(0, len(text), piece_bytes)]
    assert list(parse_events(pieces)) == events


@pytest.mark.parametrize("text", [b"data: {}\n\n", b"id: 1\ndata: []\n\n", b"id: 1\ndata: nonsense\n\n"])
def test_events_of_something_else_are_said_to_be_that(text):
    with pytest.raises(ServerError, match="Muster"):
        list(parse_events([text]))


def test_waiting_tells_of_the_work_and_returns_the_upload_as_it_is_then():
    server = Server(stream(event(1), event(2, "state", '{"state":"done"}'), DONE), over(), upload("ready"))
    seen = []
    with server.client() as client:
        found = client.wait(UPLOAD, on_progress=seen.append)
    assert found.is_ready
    assert seen == [WorkProgress(phase="reading", done=5, total=10)]


def test_without_streams_the_upload_itself_is_asked_for_and_known_answers_are_not_sent_again():
    progress = {"state": "running", "phase": "reading", "done": 1, "total": 2, "unit": "bytes"}
    server = Server(
        refused(406, "not_acceptable"),
        upload("processing", progress, 'W/"1"'),
        httpx2.Response(304),
        upload("ready_with_errors", None, 'W/"2"'),
    )
    seen = []
    with server.client() as client:
        found = wait_for(
            client._connection, UPLOAD, timeout_seconds=None, on_progress=seen.append, poll_seconds=0
        )
    assert found.status == "ready_with_errors"
    assert server.tags == [None, 'W/"1"', 'W/"1"']
    assert [one.done for one in seen] == [1]


@pytest.mark.parametrize(
    "answers",
    [
        [stream(b": still here\n\n") for _ in range(1000)],
        [stream(event(1)) for _ in range(1000)],
        [refused(406, "not_acceptable"), *[upload("processing", {"state": "running"}) for _ in range(9)]],
    ],
    ids=["signs of life", "the same event", "asking"],
)
def test_waiting_ends_when_its_time_is_over_while_the_work_goes_on(answers):
    with Server(*answers).client() as client, pytest.raises(StillWorking) as raised:
        client.wait(UPLOAD, timeout_seconds=0.02)
    assert raised.value.code == "still_working"


def test_waiting_for_nothing_is_said_at_once():
    with Server(refused(404, "upload_not_found")).client() as client, pytest.raises(NotFound):
        client.wait(UPLOAD)
