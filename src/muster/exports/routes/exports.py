"""Routes that make exports, look at them and steer them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.exports import openapi, wire, wire_destinations
from muster.exports.control import cancel, dismiss, retry_failed
from muster.exports.create import Also, create, settle
from muster.exports.erase import erase
from muster.exports.model import Export
from muster.exports.preview import preview
from muster.exports.read import get_export, is_at_rest, list_exports, listed_in, missed
from muster.exports.requests import parse_dismiss, parse_export, parse_retry, parse_statuses
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportFilter
from muster.web.accept import JSON
from muster.web.body import read_listing_json
from muster.web.etag import tagged
from muster.web.events import ServerEvent, event_stream, last_event_id
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

EXPORTS = "/api/audience/exports"
ONE = f"{EXPORTS}/{{export_id}}"


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (_reading_routes(room, guard), _making_routes(room, guard)):
        api.routes.extend(part.routes)
    return api


def shown(body: bytes, status: int = 200) -> Response:
    return response_of(Answer(status, body))


def made_once(
    room: ExportsRoom, principal: Principal, request: Request, body: bytes, make: Callable[[Also], Export]
) -> Response:
    """Make an export once for each Idempotency-Key; answers 202 with it."""
    key = key_of(request)
    keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

    def work(remember: Any) -> Answer:
        answers: list[Answer] = []

        def also(connection: Any, export: Export) -> None:
            answers.append(Answer(202, wire.export_answer(listed_in(connection, principal, export))))
            remember(connection, answers[0])

        make(also)
        return answers[0]

    return response_of(room.idempotency.once(keyed, work))


def _reading_routes(room: ExportsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["exports"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_READ))]

    @api.get(
        f"{EXPORTS}/destinations", response_model=wire_destinations.DestinationsJson, **openapi.DESTINATIONS
    )
    def destinations(principal: reader) -> Response:
        del principal
        return shown(wire_destinations.destinations_json())

    @api.post(f"{EXPORTS}/preview", response_model=wire.ExportPreviewJson, **openapi.PREVIEW)
    def preview_(
        principal: reader, request: Request, body: Annotated[bytes, Depends(read_listing_json)]
    ) -> Response:
        key_of(request)  # nothing is kept, so nothing need be remembered; an unusable key is refused
        return shown(wire.preview_json(preview(room, principal, parse_export(body))))

    @api.get(EXPORTS, response_model=wire.ExportsJson, **openapi.LIST)
    def list_(
        principal: reader,
        status: Annotated[str | None, Query(description="Statuses between commas.")] = None,
        destination: Annotated[str | None, Query(description="Only exports to this destination.")] = None,
        segment_id: Annotated[str | None, Query(description="Only of this segment.")] = None,
        upload_id: Annotated[str | None, Query(description="Only with rows of this upload.")] = None,
        schedule_id: Annotated[str | None, Query(description="Only made by this schedule.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="Exports a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        wanted = ExportFilter(parse_statuses(status), destination, segment_id, upload_id, schedule_id)
        after = None if cursor is None else Cursor.decode(cursor)
        return shown(wire.exports_json(list_exports(room, principal, wanted, limit, after)))

    @api.get(ONE, response_model=wire.ExportAnswerJson, **openapi.GET)
    def get(principal: reader, request: Request, export_id: str) -> Response:
        return tagged(request, wire.export_answer(get_export(room, principal, export_id)), JSON)

    @api.get(f"{ONE}/events", **openapi.EVENTS)
    def events(principal: reader, request: Request, export_id: str) -> Response:
        get_export(room, principal, export_id)

        def read(number: int) -> Sequence[ServerEvent]:
            found = missed(room, principal, export_id, number)
            return [ServerEvent(event.number, event.kind.value, event.data) for event in found]

        def is_over() -> bool:
            return is_at_rest(room, principal, export_id)

        return event_stream(request, read, is_over, last_event_id(request))

    return api


def _making_routes(room: ExportsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["exports"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_WRITE))]
    sent = Annotated[bytes, Depends(read_listing_json)]

    @api.post(EXPORTS, status_code=202, response_model=wire.ExportAnswerJson, **openapi.CREATE)
    def create_(principal: writer, request: Request, body: sent) -> Response:
        asked = parse_export(body)
        if asked.dry_run:
            key_of(request)
            settled = settle(room, principal, asked)
            return shown(wire.definition_answer(settled.definition, settled.rows.count))
        return made_once(room, principal, request, body, lambda also: create(room, principal, asked, also))

    @api.post(f"{ONE}/retry-failed", status_code=202, response_model=wire.ExportAnswerJson, **openapi.RETRY)
    def retry(principal: writer, request: Request, export_id: str, body: sent) -> Response:
        codes = tuple(parse_retry(body).codes or ())
        return made_once(
            room, principal, request, body, lambda also: retry_failed(room, principal, export_id, codes, also)
        )

    @api.post(f"{ONE}/dismiss", response_model=wire.DismissedJson, **openapi.DISMISS)
    def dismiss_(principal: writer, request: Request, export_id: str, body: sent) -> Response:
        key_of(request)  # twice is once
        return shown(wire.dismissed_json(dismiss(room, principal, export_id, parse_dismiss(body))))

    @api.post(f"{ONE}/cancel", status_code=202, response_model=wire.ExportAnswerJson, **openapi.CANCEL)
    def cancel_(principal: writer, export_id: str) -> Response:
        cancel(room, principal, export_id)
        return shown(wire.export_answer(get_export(room, principal, export_id)), 202)

    @api.delete(ONE, response_model=wire.MessageJson, **openapi.DELETE)
    def delete(principal: writer, export_id: str) -> Any:
        erase(room, principal, export_id)
        return {"status": "success", "message": "Export deleted."}

    return api
