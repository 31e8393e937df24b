"""Routes of accounts: sign in and out, API keys, the audit log, and the welcome page."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from muster.accounts import audit, keys, links, openapi, sessions, sign_in
from muster.accounts.guard import Guard, refuse_cross_site, session_cookie
from muster.accounts.me import me
from muster.accounts.model import NewApiKey, Principal, Scope
from muster.accounts.room import AccountsRoom
from muster.accounts.wire import (
    AuditAnswer,
    KeyRequest,
    KeyRevokedAnswer,
    KeysAnswer,
    MeAnswer,
    NewKeyAnswer,
    PasswordRequest,
    SessionsEndedAnswer,
    SignInRequest,
    SignOutRequest,
    UserAnswer,
    audit_views,
    key_view,
    key_wish,
    me_answer,
    new_key_json,
    parse_body,
    refuse_member,
    user_view,
)
from muster.clock import Clock
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import Forbidden
from muster.web.body import read_small_json
from muster.web.idempotency import Answer, Idempotency, Keyed, fingerprint, key_of, response_of

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
After = Annotated[str | None, Query(description="`next_cursor` of the page before.")]

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGES = {
    "/sign-in": ("sign_in.html", "text/html; charset=utf-8"),
    "/sign-in/sign_in.js": ("sign_in.js", "text/javascript; charset=utf-8"),
    "/sign-in/sign_in.css": ("sign_in.css", "text/css; charset=utf-8"),
}

T = TypeVar("T", SignInRequest, SignOutRequest, PasswordRequest)
MakeKey = Callable[[Callable[[Connection, NewApiKey], None]], NewApiKey]


def router(room: AccountsRoom, guard: Guard, idempotency: Idempotency) -> APIRouter:
    """All routes of accounts; sign-in and the page are the only ones open to everybody."""
    routes = APIRouter()
    for part in (_sign_in_routes(room, guard), _key_routes(room, guard, idempotency), _page_routes()):
        # Flat, not included: the application walks one list of routes.
        routes.routes.extend(part.routes)
    return routes


def body_of(shape: type[T], *, optional: bool = False) -> Callable[[Request], Coroutine[Any, Any, T]]:
    """A dependency that reads and parses the body; an empty one counts as `{}` when `optional`."""

    async def read(request: Request) -> T:
        raw = await read_small_json(request)
        return parse_body(raw or b"{}" if optional else raw, shape)

    return read


def _sign_in_routes(room: AccountsRoom, guard: Guard) -> APIRouter:
    routes = APIRouter(prefix="/api/auth", tags=["sign-in"])
    anybody_signed_in = guard.signed_in(None)

    @routes.post("/sign-in", **openapi.SIGN_IN)
    def post_sign_in(
        request: Request, response: Response, body: Annotated[SignInRequest, Depends(body_of(SignInRequest))]
    ) -> UserAnswer:
        """Begin a browser session, by e-mail and password or by the token of a one-time link."""
        _refuse_cross_site_sign_in(request, room)
        before = session_cookie(request, room)
        if body.token and not body.email and not body.password:
            session = links.sign_in(room, body.token, replaces=before)
        elif body.email and body.password and not body.token:
            session = sign_in.by_password(
                room, body.email, body.password, address=_address(request), replaces=before
            )
        else:
            raise refuse_member("email", "Send `email` and `password`, or only `token`.")
        _set_cookie(room, response, session.token, room.session_life)
        return {"status": "success", "user": user_view(session.user)}

    @routes.post("/sign-out", **openapi.SIGN_OUT)
    def post_sign_out(
        principal: Annotated[Principal, Depends(anybody_signed_in)],
        request: Request,
        response: Response,
        body: Annotated[SignOutRequest, Depends(body_of(SignOutRequest, optional=True))],
    ) -> SessionsEndedAnswer:
        """End this browser session, or all of them."""
        token = _session_token(principal, request, room)
        ended = sessions.end(room, principal, token, everywhere=body.everywhere)
        _set_cookie(room, response, "", timedelta(0))
        return {"status": "success", "message": "Signed out.", "sessions_ended": ended}

    @routes.get("/me", **openapi.ME)
    def get_me(principal: Annotated[Principal, Depends(anybody_signed_in)], response: Response) -> MeAnswer:
        """Who is signed in, and what the token may do."""
        user, has_password = me(room, principal)
        response.headers["Cache-Control"] = "no-store"
        return me_answer(user, principal, has_password=has_password)

    @routes.post("/password", **openapi.PASSWORD)
    def post_password(
        principal: Annotated[Principal, Depends(anybody_signed_in)],
        request: Request,
        body: Annotated[PasswordRequest, Depends(body_of(PasswordRequest))],
    ) -> SessionsEndedAnswer:
        """Set one's own password; needs a browser session, and ends all others."""
        ended = sign_in.change_password(
            room,
            principal,
            current=body.current_password,
            new=body.new_password,
            address=_address(request),
            session_token=_session_token(principal, request, room),
        )
        return {"status": "success", "message": "Password set.", "sessions_ended": ended}

    return routes


def _key_routes(room: AccountsRoom, guard: Guard, idempotency: Idempotency) -> APIRouter:
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
        page, following, total = keys.list_keys(room, principal, limit, _cursor(cursor))
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
        principal: Annotated[Principal, Depends(manager)], key_id: str, request: Request
    ) -> Response:
        """Replace a key by a new one that may do the same; the old one stops at once."""
        return once(principal, request, b"", lambda also: keys.roll(room, principal, key_id, also))

    @routes.delete("/keys/{key_id}", **openapi.REVOKE_KEY)
    def delete_key(principal: Annotated[Principal, Depends(manager)], key_id: str) -> KeyRevokedAnswer:
        """Stop a key for good."""
        keys.revoke(room, principal, key_id)
        return {"status": "success", "message": "API key revoked."}

    @routes.get("/audit", tags=["audit"], **openapi.AUDIT)
    def get_audit(
        principal: Annotated[Principal, Depends(guard.signed_in(Scope.USAGE_READ))],
        response: Response,
        limit: Limit = 100,
        cursor: After = None,
    ) -> AuditAnswer:
        """What was done in one's own account, newest first."""
        lines, following, total = audit.lines(room, principal, limit, _cursor(cursor))
        response.headers["Cache-Control"] = "no-store"
        return {
            "status": "success",
            "lines": audit_views(lines),
            "next_cursor": None if following is None else following.encode(),
            "total": total,
        }

    return routes


def _page_routes() -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    for path, (name, media_type) in _PAGES.items():
        routes.add_api_route(path, _page(name, media_type), methods=["GET", "HEAD"], name=name)
    return routes


def _page(name: str, media_type: str) -> Callable[[], Response]:
    content = files("muster.accounts").joinpath("pages", name).read_bytes()
    headers = {
        "Content-Security-Policy": PAGE_CSP,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }

    def page() -> Response:
        return Response(content, media_type=media_type, headers=headers)

    return page


def _cursor(text: str | None) -> Cursor | None:
    return None if text is None else Cursor.decode(text)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _session_token(principal: Principal, request: Request, room: AccountsRoom) -> str:
    token = session_cookie(request, room)
    if principal.actor != "session" or token is None:
        raise Forbidden(
            "This needs a browser session: a leaked key must not be able to take over the account. Sign in.",
            code="session_required",
        )
    return token


def _refuse_cross_site_sign_in(request: Request, room: AccountsRoom) -> None:
    # A script sends neither header and is welcome; another site's page must not sign its visitor in.
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        refuse_cross_site(request, room)


def _set_cookie(room: AccountsRoom, response: Response, token: str, life: timedelta) -> None:
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        sessions.cookie_name(room),
        token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=room.secure_cookies,
        httponly=True,
        samesite="lax",
    )
