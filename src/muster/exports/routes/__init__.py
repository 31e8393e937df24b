"""Routes of exports and of what they keep (API.md, section 6)."""

from fastapi import APIRouter

from muster.accounts.guard import Guard
from muster.exports.room import ExportsRoom
from muster.exports.routes import connections, exports, files, schedules, suppressions


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (exports, files, connections, schedules, suppressions):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.router(room, guard).routes)
    return api
