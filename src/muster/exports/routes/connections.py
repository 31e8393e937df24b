"""Routes of kept settings of destinations."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.errors import InputError, OutsideError
from muster.exports import openapi, wire, wire_kept
from muster.exports.connection_store import KeptConnection
from muster.exports.connections import (
    change_connection,
    create_connection,
    delete_connection,
    get_connection,
    list_connections,
    try_connection,
)
from muster.exports.requests import parse_connection, parse_connection_change, parse_trial
from muster.exports.room import ExportsRoom
from muster.exports.routes.exports import EXPORTS, shown
from muster.web.body import read_small_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

CONNECTIONS = f"{EXPORTS}/connections"
ONE = f"{CONNECTIONS}/{{export_connection_id}}"


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["exports"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_READ))]
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_WRITE))]
    sent = Annotated[bytes, Depends(read_small_json)]

    @api.get(CONNECTIONS, response_model=wire_kept.ExportConnectionsJson, **openapi.LIST_CONNECTIONS)
    def list_(principal: reader) -> Response:
        return shown(wire_kept.connections_json(list_connections(room, principal)))

    @api.post(CONNECTIONS, response_model=wire_kept.ExportConnectionAnswerJson, **openapi.CREATE_CONNECTION)
    def create(principal: writer, request: Request, body: sent) -> Response:
        asked = parse_connection(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, kept: KeptConnection) -> None:
                remember(connection, Answer(201, wire_kept.connection_answer(kept)))

            kept = create_connection(room, principal, asked, also)
            return Answer(201, wire_kept.connection_answer(kept))

        return response_of(room.idempotency.once(keyed, work))

    @api.get(ONE, response_model=wire_kept.ExportConnectionAnswerJson, **openapi.GET_CONNECTION)
    def get(principal: reader, export_connection_id: str) -> Response:
        return shown(wire_kept.connection_answer(get_connection(room, principal, export_connection_id)))

    @api.patch(ONE, response_model=wire_kept.ExportConnectionAnswerJson, **openapi.CHANGE_CONNECTION)
    def patch(principal: writer, export_connection_id: str, body: sent) -> Response:
        asked = parse_connection_change(body)
        return shown(
            wire_kept.connection_answer(change_connection(room, principal, export_connection_id, asked))
        )

    @api.delete(ONE, response_model=wire.MessageJson, **openapi.DELETE_CONNECTION)
    def delete(principal: writer, export_connection_id: str) -> Any:
        delete_connection(room, principal, export_connection_id)
        return {"status": "success", "message": "Connection deleted."}

    @api.post(f"{ONE}/try", response_model=wire_kept.ExportTriedJson, **openapi.TRY_CONNECTION)
    def try_(principal: writer, request: Request, export_connection_id: str, body: sent) -> Response:
        key_of(request)  # nothing is kept; an unusable key is refused all the same
        settings = parse_trial(body)
        get_connection(room, principal, export_connection_id)
        try:
            return shown(
                wire_kept.tried_json(try_connection(room, principal, export_connection_id, settings))
            )
        except (InputError, OutsideError) as error:
            return shown(wire_kept.tried_json(error.message, error.error_code))

    return api
