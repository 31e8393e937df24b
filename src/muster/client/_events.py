"""Server-sent events (WHATWG HTML, section 9.2): what happens to an upload or a run, with replay after a cut."""

import time
from collections.abc import Iterable, Iterator

import msgspec

from ._connection import Connection
from ._errors import ServerError, StillWorking, Unreachable
from ._work_model import Event

_QUIET_STREAMS = 5
"""So many streams in a row may be cut without news before that is given up."""


def read_events(
    connection: Connection, path: str, subject: str, *, after: int = 0, until: float | None = None
) -> Iterator[Event]:
    """The events at `path` after a number, until nothing works on their subject any more.

    subject: its id, for messages. until: on the monotonic clock; StillWorking is raised then. A stream that is cut
    is asked for again from where it was. Raises Unreachable when that happens again and again with no news in
    between.
    """
    quiet = 0
    while True:
        is_over = True
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        try:
            with connection.stream(
                "GET", path, headers=headers, retry=True, silence_seconds=_left(subject, until)
            ) as pieces:
                for event in parse_events(pieces):
                    is_over = False
                    _left(subject, until)
                    if event is not None and event.number > after:
                        after, quiet = event.number, 0
                        yield event
        except Unreachable:
            _left(subject, until)
            if quiet >= _QUIET_STREAMS:
                raise
            is_over = False
        if is_over:  # no content at all is the server's way to say that nothing more will come
            return
        quiet += 1


def parse_events(pieces: Iterable[bytes]) -> Iterator[Event | None]:
    """The events in a stream; None for what is none, such as a sign of life. An unfinished last one is dropped.

    Raises ServerError when the stream is none of Muster's.
    """
    rest = b""
    for piece in pieces:
        *blocks, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
        for block in blocks:
            yield _event(block)
    if rest.strip():
        yield None


def _event(block: bytes) -> Event | None:
    members: dict[bytes, bytes] = {}
    for line in block.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and name:
            members[name] = value.removeprefix(b" ")
    if b"data" not in members:
        return None
    try:
        number = int(members.get(b"id", b""))
        data = msgspec.json.decode(members[b"data"], type=dict)
    except (ValueError, msgspec.DecodeError) as error:
        raise ServerError(
            "The address answered with events, but not with Muster's; is it a Muster server?",
            code="not_muster",
        ) from error
    return Event(number, members.get(b"event", b"message").decode("utf-8", "replace"), data)


def _left(subject: str, until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise StillWorking(
            f"{subject} is still being worked on. It goes on; ask for it again later.", code="still_working"
        )
    return left
