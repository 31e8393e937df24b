"""Every route of uploads (API.md, sections 3 to 5), a file for each part of the contract."""

from fastapi import APIRouter

from muster.accounts.guard import Guard
from muster.uploads.room import UploadsRoom
from muster.uploads.routes import batches
from muster.web.body import BodyReader


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (batches.router(room, guard, bodies),):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api
