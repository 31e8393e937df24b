"""Read a request body: bounded on the wire, bounded once decoded, bounded over all requests together.

The wire is counted while it is read and a Content-Length over the limit is refused before a byte of the
body is taken; decompression is counted piece by piece.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread
from fastapi import Request

from muster.errors import PayloadTooLarge, UnsupportedMedia
from muster.web.budget import BodyBudget, Reservation, overloaded
from muster.web.encodings import decoder_for

T = TypeVar("T")

SMALL_BODY_BYTES = 64 * 1024
"""Up to here a body is checked wherever a thread is free; larger ones take turns."""
LISTING_BODY_BYTES = 2 * 1024 * 1024
"""Of a body whose lists have a limit of their own: 5,000 columns, 1,000 values, a filter of 262,144 characters."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """max_wire_bytes and max_decoded_bytes of one body; wait_seconds for room in the budget."""

    max_wire_bytes: int
    max_decoded_bytes: int
    wait_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Body:
    """A body as received; `decoded` unpacks it. Valid only inside `BodyReader.open`."""

    wire: bytes
    media_type: str
    content_encoding: str | None
    limits: BodyLimits
    reservation: Reservation

    def decoded(self) -> bytes:
        """The body without its content encoding; runs in a worker thread.

        Raises PayloadTooLarge over the decoded limit, InputError for a damaged stream, UnsupportedMedia
        for an unknown coding, Overloaded when the budget has no room.
        """
        decode = decoder_for(self.content_encoding)
        if decode is None:
            if len(self.wire) > self.limits.max_decoded_bytes:
                raise self._too_large(len(self.wire))
            return self.wire
        pieces: list[bytes] = []
        size = 0
        for piece in decode(self.wire):
            size += len(piece)
            if size > self.limits.max_decoded_bytes:
                raise self._too_large(size)
            self.reservation.take_within(len(piece), self.limits.wait_seconds)
            pieces.append(piece)
        return b"".join(pieces)

    def _too_large(self, seen: int) -> PayloadTooLarge:
        return decoded_too_large(self.limits.max_decoded_bytes, seen)


class BodyReader:
    """Reads bodies for routes that take them raw.

    limits: of one body; budget: of all bodies in this process; checks: how many large bodies are decoded
    and checked at the same time (more only fight over the interpreter lock).
    """

    def __init__(self, limits: BodyLimits, budget: BodyBudget, *, checks: int = 2) -> None:
        self.limits = limits
        self.budget = budget
        self._checks = checks
        self._turns: anyio.CapacityLimiter | None = None

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Body]:
        """The whole body; its bytes leave the budget when the block ends.

        Raises UnsupportedMedia and PayloadTooLarge before reading where the headers tell, ClientDisconnect
        when the client went away.
        """
        encoding = request.headers.get("content-encoding")
        decoder_for(encoding)
        reservation = Reservation(self.budget)
        try:
            wire = await _read(request, self.limits.max_wire_bytes, self._reserver(reservation))
            yield Body(wire, media_type_of(request), encoding, self.limits, reservation)
        finally:
            reservation.close()

    async def check(self, body: Body, work: Callable[[], T]) -> T:
        """Run `work` on a body in a worker thread; large bodies take turns."""
        if len(body.wire) <= SMALL_BODY_BYTES and body.content_encoding is None:
            return await anyio.to_thread.run_sync(work)
        if self._turns is None:
            self._turns = anyio.CapacityLimiter(self._checks)
        return await anyio.to_thread.run_sync(work, limiter=self._turns)

    def _reserver(self, reservation: Reservation) -> Callable[[int], Awaitable[None]]:
        return lambda size_bytes: _reserve(reservation, size_bytes, self.limits.wait_seconds)


async def _read(request: Request, limit: int, reserve: Callable[[int], Awaitable[None]]) -> bytes:
    """The body on the wire, at most `limit` bytes; `reserve` is awaited for the size of each part."""
    _refuse_announced(request, limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise wire_too_large(limit, f"more than {limit} arrived")
        if part:
            await reserve(len(part))
            parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _need_not_reserve(_size_bytes: int) -> None:
    """Small bodies are no burden on the budget."""


def _refuse_announced(request: Request, limit: int) -> None:
    announced = request.headers.get("content-length", "")
    # ASCII: `isdigit` also likes a superscript two, which `int` does not.
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > limit:
        raise wire_too_large(limit, f"Content-Length says {announced[:20]}")


async def _reserve(reservation: Reservation, size_bytes: int, seconds: float) -> None:
    turn = reservation.ask(size_bytes)
    if not turn.done():
        try:
            await asyncio.wait_for(asyncio.wrap_future(turn), seconds)
        except BaseException as error:
            if not turn.cancel():
                # Granted at the very moment of giving up.
                reservation.give_back_ungranted(size_bytes)
            if isinstance(error, TimeoutError):
                raise overloaded() from error
            raise
    turn.result()
    reservation.took(size_bytes)


def wire_too_large(limit: int, seen: str) -> PayloadTooLarge:
    """The refusal for a body over the limit on the wire."""
    return PayloadTooLarge(
        f"A request body may have {limit} bytes; {seen}. Compress it (Content-Encoding: gzip) or split the "
        "records over several requests."
    )


def decoded_too_large(limit: int, seen: int) -> PayloadTooLarge:
    """The refusal for a body over the limit once decompressed."""
    return PayloadTooLarge(
        f"The body unpacks to more than {limit} bytes (at least {seen} seen). "
        "Send fewer records in each request.",
        code="decoded_body_too_large",
    )


def media_type_of(request: Request) -> str:
    """The body's media type in lower case, `application/json` when none is given.

    Raises UnsupportedMedia for a charset other than UTF-8.
    """
    header = request.headers.get("content-type", "")
    media_type, _, rest = header.partition(";")
    for parameter in rest.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset" and value.strip(" \"'").lower() not in {
            "utf-8",
            "utf8",
            "us-ascii",
        }:
            raise UnsupportedMedia("Send the body as UTF-8.", code="unsupported_charset")
    return media_type.strip().lower() or "application/json"


async def read_small_json(request: Request) -> bytes:
    """The decoded bytes of a small JSON body, for routes that parse it themselves.

    A dependency, so it takes nothing but the request: any other argument would become a query parameter.
    Raises UnsupportedMedia, PayloadTooLarge over SMALL_BODY_BYTES on the wire or decoded, InputError.
    """
    return await _json(request, SMALL_BODY_BYTES)


async def read_listing_json(request: Request) -> bytes:
    """As `read_small_json`, for bodies that list columns, values or places by the thousand: up to LISTING_BODY_BYTES."""
    return await _json(request, LISTING_BODY_BYTES)


async def _json(request: Request, max_bytes: int) -> bytes:
    if not is_json(media_type_of(request)):
        raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
    decode = decoder_for(request.headers.get("content-encoding"))
    wire = await _read(request, max_bytes, _need_not_reserve)
    if decode is None:
        return wire
    decoded = b""
    for piece in decode(wire):
        decoded += piece
        if len(decoded) > max_bytes:
            raise decoded_too_large(max_bytes, len(decoded))
    return decoded


def is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
