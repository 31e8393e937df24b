"""Every route of segments and of who is the same person (docs/api/segments.md)."""

from fastapi import APIRouter

from muster.accounts.guard import Guard
from muster.segments.room import SegmentsRoom
from muster.segments.routes import matches, segments
from muster.web.body import BodyReader


def router(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (segments.router(room, guard, bodies), matches.router(room, guard, bodies)):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api
