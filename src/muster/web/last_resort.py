"""The innermost layer: addresses nobody can read, and the answer when a handler has a bug.

Inside CORS, so that a browser's script may read these answers too; plain ASGI like web/observe.py.
"""

import re
from urllib.parse import unquote_to_bytes

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from muster.errors import InputError
from muster.web.errors import answer, internal_error

log = structlog.get_logger("muster.web")

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class LastResort:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = _address_problem(scope)
        if problem is not None:
            refusal = InputError(problem, code="address_malformed")
            await answer(Request(scope), refusal)(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            raise
        except Exception as error:
            if started:
                raise
            log.error("request.bug", exc_info=error)
            await internal_error(Request(scope))(scope, receive, send)


def _address_problem(scope: Scope) -> str | None:
    """What is wrong with percent-escapes in path and query (API.md, section 1)."""
    for part, name in ((scope.get("raw_path") or b"", "path"), (scope.get("query_string") or b"", "query")):
        broken = _BAD_ESCAPE.search(part)
        if broken:
            return f"The {name} has a broken percent-escape at byte {broken.start()}."
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError as error:
            return f"The {name} does not unescape to UTF-8 (byte {error.start} after unescaping)."
    return None
