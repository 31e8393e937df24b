"""Compress answers with gzip for clients that ask for it."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.types import Message, Receive, Scope, Send

from muster.web.accept import accepts_encoding


class _AsItIs(IdentityResponder):
    """Leaves alone what can be asked for in part: a range means bytes of the thing itself (web/ranges.py)."""

    _is_left_alone = False

    async def send_with_compression(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_left_alone = "accept-ranges" in Headers(raw=message["headers"])
        if self._is_left_alone:
            await self.send(message)
        else:
            await super().send_with_compression(message)


class _Gzipped(_AsItIs, GZipResponder):
    """The same for those that are compressed."""


class Compress(GZipMiddleware):
    """As Starlette's, which takes `gzip;q=0` for a wish."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if accepts_encoding(Headers(scope=scope).get("accept-encoding"), "gzip"):
            responder: IdentityResponder = _Gzipped(self.app, self.minimum_size, self.compresslevel)
        else:
            responder = _AsItIs(self.app, self.minimum_size)
        await responder(scope, receive, send)
