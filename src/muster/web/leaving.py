"""Notice that a client has gone away while its answer is being worked out, so that nobody works for nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from fastapi import Request

_LOOK_SECONDS = 0.1


@asynccontextmanager
async def noticing(request: Request, gone: Callable[[], None]) -> AsyncIterator[None]:
    """Call `gone` at most once, if the client leaves while the block lasts. The body must have been read."""
    watcher = asyncio.create_task(_watch(request, gone))
    try:
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher


async def _watch(request: Request, gone: Callable[[], None]) -> None:
    while not await request.is_disconnected():
        await asyncio.sleep(_LOOK_SECONDS)
    gone()
