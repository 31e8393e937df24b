"""Routes of connections."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.enrichments import connection_openapi as openapi
from muster.enrichments import connection_wire as wire
from muster.enrichments import connections
from muster.enrichments.connection_requests import parse_change, parse_new, parse_try
from muster.enrichments.connection_room import ConnectionsRoom
from muster.enrichments.connection_try import Tries
from muster.web.body import read_small_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

CONNECTIONS = "/api/audience/enrichments/connections"
ONE = f"{CONNECTIONS}/{{connection_id}}"


def router(room: ConnectionsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (_reading_routes(room, guard), _changing_routes(room, guard)):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _reading_routes(room: ConnectionsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["enrichments"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.ENRICHMENTS_READ))]

    @api.get(CONNECTIONS, response_model=wire.ConnectionsJson, **openapi.LIST)
    def list_(principal: reader) -> Response:
        return _shown(wire.connections_json(connections.list_connections(room, principal)))

    @api.get(ONE, response_model=wire.ConnectionAnswerJson, **openapi.GET)
    def get(principal: reader, connection_id: str) -> Response:
        return _shown(wire.connection_answer(connections.get(room, principal, connection_id)))

    return api


def _changing_routes(room: ConnectionsRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["enrichments"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.ENRICHMENTS_WRITE))]
    sent = Annotated[bytes, Depends(read_small_json)]
    tries = Tries()

    @api.post(CONNECTIONS, response_model=wire.ConnectionAnswerJson, **openapi.CREATE)
    def create(principal: writer, request: Request, body: sent) -> Response:
        new = parse_new(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            made = connections.create(
                room,
                principal,
                new,
                lambda connection, made: remember(connection, Answer(201, wire.connection_answer(made))),
            )
            return Answer(201, wire.connection_answer(made))

        return response_of(room.idempotency.once(keyed, work))

    @api.patch(ONE, response_model=wire.ConnectionAnswerJson, **openapi.CHANGE)
    def patch(principal: writer, connection_id: str, body: sent) -> Response:
        changed = connections.change(room, principal, connection_id, parse_change(body))
        return _shown(wire.connection_answer(changed))

    @api.delete(ONE, response_model=wire.ConnectionDeletedJson, **openapi.DELETE)
    def delete(principal: writer, connection_id: str) -> Any:
        connections.delete(room, principal, connection_id)
        return {"status": "success", "message": "Connection deleted."}

    @api.post(f"{ONE}/try", response_model=wire.TriedJson, **openapi.TRY)
    def try_(principal: writer, request: Request, connection_id: str, body: sent) -> Response:
        key_of(
            request
        )  # nothing is kept, so nothing need be remembered; an unusable key is refused all the same
        return _shown(wire.tried_json(tries.try_(room, principal, connection_id, parse_try(body))))

    return api


def _shown(body: bytes) -> Response:
    return response_of(Answer(200, body))
