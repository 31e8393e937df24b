"""Routes of resumable uploads: tus 1.0.0 (API.md, section 5; the words are in `uploads/tus.py`)."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.uploads import openapi_files, wire_files
from muster.uploads.erase import erase
from muster.uploads.file_model import FILES_PATH, UploadFile
from muster.uploads.resumable import LEASE, append, begin, create, end, is_alive, is_being_written, look
from muster.uploads.room import UploadsRoom
from muster.uploads.tus import (
    ALGORITHMS,
    CHUNK_TYPE,
    EXTENSIONS,
    STATUS_OF_CODE,
    VERSION,
    check_chunk_type,
    check_version,
    describing_headers,
    parse_checksum,
    parse_creation,
    parse_length,
    parse_offset,
    refuse_encoding,
    state_headers,
)
from muster.web.stream import Streams, announced_bytes

TUS = f"{FILES_PATH}/tus"
_LOOK_SECONDS = 0.1
_SPOKEN = {"Tus-Resumable": VERSION}


class TusRoute(APIRoute):
    """A route whose refusals speak tus too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def speak(request: Request) -> Response:
            request.state.error_headers = {**_SPOKEN, "Tus-Version": VERSION}
            request.state.error_statuses = STATUS_OF_CODE
            return await handle(request)

        return speak


def router(room: UploadsRoom, guard: Guard, streams: Streams) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["files"], route_class=TusRoute)
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    async def added(request: Request, principal: Principal, upload_id: str, offset: int) -> UploadFile:
        """Append the body of this request."""
        checksum = parse_checksum(request.headers.get("upload-checksum"))
        length = request.headers.get("upload-length") if request.method == "PATCH" else None
        refuse_encoding(request.headers.get("content-encoding"))
        turn = await anyio.to_thread.run_sync(
            partial(
                begin,
                room,
                principal,
                upload_id,
                offset,
                length_bytes=None if length is None else parse_length(length),
                announced_bytes=announced_bytes(request),
            )
        )
        work = partial(append, room, principal, turn)
        try:
            return await streams.feed(request, lambda pieces: work(pieces, checksum))
        finally:
            # Also when no thread was free; a second time does no harm.
            await anyio.to_thread.run_sync(end, room, principal, turn)

    async def created(request: Request, principal: writer) -> UploadFile:
        check_version(request.headers.get("tus-resumable"))
        creation = parse_creation(
            request.headers.get("upload-length"),
            request.headers.get("upload-defer-length"),
            request.headers.get("upload-metadata"),
        )
        brings_bytes = request.headers.get("content-type", "").lower() == CHUNK_TYPE
        file = await anyio.to_thread.run_sync(create, room, principal, creation)
        return await added(request, principal, file.upload_id, 0) if brings_bytes else file

    async def appended(request: Request, principal: writer, upload_id: str) -> UploadFile:
        await anyio.to_thread.run_sync(look, room, principal, upload_id)
        check_version(request.headers.get("tus-resumable"))
        check_chunk_type(request.headers.get("content-type"))
        return await added(request, principal, upload_id, parse_offset(request.headers.get("upload-offset")))

    async def settled(request: Request, principal: writer, upload_id: str) -> UploadFile:
        """Where the upload stands once the request that was cut off before this one has let go of it."""
        seen = file = await anyio.to_thread.run_sync(look, room, principal, upload_id)
        check_version(request.headers.get("tus-resumable"))
        until = room.clock() + LEASE
        while room.clock() < until and is_being_written(file, room.clock()):
            if is_alive(file, since=seen):
                break
            seen = file
            await anyio.sleep(_LOOK_SECONDS)
            file = await anyio.to_thread.run_sync(look, room, principal, upload_id)
        return file

    @api.options(TUS, status_code=204, **openapi_files.TUS_OPTIONS)
    def options(principal: writer) -> Response:
        del principal  # signed in is enough
        told = {
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Tus-Max-Size": str(room.max_file_bytes),
        }
        return Response(status_code=204, headers={**_SPOKEN, **told})

    @api.post(TUS, status_code=201, **openapi_files.TUS_CREATE)
    def post(principal: writer, file: Annotated[UploadFile, Depends(created)]) -> Response:
        del principal
        where = {"Location": f"{TUS}/{file.upload_id}"}
        return Response(status_code=201, headers={**_SPOKEN, **where, **state_headers(file)})

    # HEAD arrives as GET (web/observe.py).
    @api.get(f"{TUS}/{{upload_id}}", response_model=wire_files.ResumableJson, **openapi_files.TUS_HEAD)
    def head(principal: writer, upload_id: str, file: Annotated[UploadFile, Depends(settled)]) -> Response:
        del principal, upload_id
        headers = {**_SPOKEN, **describing_headers(file)}
        return Response(wire_files.resumable_json(file), headers=headers, media_type="application/json")

    @api.patch(f"{TUS}/{{upload_id}}", status_code=204, **openapi_files.TUS_APPEND)
    def patch(principal: writer, upload_id: str, file: Annotated[UploadFile, Depends(appended)]) -> Response:
        del principal, upload_id
        return Response(status_code=204, headers={**_SPOKEN, **state_headers(file)})

    @api.delete(f"{TUS}/{{upload_id}}", status_code=204, **openapi_files.TUS_TERMINATE)
    def terminate(principal: writer, request: Request, upload_id: str) -> Response:
        look(room, principal, upload_id)
        check_version(request.headers.get("tus-resumable"))
        erase(room, principal, upload_id)
        return Response(status_code=204, headers=_SPOKEN)

    return api
