"""Routes to follow and to steer the work on an upload (API.md, section 4)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.uploads import openapi_files, wire, wire_files
from muster.uploads.cancel import cancel, pause, resume
from muster.uploads.follow import is_at_rest, missed
from muster.uploads.model import Upload
from muster.uploads.read import get_upload, work_on
from muster.uploads.reprocess import reprocess
from muster.uploads.room import UploadsRoom
from muster.uploads.routes.batches import BATCH
from muster.web.accept import JSON
from muster.web.events import ServerEvent, event_stream, last_event_id

ONE = f"{BATCH}/{{upload_id}}"


def router(room: UploadsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["uploads"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    @api.get(f"{ONE}/events", **openapi_files.EVENTS)
    def events(principal: link_reader, request: Request, upload_id: str) -> Response:
        get_upload(room, principal, upload_id)

        def read(number: int) -> Sequence[ServerEvent]:
            found = missed(room, principal, upload_id, number)
            return [ServerEvent(event.number, event.kind.value, event.data) for event in found]

        def is_over() -> bool:
            return is_at_rest(room, principal, upload_id)

        return event_stream(request, read, is_over, last_event_id(request))

    def state(principal: Principal, upload: Upload) -> Response:
        progress = wire_files.progress_json(upload, *work_on(room, principal, upload))
        members = wire_files.with_progress(wire.single_json(upload), progress)
        return Response(wire.encode(members), status_code=202, media_type=JSON)

    @api.post(f"{ONE}/cancel", status_code=202, response_model=wire.SingleUploadJson, **openapi_files.CANCEL)
    def cancel_(principal: writer, upload_id: str) -> Response:
        return state(principal, cancel(room, principal, upload_id))

    @api.post(f"{ONE}/pause", status_code=202, response_model=wire.SingleUploadJson, **openapi_files.PAUSE)
    def pause_(principal: writer, upload_id: str) -> Response:
        return state(principal, pause(room, principal, upload_id))

    @api.post(f"{ONE}/resume", status_code=202, response_model=wire.SingleUploadJson, **openapi_files.RESUME)
    def resume_(principal: writer, upload_id: str) -> Response:
        return state(principal, resume(room, principal, upload_id))

    @api.post(
        f"{ONE}/reprocess", status_code=202, response_model=wire.SingleUploadJson, **openapi_files.REPROCESS
    )
    def reprocess_(principal: writer, upload_id: str) -> Response:
        return state(principal, reprocess(room, principal, upload_id))

    return api
