"""Routes of probable matches (docs/api/segments.md)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.segments import openapi_matches as openapi
from muster.segments import wire_matches as wire
from muster.segments.match import (
    PairsWish,
    decide,
    delete_match,
    get_match,
    list_matches,
    pairs_of,
    start,
)
from muster.segments.match_model import Match
from muster.segments.patience import of_request
from muster.segments.requests import parse_columns
from muster.segments.requests_matches import parse_decisions, parse_match
from muster.segments.room import SegmentsRoom
from muster.segments.routes.asked import json_body
from muster.web.accept import JSON
from muster.web.body import BodyReader
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

MATCHES = "/api/audience/identity/matches"
ONE = f"{MATCHES}/{{match_id}}"


def router(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (_reading_routes(room, guard), _changing_routes(room, guard, bodies)):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _reading_routes(room: SegmentsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["segments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_READ))]

    @api.get(MATCHES, response_model=wire.MatchesAnswer, **openapi.LIST)
    def list_(
        principal: reader,
        limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        after = None if cursor is None else Cursor.decode(cursor)
        return _shown(wire.matches_answer(*list_matches(room, principal, limit, after)))

    @api.get(ONE, response_model=wire.MatchAnswer, **openapi.GET)
    def get(principal: reader, match_id: str) -> Response:
        return _shown(wire.match_answer(get_match(room, principal, match_id)))

    @api.get(f"{ONE}/pairs", response_model=wire.PairsAnswer, **openapi.PAIRS)
    def pairs(
        principal: reader,
        match_id: str,
        low: Annotated[float, Query(alias="from", ge=0, le=1, description="Probability, at least.")] = 0.0,
        high: Annotated[float, Query(alias="to", ge=0, le=1, description="Probability, at most.")] = 1.0,
        offset: Annotated[int, Query(ge=0, le=10**12)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        columns: Annotated[
            str | None, Query(description="Names between commas, or a JSON array; default: those compared.")
        ] = None,
    ) -> Response:
        names = None if columns is None else parse_columns(columns)
        wish = PairsWish(low, high, offset, limit, names)
        found = pairs_of(room, principal, match_id, wish, of_request())
        return _shown(wire.pairs_answer(found, offset, limit))

    return api


def _changing_routes(room: SegmentsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    api = APIRouter(tags=["segments"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.SEGMENTS_WRITE))]

    async def sent(principal: writer, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        async with json_body(bodies, request) as body:
            yield body

    body_sent = Annotated[bytes, Depends(sent)]

    @api.post(MATCHES, response_model=wire.MatchAnswer, **openapi.START)
    def start_(principal: writer, request: Request, body: body_sent) -> Response:
        wish = parse_match(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, match: Match) -> None:
                remember(connection, Answer(202, wire.match_answer(match)))

            return Answer(202, wire.match_answer(start(room, principal, wish, also)))

        return response_of(room.idempotency.once(keyed, work))

    @api.post(f"{ONE}/decisions", response_model=wire.MatchAnswer, **openapi.DECIDE)
    def decide_(principal: writer, request: Request, match_id: str, body: body_sent) -> Response:
        key_of(request)  # done twice it is done once
        return _shown(wire.match_answer(decide(room, principal, match_id, parse_decisions(body))))

    @api.delete(ONE, response_model=wire.MatchDeletedAnswer, **openapi.DELETE)
    def delete_(principal: writer, match_id: str) -> Any:
        delete_match(room, principal, match_id)
        return {"status": "success", "message": "Match deleted."}

    return api


def _shown(body: bytes) -> Response:
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})
