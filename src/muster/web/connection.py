"""One HTTP connection's clocks and the order in which it closes; what it reads is `protocol`'s business.

    idle between requests   uvicorn's timeout_keep_alive       closed
    client stops reading    write_timeout_seconds              aborted
    refused while sending   linger_*                           answer, half-close, read and drop, close

Two of these are traps. Closing while unread bytes lie in the kernel sends a reset, and a reset makes the
client's kernel throw the answer away (RFC 9112, section 9.6). And a transport closes only after its buffer
was read: without a clock, a client that never reads keeps the connection for ever.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from muster.ids import random_text
from muster.web.errors import error_body
from muster.web.metrics import REQUESTS
from muster.web.request_head import Refusal

log = structlog.get_logger("muster.web")

SERVER_ENDS = "server_ends"
"""Set in the state of a request whose server is to stop; an answer that would go on for ever then ends."""


@dataclass(frozen=True, slots=True)
class ProtocolLimits:
    """What one connection may cost.

    max_header_bytes: request line and headers of one request, trailers included; also the most framing
        bytes between two body bytes of a chunked body.
    header_timeout_seconds: from the first byte of a head, or from the start of the connection, to its end.
    body_timeout_seconds: for the whole body, from the end of the head.
    write_timeout_seconds: how long a client may leave a full buffer, or the last bytes, unread.
    streaming_prefixes: paths without a body deadline; only `idle_timeout_seconds` between two body bytes.
    linger_*: how long and how much is still read and dropped so that a refusal reaches its client; it ends
        early when the client falls silent for linger_idle_seconds.
    """

    max_header_bytes: int
    header_timeout_seconds: float
    body_timeout_seconds: float
    write_timeout_seconds: float
    streaming_prefixes: tuple[str, ...] = ()
    idle_timeout_seconds: float = 30
    linger_seconds: float = 10
    linger_idle_seconds: float = 2
    max_linger_bytes: int = 256 * 1024 * 1024


class OrderlyConnection(HttpToolsProtocol):
    """uvicorn's connection with clocks and a lingering close."""

    limits: ClassVar[ProtocolLimits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ended = False  # nothing more is read or answered: lingering, closing or lost
        self._dropped_bytes = 0
        self._last_byte_at = 0.0
        self._read_timer: asyncio.TimerHandle | None = None  # head, body or linger: one at a time
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._stop_read_clock()
        if self._write_timer is not None:
            self._write_timer.cancel()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def _answer(self, refusal: Refusal, request_id: str, *, without_body: bool) -> None:
        """Write the refusal in the one error shape, and end the connection so that it arrives."""
        log.info("request.refused", code=refusal.code, status=refusal.status, request_id=request_id)
        REQUESTS.labels("other", "none", str(refusal.status)).inc()
        headers, body = refusal_parts(refusal, request_id)
        lines = [b"HTTP/1.1 %d %s" % (refusal.status, HTTPStatus(refusal.status).phrase.encode("ascii"))]
        lines += [name + b": " + value for name, value in [*self.server_state.default_headers, *headers]]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if without_body else body))
        self._linger()

    # Ending -----------------------------------------------------------------------------------------------

    def _linger(self) -> None:
        """Say that nothing more will be sent, then read and drop what still comes, within limits."""
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        self._unset_keepalive_if_required()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._last_byte_at = self.loop.time()
        self._linger_on(self._last_byte_at + self.limits.linger_seconds)

    def _linger_on(self, until: float) -> None:
        left = min(until, self._last_byte_at + self.limits.linger_idle_seconds) - self.loop.time()
        if left <= 0:
            self._close()
        else:
            self._start_read_clock(left, self._linger_on, until)

    def _drop(self, count: int) -> None:
        self._dropped_bytes += count
        if self._dropped_bytes > self.limits.max_linger_bytes:
            self._close()

    def _close(self) -> None:
        """Close once what was written has been read, or after write_timeout_seconds anyway."""
        self._ended = True
        self._stop_read_clock()
        self._unset_keepalive_if_required()
        self.transport.close()
        self._start_write_clock()

    # Clocks -----------------------------------------------------------------------------------------------

    def _start_read_clock(self, seconds: float, then: Callable[..., None], *args: Any) -> None:
        self._stop_read_clock()
        self._read_timer = self.loop.call_later(seconds, then, *args)

    def _stop_read_clock(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _start_write_clock(self) -> None:
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.limits.write_timeout_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_write_clock()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._write_timer is not None and not self.transport.is_closing():
            self._write_timer.cancel()
            self._write_timer = None


class Turn(RequestResponseCycle):
    """One request being answered; says `Connection: close` when it answers before the body was read."""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start" and self.more_body:
            self.keep_alive = False
        await super().send(message)

    async def send_500_response(self) -> None:
        """The application failed outside its own error handler: still our error shape."""
        refusal = Refusal(500, "internal_error", "Something broke on our side; report the request id.")
        headers, body = refusal_parts(refusal, request_id_of(self))
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})


class TurnTransport(asyncio.Transport):
    """What a turn may do with its connection: write, and ask for it to be closed in good order."""

    def __init__(self, connection: OrderlyConnection, finish: Callable[[], None]) -> None:
        super().__init__()
        self._connection = connection
        self._finish = finish

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._connection.transport.write(data)

    def is_closing(self) -> bool:
        return self._connection._ended or self._connection.transport.is_closing()

    def close(self) -> None:
        self._finish()


def request_id_of(cycle: RequestResponseCycle | None) -> str:
    """The id under which the application already knows this request, or a new one."""
    known = cycle.scope.get("state", {}).get("request_id") if cycle is not None else None
    return known or f"req_{random_text(22)}"


def refusal_parts(refusal: Refusal, request_id: str) -> tuple[Sequence[tuple[bytes, bytes]], bytes]:
    """Headers and body of an answer that ends its connection."""
    body = error_body(refusal.status, refusal.code, refusal.message, request_id)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"1"))
    return headers, body
