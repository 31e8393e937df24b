"""Hand a request body to a worker thread while it is still coming, never holding more than a little of it.

The event loop reads, a thread takes: a queue of at most QUEUE_BYTES lies between them, so a slow disk slows
the client down instead of filling memory. A thread is held for as long as the client sends, which is why the
number of streams is limited here and not by the pool the other handlers share.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from muster.errors import Overloaded, PayloadTooLarge

T = TypeVar("T")

QUEUE_BYTES: Final = 1024 * 1024
"""Bytes read from the connection and not yet taken; also the most one piece of the iterator holds."""
MAX_STREAMS: Final = 64
"""Bodies streamed at the same time by one process."""


class BodyCut(Exception):
    """The client went away, or fell silent, before the end of its body."""


class Streams:
    """Every body being streamed by this process. most: how many at once."""

    def __init__(self, most: int = MAX_STREAMS) -> None:
        self._most = most
        self._running = 0
        self._threads: anyio.CapacityLimiter | None = None

    async def feed(self, request: Request, work: Callable[[Iterator[bytes]], T]) -> T:
        """Run `work` in a thread on the pieces of the body as they arrive; returns what it returns.

        The iterator raises BodyCut where the body ends too early. If `work` lets it through, this raises
        ClientDisconnect; if it keeps what had arrived, its answer is returned although nobody reads it.
        Raises Overloaded when too many bodies are being streamed already.
        """
        if self._running >= self._most:
            raise Overloaded(
                "The server is receiving as many files as it can at once. Send this one again shortly.",
                retry_after_seconds=5,
            )
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._most)
        self._running += 1
        pipe = _Pipe(asyncio.get_running_loop())
        reader = asyncio.create_task(_pump(request, pipe))
        thread = asyncio.create_task(
            anyio.to_thread.run_sync(partial(work, pipe), limiter=self._threads), name="stream"
        )
        try:
            return await asyncio.shield(thread)
        except BodyCut as error:
            raise ClientDisconnect from error
        except asyncio.CancelledError:
            # The thread cannot be cancelled, only told; nothing may be left half done behind our back.
            pipe.end(cut=True)
            await asyncio.wait({thread})
            raise
        finally:
            self._running -= 1
            reader.cancel()
            await asyncio.wait({reader})


async def _pump(request: Request, pipe: "_Pipe") -> None:
    whole = False
    try:
        async for piece in request.stream():
            if piece:
                await pipe.give(piece)
        whole = True
    except ClientDisconnect:
        pass
    finally:
        pipe.end(cut=not whole)


class _Pipe(Iterator[bytes]):
    """Filled by the event loop, emptied by one thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._changed = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._is_ended = False
        self._is_cut = False
        self._has_room = asyncio.Event()

    async def give(self, piece: bytes) -> None:
        """Queue a piece; returns when there is room for the next one."""
        with self._changed:
            self._pieces.append(piece)
            self._bytes += len(piece)
            is_full = self._bytes >= QUEUE_BYTES
            if is_full:
                self._has_room.clear()
            self._changed.notify()
        if is_full:
            await self._has_room.wait()

    def end(self, *, cut: bool) -> None:
        with self._changed:
            if not self._is_ended:
                self._is_ended = True
                self._is_cut = cut
                self._changed.notify()

    def __next__(self) -> bytes:
        with self._changed:
            while not self._pieces and not self._is_ended:
                self._changed.wait()
            if not self._pieces:
                if self._is_cut:
                    raise BodyCut
                raise StopIteration
            piece = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
            was_full = self._bytes >= QUEUE_BYTES
            self._pieces.clear()
            self._bytes = 0
        if was_full:
            self._loop.call_soon_threadsafe(self._has_room.set)
        return piece


def announced_bytes(request: Request) -> int | None:
    """The Content-Length of a request, None when it has none (or one nobody reads)."""
    announced = request.headers.get("content-length", "")
    # ASCII: `isdigit` also likes a superscript two, which `int` does not.
    return int(announced[:20]) if announced.isascii() and announced.isdigit() else None


def at_most(pieces: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """The pieces unchanged; raises PayloadTooLarge as soon as they hold more than `limit` bytes."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise file_too_large(limit, f"more than {limit} arrived")
        yield piece


def file_too_large(limit: int, seen: str) -> PayloadTooLarge:
    """The refusal for a file over the limit."""
    return PayloadTooLarge(
        f"A file may have {limit} bytes; {seen}. Compress it (a .gz, .zst or .zip of one file is read as it is), "
        "split it, or ask for a higher MUSTER_MAX_FILE_BYTES.",
        code="file_too_large",
    )
