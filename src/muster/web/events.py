"""Answers that go on: server-sent events (WHATWG HTML, section 9.2), read from the database now and then.

Whoever comes back says the last id it saw (`Last-Event-ID`) and gets what it missed, so a stream may end at
any time: when its client goes, when the server ends, when everything is said. One that comes back after that
gets 204, upon which browsers stop asking.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from muster.errors import Overloaded

MAX_STREAMS: Final = 200
"""Streams one process serves at a time; each costs a connection and a question to the database a second."""
_RETRY_MS = 2000
_HEARTBEAT_SECONDS = 15.0
_SHORTEST_POLL_SECONDS = 0.3
_LONGEST_POLL_SECONDS = 1.0
_LOOK_SECONDS = 0.1  # how soon a stream notices that the server ends
_LAST_ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. id: ascending; kind: the name a browser's listener has; data: becomes JSON."""

    id: int
    kind: str
    data: Mapping[str, Any]

    def encode(self) -> bytes:
        data = json.dumps(self.data, separators=(",", ":"), ensure_ascii=False)
        return f"id: {self.id}\nevent: {self.kind}\ndata: {data}\n\n".encode()


class _Streams:
    """The streams of this process."""

    def __init__(self) -> None:
        self.open = 0
        self.ending = False
        self._threads: anyio.CapacityLimiter | None = None

    def threads(self) -> anyio.CapacityLimiter:
        """A few threads of their own: hundreds of streams must not take those that answer requests."""
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(4)
        return self._threads


_streams = _Streams()


def end_streams() -> None:
    """Let every stream of this process end soon: the server is to stop, and they would keep it."""
    _streams.ending = True


def last_event_id(request: Request) -> int:
    """The id the client says it saw last; 0 for none, or for one we never gave."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LAST_ID_DIGITS else 0


def event_stream(
    request: Request,
    read: Callable[[int], Sequence[ServerEvent]],
    is_over: Callable[[], bool],
    last_id: int,
) -> Response:
    """Answer with events as they come, beginning after `last_id`; call it from a `def` handler.

    read: the events after an id, oldest first, some at a time; is_over: whether no more will come. Both ask
    the database, in a thread. 204 when it is over and everything was read. Raises what `read` and `is_over`
    raise at first, and Overloaded (`too_many_streams`) when this process serves too many.
    """
    if _streams.open >= MAX_STREAMS or _streams.ending:
        raise Overloaded(
            "Too many event streams are open at the moment. Ask for the job itself instead, or again shortly.",
            code="too_many_streams",
            retry_after_seconds=5,
        )
    over = is_over()  # before reading: what was written last is then read
    first = read(last_id)
    if over and not first:
        return Response(status_code=204)
    feed = _Feed(read, is_over, last_id)
    return _EventStream(feed.run(over, first))


class _EventStream(StreamingResponse):
    """Counts itself while it is being sent."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        # X-Accel-Buffering: a proxy that collects events before it passes them on defeats them.
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _streams.open += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            _streams.open -= 1


class _Feed:
    """The bytes of one stream."""

    def __init__(
        self, read: Callable[[int], Sequence[ServerEvent]], is_over: Callable[[], bool], last_id: int
    ) -> None:
        self._read = read
        self._is_over = is_over
        self._last_id = last_id

    async def run(self, over: bool, events: Sequence[ServerEvent]) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % _RETRY_MS
        sent_at = time.monotonic()
        pause = _SHORTEST_POLL_SECONDS
        while True:
            if events:
                yield b"".join(event.encode() for event in events)
                self._last_id = events[-1].id
                sent_at = time.monotonic()
                pause = _SHORTEST_POLL_SECONDS
            elif over:
                return
            else:
                pause = min(pause * 1.2, _LONGEST_POLL_SECONDS)
            if time.monotonic() - sent_at >= _HEARTBEAT_SECONDS:
                yield b": still here\n\n"
                sent_at = time.monotonic()
            # After events more may be waiting; the end is worth knowing at once.
            if not (events and over) and await self._ends_during(pause):
                return
            over, events = await anyio.to_thread.run_sync(self._look, limiter=_streams.threads())

    def _look(self) -> tuple[bool, Sequence[ServerEvent]]:
        over = self._is_over()
        return over, self._read(self._last_id)

    async def _ends_during(self, seconds: float) -> bool:
        """Wait, and say whether the server is to end."""
        until = time.monotonic() + seconds
        while not _streams.ending and (left := until - time.monotonic()) > 0:
            await anyio.sleep(min(left, _LOOK_SECONDS))
        return _streams.ending
