"""Compress answers with gzip for clients that ask for it."""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware, IdentityResponder
from starlette.types import Receive, Scope, Send

from muster.web.accept import accepts_encoding


class Compress(GZipMiddleware):
    """As Starlette's, which takes `gzip;q=0` for a wish."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or accepts_encoding(Headers(scope=scope).get("accept-encoding"), "gzip"):
            await super().__call__(scope, receive, send)
        else:
            await IdentityResponder(self.app, self.minimum_size)(scope, receive, send)
