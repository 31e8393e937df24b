"""Routes of segments (docs/api/segments.md)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.segments import openapi, requests, wire, wire_duplicates
from muster.segments.compare import CompareBy, compare
from muster.segments.delete import delete
from muster.segments.duplicates import duplicates
from muster.segments.explain import explain
from muster.segments.members_window import MembersPart, WindowWish, members_window
from muster.segments.model import Kind, Segment, Status
from muster.segments.order import Place, parse_order
from muster.segments.preview import preview, with_manual
from muster.segments.read import Shown, history, list_segments, manual_of, shown, shown_in
from muster.segments.refresh import current, refreshed
from muster.segments.room import SegmentsRoom
from muster.segments.routes.asked import json_body, until_gone
from muster.segments.save import change, change_members, create
from muster.segments.store import Wanted
from muster.tables.stop import Stop
from muster.web.accept import JSON
from muster.web.body import BodyReader
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

SEGMENTS = "/api/audience/segments"
ONE = f"{SEGMENTS}/{{segment_id}}"
DUPLICATES = "/api/audience/identity/duplicates"

Offset = Annotated[int, Query(ge=0, le=10**12, description="First one, counted from 0.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]
VersionNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Default: the newest version.")]
Leaving = Annotated[Stop, Depends(until_gone)]


def router(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (
        _asking_routes(room, guard, bodies),
        _list_routes(room, guard),
        _reading_routes(room, guard),
        _changing_routes(room, guard, bodies),
    ):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _asking_routes(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """Routes that take a body and store nothing."""
    api = APIRouter(tags=["segments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_READ))]

    async def sent(principal: reader, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        async with json_body(bodies, request) as body:
            yield body

    body_sent = Annotated[bytes, Depends(sent)]

    @api.post(f"{SEGMENTS}/preview", response_model=wire.PreviewAnswer, **openapi.PREVIEW)
    def preview_(principal: reader, request: Request, body: body_sent, stop: Leaving) -> Response:
        key_of(
            request
        )  # nothing is kept, so nothing need be remembered; an unusable key is refused all the same
        asked = requests.parse_preview(body)
        wish = with_manual(room, principal, asked.wish, asked.segment_id)
        return _shown(wire.preview_answer(preview(room, principal, wish, stop)))

    @api.post(DUPLICATES, response_model=wire_duplicates.DuplicatesAnswer, **openapi.DUPLICATES)
    def duplicates_(principal: reader, request: Request, body: body_sent, stop: Leaving) -> Response:
        key_of(request)
        wish = requests.parse_duplicates(body)
        found = duplicates(room, principal, wish, stop)
        return _shown(wire_duplicates.duplicates_answer(found, wish.offset, wish.limit))

    return api


def _list_routes(room: SegmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["segments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_READ))]

    @api.get(SEGMENTS, response_model=wire.SegmentsAnswer, **openapi.LIST)
    def list_(
        principal: reader,
        name: Annotated[
            str | None, Query(max_length=200, description="Name contains this, ignoring case.")
        ] = None,
        tag: Annotated[str | None, Query(max_length=50)] = None,
        kind: Annotated[Kind | None, Query()] = None,
        upload_id: Annotated[str | None, Query(max_length=100, description="Made from this upload.")] = None,
        sort: Annotated[
            str,
            Query(description="`updated_at`, `created_at`, `name` or `count`; `-` before it: descending."),
        ] = "-updated_at",
        limit: Limit = 100,
        cursor: Annotated[
            str | None, Query(description="`next_cursor` of the page before, with the same `sort`.")
        ] = None,
    ) -> Response:
        order = parse_order(sort)
        after = Place.decode(cursor, order) if cursor else None
        wanted = Wanted(name, tag, kind, upload_id)
        return _shown(wire.segments_answer(list_segments(room, principal, wanted, order, limit, after)))

    @api.get(ONE, response_model=wire.SegmentAnswer, **openapi.GET)
    def get(principal: reader, segment_id: str) -> Response:
        segment = current(room, principal, segment_id)
        return _shown(wire.segment_answer(shown(room, principal, segment)))

    @api.get(f"{ONE}/history", response_model=wire.HistoryAnswer, **openapi.HISTORY)
    def history_(
        principal: reader,
        segment_id: str,
        limit: Limit = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        before = None if cursor is None else requests.parse_cursor(cursor)
        versions, total, following = history(room, principal, segment_id, before, limit)
        return _shown(
            wire.history_answer(segment_id, versions, total, None if following is None else str(following))
        )

    @api.get(f"{ONE}/manual", response_model=wire.ManualAnswer, **openapi.MANUAL)
    def manual(principal: reader, segment_id: str, offset: Offset = 0, limit: Limit = 100) -> Response:
        return _shown(wire.manual_answer(*manual_of(room, principal, segment_id), offset, limit))

    return api


def _reading_routes(room: SegmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["segments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_READ))]

    @api.get(f"{ONE}/members", response_model=wire.MembersAnswer, **openapi.MEMBERS)
    def members(
        principal: reader,
        segment_id: str,
        stop: Leaving,
        offset: Offset = 0,
        limit: Limit = 100,
        columns: Annotated[
            str | None, Query(description="Names between commas, or a JSON array of names; default: all.")
        ] = None,
        version: VersionNumber = None,
        part: Annotated[
            MembersPart, Query(description="`joined` and `left`: compared with `since`.")
        ] = MembersPart.ALL,
        since: Annotated[
            int | None, Query(ge=1, le=2**31 - 1, description="Default: the version before.")
        ] = None,
    ) -> Response:
        names = None if columns is None else requests.parse_columns(columns)
        wish = WindowWish(offset, limit, names, version, part, since)
        return _shown(wire.members_answer(members_window(room, principal, segment_id, wish, stop)))

    @api.get(f"{ONE}/compare/{{other_id}}", response_model=wire.CompareAnswer, **openapi.COMPARE)
    def compare_(
        principal: reader,
        segment_id: str,
        other_id: str,
        stop: Leaving,
        by: Annotated[
            CompareBy, Query(description="What makes a member of one a member of the other.")
        ] = CompareBy.ROW,
        version: VersionNumber = None,
        other_version: VersionNumber = None,
    ) -> Response:
        found = compare(room, principal, (segment_id, version), (other_id, other_version), by, stop)
        return _shown(wire.compare_answer(found))

    @api.get(f"{ONE}/explain", response_model=wire.ExplainAnswer, **openapi.EXPLAIN)
    def explain_(
        principal: reader,
        segment_id: str,
        stop: Leaving,
        row: Annotated[
            int | None, Query(ge=0, le=2**40, description="`_row_id` of the row; it must be given.")
        ] = None,
        upload_id: Annotated[
            str | None, Query(max_length=100, description="May be left out when there is one upload.")
        ] = None,
    ) -> Response:
        return _shown(wire.explain_answer(explain(room, principal, segment_id, upload_id, row, stop)))

    return api


def _changing_routes(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    api = APIRouter(tags=["segments"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_WRITE))]

    async def sent(principal: writer, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        async with json_body(bodies, request) as body:
            yield body

    body_sent = Annotated[bytes, Depends(sent)]

    @api.post(SEGMENTS, response_model=wire.SegmentAnswer, **openapi.CREATE)
    def create_(principal: writer, request: Request, body: body_sent) -> Response:
        wish = requests.parse_create(body)
        by_job = requests.wants_async(request.headers.get("prefer"))
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None
        made: list[Answer] = []

        def work(remember: Any) -> Answer:
            def also(connection: Any, segment: Segment) -> None:
                made.append(_answer(shown_in(connection, principal, segment), counted=201))
                remember(connection, made[0])

            create(room, principal, wish, by_job=by_job, also=also)
            return made[0]

        return response_of(room.idempotency.once(keyed, work))

    @api.patch(ONE, response_model=wire.SegmentAnswer, **openapi.CHANGE)
    def patch(principal: writer, request: Request, segment_id: str, body: body_sent) -> Response:
        by_job = requests.wants_async(request.headers.get("prefer"))
        wish = requests.parse_change(body)
        return _one(room, principal, change(room, principal, segment_id, wish, by_job=by_job))

    @api.post(f"{ONE}/members", response_model=wire.SegmentAnswer, **openapi.CHANGE_MEMBERS)
    def change_members_(principal: writer, request: Request, segment_id: str, body: body_sent) -> Response:
        key_of(request)  # done twice it is done once
        wish = requests.parse_manual(body)
        changed = change_members(room, principal, segment_id, wish.include, wish.exclude, wish.forget)
        return _one(room, principal, changed)

    @api.post(f"{ONE}/refresh", response_model=wire.SegmentAnswer, **openapi.REFRESH)
    def refresh(principal: writer, request: Request, segment_id: str) -> Response:
        key_of(request)
        by_job = requests.wants_async(request.headers.get("prefer")) or None
        return _one(room, principal, refreshed(room, principal, segment_id, by_job=by_job))

    @api.delete(ONE, response_model=wire.SegmentDeletedAnswer, **openapi.DELETE)
    def delete_(
        principal: writer,
        segment_id: str,
        cascade: Annotated[bool, Query(description="Delete what is made from it as well.")] = False,
    ) -> Any:
        delete(room, principal, segment_id, cascade=cascade)
        return {"status": "success", "message": "Segment deleted."}

    return api


def _one(room: SegmentsRoom, principal: Principal, segment: Segment) -> Response:
    return response_of(_answer(shown(room, principal, segment), counted=200))


def _answer(found: Shown, *, counted: int) -> Answer:
    status = 202 if found.segment.status is Status.COMPUTING else counted
    return Answer(status, wire.segment_answer(found))


def _shown(body: bytes) -> Response:
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})
