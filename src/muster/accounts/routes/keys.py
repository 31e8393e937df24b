"""Routes of API keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from muster.accounts import keys, openapi
from muster.accounts.guard import Guard
from muster.accounts.model import NewApiKey, Principal, Scope
from muster.accounts.room import AccountsRoom
from muster.accounts.routes.pages import After, Limit, cursor_of
from muster.accounts.wire import (
    KeyAnswer,
    KeyRequest,
    KeyRevokedAnswer,
    KeysAnswer,
    NewKeyAnswer,
    RenameKeyRequest,
    RollRequest,
    key_view,
    key_wish,
    new_key_json,
    parse_body,
)
from muster.clock import Clock
from muster.db.database import Connection
from muster.web.body import read_small_json
from muster.web.idempotency import Answer, Idempotency, Keyed, fingerprint, key_of, response_of

MakeKey = Callable[[Callable[[Connection, NewApiKey], None]], NewApiKey]


async def read_optional_json(request: Request) -> bytes:
    """The body of a request that used to have none: nothing, of whatever type, or small JSON."""
    if "content-type" not in request.headers:
        sent = await request.body()
        if not sent:
            return b""
    return await read_small_json(request)


def router(room: AccountsRoom, guard: Guard, idempotency: Idempotency) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter(prefix="/api", tags=["keys"])
    manager = guard.signed_in(Scope.KEYS_MANAGE)
    clock: Clock = room.clock

    @routes.get("/keys", **openapi.LIST_KEYS)
    def get_keys(
        principal: Annotated[Principal, Depends(manager)],
        response: Response,
        limit: Limit = 100,
        cursor: After = None,
    ) -> KeysAnswer:
        """The user's API keys, newest first; never their secrets."""
        page, following, total = keys.list_keys(room, principal, limit, cursor_of(cursor))
        response.headers["Cache-Control"] = "no-store"
        return {
            "status": "success",
            "keys": [key_view(key, clock()) for key in page],
            "next_cursor": None if following is None else following.encode(),
            "total": total,
        }

    def once(principal: Principal, request: Request, body: bytes, make: MakeKey) -> Response:
        """Make a key and answer with it; the same Idempotency-Key again gets the same answer."""
        name = key_of(request)
        keyed = Keyed(principal.user_id, name, fingerprint(request, body)) if name else None

        def work(remember: Callable[[Connection, Answer], None]) -> Answer:
            answer: list[Answer] = []

            def also(connection: Connection, made: NewApiKey) -> None:
                answer.append(Answer(201, new_key_json(made, clock())))
                remember(connection, answer[0])

            make(also)
            return answer[0]

        return response_of(idempotency.once(keyed, work))

    @routes.post("/keys", response_model=NewKeyAnswer, **openapi.CREATE_KEY)
    def post_keys(
        principal: Annotated[Principal, Depends(manager)],
        request: Request,
        body: Annotated[bytes, Depends(read_small_json)],
    ) -> Response:
        """Make an API key; its text is in this answer and nowhere else."""
        wish = key_wish(parse_body(body, KeyRequest), clock())
        return once(principal, request, body, lambda also: keys.create(room, principal, wish, also))

    @routes.post("/keys/{key_id}/roll", response_model=NewKeyAnswer, **openapi.ROLL_KEY)
    def post_roll(
        principal: Annotated[Principal, Depends(manager)],
        key_id: str,
        request: Request,
        body: Annotated[bytes, Depends(read_optional_json)],
    ) -> Response:
        """Replace a key by a new one that may do the same; the old one stops at once, or after an overlap."""
        overlap = timedelta(seconds=parse_body(body or b"{}", RollRequest).overlap_seconds)
        return once(
            principal, request, body, lambda also: keys.roll(room, principal, key_id, also, overlap=overlap)
        )

    @routes.patch("/keys/{key_id}", **openapi.RENAME_KEY)
    def patch_key(
        principal: Annotated[Principal, Depends(manager)],
        key_id: str,
        body: Annotated[bytes, Depends(read_small_json)],
    ) -> KeyAnswer:
        """Rename a key; what it may do never changes."""
        key = keys.rename(room, principal, key_id, parse_body(body, RenameKeyRequest).name)
        return {"status": "success", "api_key": key_view(key, clock())}

    @routes.delete("/keys/{key_id}", **openapi.REVOKE_KEY)
    def delete_key(principal: Annotated[Principal, Depends(manager)], key_id: str) -> KeyRevokedAnswer:
        """Stop a key for good."""
        keys.revoke(room, principal, key_id)
        return {"status": "success", "message": "API key revoked."}

    return routes
