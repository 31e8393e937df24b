"""What several routes of this room take: bodies, and a way to hear that nobody waits any more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from muster.errors import Conflict, UnsupportedMedia
from muster.tables.stop import Stop
from muster.web.body import BodyReader, is_json, media_type_of
from muster.web.leaving import noticing


@asynccontextmanager
async def json_body(bodies: BodyReader, request: Request) -> AsyncIterator[bytes]:
    """The decoded bytes of a JSON body of the usual size."""
    if not is_json(media_type_of(request)):
        raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
    async with bodies.open(request) as body:
        yield await bodies.check(body, body.decoded)


async def until_gone(request: Request) -> AsyncIterator[Stop]:
    """A dependency: a Stop that ends what is asked for when the client goes away."""
    stop = Stop()
    reason = Conflict("The client went away before the answer.", code="client_gone")
    async with noticing(request, lambda: stop.now(reason)):
        yield stop
