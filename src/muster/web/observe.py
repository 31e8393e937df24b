"""The outermost layer: request id, one log line, metrics, and the headers every answer has.

Whoever keeps a log of requests is told of each one (`Answered`) after its last byte.

Written as plain ASGI, so that streaming bodies pass through untouched.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muster.clock import utc_now
from muster.ids import random_text
from muster.web.metrics import REQUEST_SECONDS, REQUESTS

log = structlog.get_logger("muster.web")

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_CLIENT_WENT_AWAY: Final = 499
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Answered:
    """One request and how it was answered, as the observer saw it.

    at: when its head had come. route: the pattern of its path. query, path_params, user_agent: as sent, and
    not to be kept so. bytes_in, bytes_out: of the bodies on the wire. principal: who the
    guard let in, None for nobody.
    """

    at: datetime
    method: str
    route: str
    path_params: Mapping[str, object] = field(repr=False)
    query: bytes = field(repr=False)
    user_agent: str | None = field(repr=False)
    status: int
    seconds: float
    request_id: str
    bytes_in: int
    bytes_out: int
    error_code: str | None
    principal: object


class Observe:
    """ASGI middleware; see the module. note: told of every answered request, on the event loop."""

    def __init__(self, app: ASGIApp, note: Callable[[Answered], None] | None = None) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Exchange(scope, receive, send)
        structlog.contextvars.bind_contextvars(request_id=watched.request_id)
        try:
            await self._app(watched.inner_scope(), watched.receive, watched.send)
        except ClientDisconnect:
            watched.status = _CLIENT_WENT_AWAY
        except Exception as error:
            # Too late for an answer: break the connection so that nobody takes half for whole.
            watched.status = 500
            log.error("request.broken_off", exc_info=error)
            raise
        finally:
            answered = watched.finish()
            if self._note is not None:
                self._note(answered)
            structlog.contextvars.clear_contextvars()


class _Exchange:
    """One request and its answer, seen from outside."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._method = scope["method"]
        self._scope = scope
        self._receive = receive
        self._send = send
        self._at = utc_now()
        self._started_at = perf_counter()
        self._body_bytes = 0
        self._answer_bytes = 0
        self._is_head = self._method == "HEAD"
        self.status = _CLIENT_WENT_AWAY
        headers = Headers(scope=scope)
        self._user_agent = headers.get("user-agent")
        asked = headers.get("x-request-id", "")
        self.request_id = asked if _SANE_ID.fullmatch(asked) else f"req_{random_text(22)}"
        self._state = scope.setdefault("state", {})
        self._state["request_id"] = self.request_id
        self._state["is_head"] = self._is_head  # for handlers whose body would take long to make

    def inner_scope(self) -> Scope:
        """HEAD is answered as GET without the body, wherever GET is offered (RFC 9110, 9.3.2)."""
        # A copy: the server below still has to know that this was a HEAD.
        self._scope = {**self._scope, "method": "GET" if self._is_head else self._method}
        return self._scope

    async def receive(self) -> Message:
        message = await self._receive()
        self._body_bytes += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Cache-Control", "no-store")
            limit = self._state.get("rate_limit")
            if limit is not None:
                headers["RateLimit-Policy"] = limit.policy
                headers["RateLimit"] = limit.remaining
        elif message["type"] == "http.response.body":
            if self._is_head:
                message = {**message, "body": b""}
            self._answer_bytes += len(message.get("body", b""))
        await self._send(message)

    def finish(self) -> Answered:
        """Count and log the request."""
        seconds = perf_counter() - self._started_at
        method = self._method if self._method in _KNOWN_METHODS else "other"
        # The route's pattern, never the path: a path may hold anything, and metrics need few labels.
        route = getattr(self._scope.get("route"), "path", None) or "none"
        REQUESTS.labels(method, route, str(self.status)).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        principal = self._state.get("principal")
        log.info(
            "request.answered",
            method=method,
            route=route,
            status=self.status,
            ms=round(seconds * 1000, 1),
            bytes=self._answer_bytes,
            user_id=getattr(principal, "user_id", None),
            actor=getattr(principal, "actor", None),
            code=self._state.get("error_code"),
            **self._state.get("facts", {}),
        )
        return Answered(
            at=self._at,
            method=method,
            route=route,
            path_params=self._scope.get("path_params", {}),
            query=self._scope.get("query_string", b""),
            user_agent=self._user_agent,
            status=self.status,
            seconds=seconds,
            request_id=self.request_id,
            bytes_in=self._body_bytes,
            bytes_out=self._answer_bytes,
            error_code=self._state.get("error_code"),
            principal=principal,
        )
