"""Routes of rules (API.md, section 6)."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.records.rule_parse import parse_rule
from muster.rules import keep, openapi, wire
from muster.rules.requests import parse_object, parse_order, parse_try
from muster.rules.room import RulesRoom
from muster.rules.try_ import try_records, try_upload, try_values
from muster.web.body import read_small_json
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

RULES = "/api/audience/rules"


def router(room: RulesRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter()
    for part in (_reading_routes(room, guard), _changing_routes(room, guard)):
        # Flat, not included: the application walks one list of routes.
        api.routes.extend(part.routes)
    return api


def _reading_routes(room: RulesRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["rules"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ))]

    @api.get(RULES, response_model=wire.RulesAnswer, **openapi.LIST)
    def list_(principal: reader) -> Response:
        return response_of(Answer(200, wire.rules_json(keep.list_rules(room, principal))))

    @api.post(f"{RULES}/try", response_model=wire.TryAnswer, **openapi.TRY)
    def try_(
        principal: reader, request: Request, body: Annotated[bytes, Depends(read_small_json)]
    ) -> Response:
        key_of(
            request
        )  # nothing is kept, so nothing need be remembered; an unusable key is refused all the same
        wanted = parse_try(body)
        rules = wanted.rules
        if rules is None:
            rules = [stored.rule for stored in keep.list_rules(room, principal)]
        if wanted.values is not None:
            return _shown(wire.tried_json(try_values(rules[0], wanted.values)))
        if wanted.records is not None:
            return _shown(wire.tried_json(try_records(rules, wanted.records)))
        upload_id = wanted.upload_id or ""
        until = time.monotonic() + room.max_try_seconds
        tables = room.open_upload(principal, upload_id)
        tried = try_upload(rules, tables, room.engine, lambda: time.monotonic() > until)
        return _shown(wire.tried_upload_json(upload_id, tried))

    @api.get(f"{RULES}/{{rule_id}}", response_model=wire.RuleAnswer, **openapi.GET)
    def get(principal: reader, rule_id: str) -> Response:
        return _shown(wire.rule_answer(keep.get_rule(room, principal, rule_id)))

    return api


def _changing_routes(room: RulesRoom, guard: Guard) -> APIRouter:
    api = APIRouter(tags=["rules"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]
    sent = Annotated[bytes, Depends(read_small_json)]

    @api.post(RULES, response_model=wire.RuleAnswer, **openapi.CREATE)
    def create(principal: writer, request: Request, body: sent) -> Response:
        rule = parse_rule(parse_object(body))
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            made = keep.create(
                room,
                principal,
                rule,
                lambda connection, made: remember(connection, Answer(201, wire.rule_answer(made))),
            )
            return Answer(201, wire.rule_answer(made))

        return response_of(room.idempotency.once(keyed, work))

    @api.put(f"{RULES}/order", response_model=wire.RulesAnswer, **openapi.ORDER)
    def put_order(principal: writer, body: sent) -> Response:
        return _shown(wire.rules_json(keep.order(room, principal, parse_order(body))))

    @api.patch(f"{RULES}/{{rule_id}}", response_model=wire.RuleAnswer, **openapi.CHANGE)
    def patch(principal: writer, rule_id: str, body: sent) -> Response:
        return _shown(wire.rule_answer(keep.change(room, principal, rule_id, parse_object(body))))

    @api.delete(f"{RULES}/{{rule_id}}", response_model=wire.RuleDeletedAnswer, **openapi.DELETE)
    def delete(principal: writer, rule_id: str) -> Any:
        keep.delete(room, principal, rule_id)
        return {"status": "success", "message": "Rule deleted."}

    return api


def _shown(body: bytes) -> Response:
    return response_of(Answer(200, body))
