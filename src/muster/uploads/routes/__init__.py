"""Every route of uploads (API.md, sections 3 to 5), a file for each part of the contract."""

from fastapi import APIRouter

from muster.accounts.guard import Guard
from muster.uploads.room import UploadsRoom
from muster.uploads.routes import batches, files, issues, links, mapping, progress, results, retry, tus
from muster.web.body import BodyReader
from muster.web.stream import Streams


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    streams = Streams()
    for part in (
        batches.router(room, guard, bodies),
        files.router(room, guard, streams),
        tus.router(room, guard, streams),
        progress.router(room, guard),
        retry.router(room, guard, bodies),
        mapping.router(room, guard, bodies),
        results.router(room, guard),
        issues.router(room, guard, bodies),
        links.router(room, guard),
    ):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api
