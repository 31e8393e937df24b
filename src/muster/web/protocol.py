"""The HTTP front: uvicorn's httptools protocol with the limits and refusals hostile clients make necessary.

Left alone, uvicorn takes megabytes of headers, waits for ever for a head or a body, lets an odd
Transfer-Encoding through, resets the connection of a client that is still sending when it is refused, and
hands the trailers of a chunked body to the application as headers. What is accepted is decided in
`request_head`, how a connection ends in `connection`; this file keeps count while bytes are parsed.

    silent connection       header_timeout_seconds     closed
    slow head               header_timeout_seconds     408
    slow body               body_timeout_seconds       408, and the application's receive() says disconnect
    broken framing          at once                    400, and the application's receive() says disconnect

Upgrades are ignored, as RFC 9110, section 7.8 allows: the request is answered as if it had not asked.
Decision and measurements: docs/decisions/0021-http-server.md.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from muster.web.connection import (
    SERVER_ENDS,
    OrderlyConnection,
    ProtocolLimits,
    Turn,
    TurnTransport,
    request_id_of,
)
from muster.web.request_head import Head, Refusal, Refused, check_head

__all__ = ["ProtocolLimits", "hardened_protocol"]

_MAX_PIPELINED = 64
"""Requests waiting behind the one being answered; no honest client pipelines deeper."""


def hardened_protocol(limits: ProtocolLimits) -> type[HttpToolsProtocol]:
    """The class to hand to `uvicorn.Config(http=..., ws="none")`; every connection obeys `limits`."""

    class LimitedHttpProtocol(HardenedHttpProtocol):
        pass

    LimitedHttpProtocol.limits = limits
    return LimitedHttpProtocol


class HardenedHttpProtocol(OrderlyConnection):
    """Reads requests. At most one is being answered (the turn); later ones wait in `pipeline`."""

    scope: Any  # uvicorn builds it key by key

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_open = False  # the first byte of a head was parsed, its end was not
        self._body_open = False  # the end of a head was parsed, the end of its message was not
        self._head_bytes = 0  # of this head, then of this body's trailers too
        self._heard = False  # the parser called back during this feed
        self._unheard_bytes = 0  # fed since it last did
        self._upgrade: Head | None = None  # a head that asked for an upgrade and announced a body
        self._reframing = False
        self._refused: Refusal | None = None  # waits for the answers before it

    # The connection ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_head_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        for cycle, _ in self.pipeline:
            cycle.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._last_byte_at = self.loop.time()
        if self._ended:
            self._drop(len(data))
            return
        rest = memoryview(data)
        # Outside a body, fed in slices no longer than a head may be: the parser says nothing before a header
        # line ends, so only the bytes fed meanwhile can tell that it never will.
        while rest and not self._ended and self._refused is None:
            piece = rest if self._body_open else rest[: self.limits.max_header_bytes]
            rest = rest[self._feed(piece) :]
        if not self._ended and self._is_idle():
            self._start_head_clock()

    def _feed(self, piece: memoryview) -> int:
        """Feed the parser; returns how many bytes it took."""
        self._heard = False
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade()
            return int(upgrade.args[0])
        except httptools.HttpParserError as error:
            self._refuse(_refusal_for(error))
            return len(piece)
        if self._heard or not (self._head_open or self._body_open):
            self._unheard_bytes = 0
        else:
            self._unheard_bytes += len(piece)
            if self._unheard_bytes > self.limits.max_header_bytes:
                self._refuse(_headers_too_large(self.limits).refusal)
        return len(piece)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more, but may still read: it gets the answer to what it sent in full."""
        if self._ended or self.transport.get_extra_info("ssl_object") is not None:
            return None
        if self._head_open or self._body_open:
            self._refuse(Refusal(400, "request_incomplete", "The connection ended before the request did."))
            return True
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False
            return True
        return None

    def shutdown(self) -> None:
        if self._ended or self._is_idle():
            self._close()
        else:
            self.cycle.keep_alive = False
            self.cycle.scope["state"][SERVER_ENDS] = True

    def _is_idle(self) -> bool:
        """Whether nothing is being answered: between requests, or inside a head."""
        return not self._body_open and (self.cycle is None or self.cycle.response_complete)

    # What the parser says ---------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._reframing:
            return
        super().on_message_begin()
        self._head_open = True
        self._head_bytes = 0
        self._upgrade = None
        self._count_head(len(b"GET  HTTP/1.1\r\n\r\n"))

    def on_url(self, url: bytes) -> None:
        if self._reframing:
            return
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reframing:
            return
        self._count_head(len(name) + len(value) + len(b": \r\n"))
        # Trailers arrive when the application already has its headers; RFC 9110, section 6.5.1: discard.
        if self._head_open:
            super().on_header(name, value.strip(b" \t"))

    def _count_head(self, count: int) -> None:
        self._heard = True
        self._head_bytes += count
        if self._head_bytes > self.limits.max_header_bytes:
            raise _headers_too_large(self.limits)

    def on_headers_complete(self) -> None:
        if self._reframing:
            return
        self._heard = True
        self._head_open = False
        http_version = self.parser.get_http_version()
        self.scope["method"] = self.parser.get_method().decode("ascii")
        head = check_head(self.url, http_version, self.headers)
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise Refused(400, "too_many_pipelined", "Wait for answers before sending more requests.")
        if self.limit_concurrency is not None and len(self.tasks) >= self.limit_concurrency:
            raise Refused(503, "overloaded", "Too many requests at the moment; try again shortly.")
        self._stop_read_clock()
        self._body_open = True
        self._upgrade = head if self.parser.should_upgrade() and head.has_body else None
        if head.host is not None:
            self.headers[:] = [(n, head.host if n == b"host" else v) for n, v in self.headers]
        self.scope["http_version"] = http_version
        self.scope["path"] = self.root_path + head.path
        self.scope["raw_path"] = self.root_path.encode("ascii") + head.raw_path
        self.scope["query_string"] = head.query
        self._take_turn(keep_alive=http_version == "1.1" and self.parser.should_keep_alive())

    def on_body(self, body: bytes) -> None:
        self._heard = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._heard = True
        if self._upgrade is not None:
            return  # llhttp ends an upgrade at its head; its body is framed anew and still to come
        self._body_open = False
        self._stop_read_clock()
        super().on_message_complete()

    def _go_on_without_upgrade(self) -> None:
        """A fresh parser, told how the body is framed: the old one takes it for the upgraded protocol."""
        head, self._upgrade = self._upgrade, None
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        if head is None:
            return
        length = head.content_length
        framing = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
        self._reframing = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
        self._reframing = False

    # Turns ------------------------------------------------------------------------------------------------

    def _take_turn(self, *, keep_alive: bool) -> None:
        """Start the application on this request, or queue it behind the one being answered."""
        earlier = self.cycle
        self.cycle = Turn(
            scope=self.scope,
            transport=TurnTransport(self, self._finish),
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue and self.scope["http_version"] == "1.1",
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if earlier is None or earlier.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, app)
        if cycle.more_body:
            self._start_body_clock(cycle)

    def on_response_complete(self) -> None:
        if self._ended:
            self.server_state.total_requests += 1
            return
        last = not self.pipeline
        super().on_response_complete()
        if last and self._refused is not None:
            self._answer(self._refused, request_id_of(None), without_body=False)
        elif last and self._head_open:
            self._unset_keepalive_if_required()
            self._start_head_clock()

    def _finish(self) -> None:
        """The turn wants its connection closed: its answer is written, perhaps before its body was read."""
        if self._body_open and self.cycle.response_complete:
            self._linger()
        else:
            self._close()

    def _refuse(self, refusal: Refusal) -> None:
        """Refuse the request being read once those before it are answered; its application sees a disconnect."""
        cycle = self.cycle
        is_waiting = any(waiting is cycle for waiting, _ in self.pipeline)
        if self._body_open and not is_waiting:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self._close()
            else:
                self._answer(refusal, request_id_of(cycle), without_body=cycle.scope["method"] == "HEAD")
        elif cycle is not None and not cycle.response_complete:
            if self._body_open:
                self.pipeline.popleft()
            self._refused = refusal
            self.flow.pause_reading()
        else:
            is_head = not self._head_open and self.scope is not None and self.scope.get("method") == "HEAD"
            self._answer(refusal, request_id_of(None), without_body=is_head)

    # Clocks -----------------------------------------------------------------------------------------------

    def _start_head_clock(self) -> None:
        if self._read_timer is None:
            self._start_read_clock(self.limits.header_timeout_seconds, self._head_expired)

    def _head_expired(self) -> None:
        if self._head_open:
            self._refuse(Refusal(408, "request_timeout", "The request headers did not arrive in time."))
        else:
            self._close()

    def _start_body_clock(self, cycle: RequestResponseCycle) -> None:
        if cycle.scope["path"].startswith(self.limits.streaming_prefixes):
            self._last_byte_at = self.loop.time()
            self._start_read_clock(self.limits.idle_timeout_seconds, self._body_idled)
        else:
            self._start_read_clock(self.limits.body_timeout_seconds, self._body_expired)

    def _body_idled(self) -> None:
        # While we are the ones not reading, the client cannot send: that is no silence of its own.
        since = self.loop.time() if self.flow.read_paused else self._last_byte_at
        left = since + self.limits.idle_timeout_seconds - self.loop.time()
        if left <= 0:
            self._body_expired()
        else:
            self._start_read_clock(left, self._body_idled)

    def _body_expired(self) -> None:
        self._refuse(
            Refusal(408, "request_timeout", "The request body did not arrive in time; send it again.")
        )


def _headers_too_large(limits: ProtocolLimits) -> Refused:
    return Refused(
        431,
        "headers_too_large",
        f"The request line and headers may have at most {limits.max_header_bytes} bytes together.",
    )


def _refusal_for(error: httptools.HttpParserError) -> Refusal:
    """Our own refusal if a callback raised one; otherwise the parser's word that this is not HTTP."""
    cause = error.__context__
    if isinstance(cause, Refused):
        return cause.refusal
    if isinstance(error, httptools.HttpParserCallbackError) and cause is not None:
        raise cause  # a bug of ours must not pass for the client's fault
    return Refusal(400, "malformed_request", f"This is not a valid HTTP/1.1 request: {error}.")
