"""Routes of exports that are made again and again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.exports import openapi, wire, wire_kept
from muster.exports.requests import parse_schedule, parse_schedule_change
from muster.exports.room import ExportsRoom
from muster.exports.routes.exports import EXPORTS, made_once, shown
from muster.exports.schedule_store import ExportSchedule
from muster.exports.schedules import (
    change_schedule,
    create_schedule,
    delete_schedule,
    get_schedule,
    list_schedules,
    run_now,
)
from muster.web.body import read_listing_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

SCHEDULES = f"{EXPORTS}/schedules"
ONE = f"{SCHEDULES}/{{schedule_id}}"


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["exports"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_READ))]
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_WRITE))]
    sent = Annotated[bytes, Depends(read_listing_json)]

    @api.get(SCHEDULES, response_model=wire_kept.SchedulesJson, **openapi.LIST_SCHEDULES)
    def list_(
        principal: reader,
        limit: Annotated[int, Query(ge=1, le=1000, description="Schedules a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        after = None if cursor is None else Cursor.decode(cursor)
        return shown(wire_kept.schedules_json(*list_schedules(room, principal, limit, after)))

    @api.post(SCHEDULES, response_model=wire_kept.ScheduleAnswerJson, **openapi.CREATE_SCHEDULE)
    def create(principal: writer, request: Request, body: sent) -> Response:
        asked = parse_schedule(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, made: ExportSchedule) -> None:
                remember(connection, Answer(201, wire_kept.schedule_answer(made, None)))

            made = create_schedule(room, principal, asked, also)
            return Answer(201, wire_kept.schedule_answer(made, None))

        return response_of(room.idempotency.once(keyed, work))

    @api.get(ONE, response_model=wire_kept.ScheduleAnswerJson, **openapi.GET_SCHEDULE)
    def get(principal: reader, schedule_id: str) -> Response:
        return shown(wire_kept.schedule_answer(*get_schedule(room, principal, schedule_id)))

    @api.patch(ONE, response_model=wire_kept.ScheduleAnswerJson, **openapi.CHANGE_SCHEDULE)
    def patch(principal: writer, schedule_id: str, body: sent) -> Response:
        asked = parse_schedule_change(body)
        return shown(wire_kept.schedule_answer(*change_schedule(room, principal, schedule_id, asked)))

    @api.delete(ONE, response_model=wire.MessageJson, **openapi.DELETE_SCHEDULE)
    def delete(principal: writer, schedule_id: str) -> Any:
        delete_schedule(room, principal, schedule_id)
        return {"status": "success", "message": "Schedule deleted."}

    @api.post(f"{ONE}/run", status_code=202, response_model=wire.ExportAnswerJson, **openapi.RUN_SCHEDULE)
    def run(principal: writer, request: Request, schedule_id: str) -> Response:
        return made_once(
            room, principal, request, b"", lambda also: run_now(room, principal, schedule_id, also)
        )

    return api
