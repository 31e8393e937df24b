"""Answers that go on: server-sent events (WHATWG HTML, section 9.2), read from the database now and then.

Whoever comes back says the last id it saw (`Last-Event-ID`) and gets what it missed, so a stream may end at
any time: when its client goes, when the server ends, when everything is said. One that comes back after that
gets 204, upon which browsers stop asking.
"""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from muster.errors import Overloaded
from muster.web.connection import SERVER_ENDS

MAX_STREAMS: Final = 200
"""Streams one process serves at a time; each costs a connection and a question to the database a second."""
MAX_STREAMS_OF_A_USER: Final = 50
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


_open: Counter[str] = Counter()  # the streams of this process, by user
_threads: RunVar[anyio.CapacityLimiter] = RunVar("muster_event_threads")


def _limiter() -> anyio.CapacityLimiter:
    """A few threads of their own: hundreds of streams must not take those that answer requests."""
    try:
        return _threads.get()
    except LookupError:
        _threads.set(limiter := anyio.CapacityLimiter(4))
        return limiter


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
    user = str(getattr(request.scope.get("state", {}).get("principal"), "user_id", ""))
    if _open.total() >= MAX_STREAMS or _open[user] >= MAX_STREAMS_OF_A_USER:
        raise Overloaded(
            "Too many event streams are open at the moment. Ask for the job itself instead, or again shortly.",
            code="too_many_streams",
            retry_after_seconds=5,
        )
    over = is_over()  # before reading: what was written last is then read
    first = read(last_id)
    if over and not first:
        return Response(status_code=204)
    if getattr(request.state, "is_head", False):
        return _EventStream(_nothing(), user)  # the body of a HEAD is never sent, and this one may take hours
    feed = _Feed(request, read, is_over, last_id)
    return _EventStream(feed.run(over, first), user)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


class _EventStream(StreamingResponse):
    """Counts itself while it is being sent."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes], user: str) -> None:
        self._user = user
        # X-Accel-Buffering: a proxy that collects events before it passes them on defeats them.
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _open[self._user] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            _open[self._user] -= 1
            if not _open[self._user]:
                del _open[self._user]


class _Feed:
    """The bytes of one stream."""

    def __init__(
        self,
        request: Request,
        read: Callable[[int], Sequence[ServerEvent]],
        is_over: Callable[[], bool],
        last_id: int,
    ) -> None:
        self._state = request.scope.get("state", {})
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
            over, events = await anyio.to_thread.run_sync(self._look, limiter=_limiter())

    def _look(self) -> tuple[bool, Sequence[ServerEvent]]:
        over = self._is_over()
        return over, self._read(self._last_id)

    async def _ends_during(self, seconds: float) -> bool:
        """Wait, and say whether the server is to end."""
        until = time.monotonic() + seconds
        while not self._state.get(SERVER_ENDS) and (left := until - time.monotonic()) > 0:
            await anyio.sleep(min(left, _LOOK_SECONDS))
        return bool(self._state.get(SERVER_ENDS))
