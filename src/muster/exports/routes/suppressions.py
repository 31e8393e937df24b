"""Routes of the list of people who must not leave."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.db.cursors import Cursor
from muster.exports import openapi, wire, wire_kept
from muster.exports.requests import parse_suppressions
from muster.exports.room import ExportsRoom
from muster.exports.routes.exports import shown
from muster.exports.suppress import (
    Added,
    check,
    list_suppressions,
    remove_entry,
    suppress,
    unsuppress,
)
from muster.exports.suppressed import SuppressionKind
from muster.web.body import read_listing_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

SUPPRESSIONS = "/api/audience/suppressions"


def router(room: ExportsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["exports"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_READ))]
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.EXPORTS_WRITE))]
    sent = Annotated[bytes, Depends(read_listing_json)]

    @api.get(SUPPRESSIONS, response_model=wire_kept.SuppressionsJson, **openapi.LIST_SUPPRESSIONS)
    def list_(
        principal: reader,
        kind: Annotated[SuppressionKind | None, Query(description="Only entries of this kind.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000, description="Entries a page, at most.")] = 100,
        cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    ) -> Response:
        after = None if cursor is None else Cursor.decode(cursor)
        return shown(
            wire_kept.suppressions_json(*list_suppressions(room, principal, kind, limit, after), kind)
        )

    @api.post(SUPPRESSIONS, response_model=wire_kept.AddedJson, **openapi.SUPPRESS)
    def add(principal: writer, request: Request, body: sent) -> Response:
        asked = parse_suppressions(body)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, added: Added) -> None:
                remember(connection, Answer(201, wire_kept.added_json(added)))

            return Answer(201, wire_kept.added_json(suppress(room, principal, asked, also)))

        return response_of(room.idempotency.once(keyed, work))

    @api.post(f"{SUPPRESSIONS}/check", response_model=wire_kept.CheckedJson, **openapi.CHECK)
    def check_(principal: reader, request: Request, body: sent) -> Response:
        key_of(request)  # nothing is kept; an unusable key is refused all the same
        return shown(wire_kept.checked_json(check(room, principal, parse_suppressions(body))))

    @api.delete(SUPPRESSIONS, response_model=wire_kept.RemovedJson, **openapi.UNSUPPRESS)
    def remove(principal: writer, body: sent) -> Response:
        return shown(wire_kept.removed_json(unsuppress(room, principal, parse_suppressions(body))))

    @api.delete(f"{SUPPRESSIONS}/{{suppression_id}}", response_model=wire.MessageJson, **openapi.REMOVE)
    def remove_one(principal: writer, suppression_id: str) -> Any:
        remove_entry(room, principal, suppression_id)
        return {"status": "success", "message": "Entry removed."}

    return api
