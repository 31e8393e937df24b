"""Routes to sign in and out: by password, by one-time link; who one is; one's own password."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response

from muster.accounts import links, openapi, sessions, sign_in
from muster.accounts.guard import Guard, client_address, session_cookie
from muster.accounts.me import me
from muster.accounts.methods import sign_in_methods
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.accounts.routes.cookies import (
    clear_session,
    refuse_foreign_page,
    session_token,
    set_session,
    visitor_of,
)
from muster.accounts.wire import (
    MeAnswer,
    PasswordRequest,
    SessionsEndedAnswer,
    SignInRequest,
    SignOutRequest,
    UserAnswer,
    me_answer,
    parse_body,
    refuse_member,
    user_view,
)
from muster.accounts.wire_browser import MethodsAnswer, methods_answer
from muster.web.body import read_small_json

T = TypeVar("T", SignInRequest, SignOutRequest, PasswordRequest)


def body_of(shape: type[T], *, optional: bool = False) -> Callable[[Request], Coroutine[Any, Any, T]]:
    """A dependency that reads and parses the body; an empty one counts as `{}` when `optional`."""

    async def read(request: Request) -> T:
        raw = await read_small_json(request)
        return parse_body(raw or b"{}" if optional else raw, shape)

    return read


def router(room: AccountsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter(prefix="/api/auth", tags=["sign-in"])
    anybody_signed_in = guard.signed_in(None)

    @routes.get("/methods", **openapi.METHODS)
    def get_methods() -> MethodsAnswer:
        """How people sign in here; anybody may ask, and nobody is named."""
        return methods_answer(sign_in_methods(room))

    @routes.post("/sign-in", **openapi.SIGN_IN)
    def post_sign_in(
        request: Request, response: Response, body: Annotated[SignInRequest, Depends(body_of(SignInRequest))]
    ) -> UserAnswer:
        """Begin a browser session, by e-mail and password or by the token of a one-time link."""
        refuse_foreign_page(request, room)
        before, visitor = session_cookie(request, room), visitor_of(request)
        if body.token and not body.email and not body.password:
            session = links.sign_in(room, body.token, replaces=before, visitor=visitor)
        elif body.email and body.password and not body.token:
            session = sign_in.by_password(
                room,
                body.email,
                body.password,
                address=client_address(request),
                replaces=before,
                client=visitor.client,
            )
        else:
            raise refuse_member("email", "Send `email` and `password`, or only `token`.")
        set_session(room, response, session.token, room.session_life)
        return {"status": "success", "user": user_view(session.user)}

    @routes.post("/sign-out", **openapi.SIGN_OUT)
    def post_sign_out(
        principal: Annotated[Principal, Depends(anybody_signed_in)],
        request: Request,
        response: Response,
        body: Annotated[SignOutRequest, Depends(body_of(SignOutRequest, optional=True))],
    ) -> SessionsEndedAnswer:
        """End this browser session, or all of them."""
        token = session_token(principal, request, room)
        ended = sessions.end(room, principal, token, everywhere=body.everywhere)
        clear_session(room, response)
        return {"status": "success", "message": "Signed out.", "sessions_ended": ended}

    @routes.get("/me", **openapi.ME)
    def get_me(
        principal: Annotated[Principal, Depends(guard.signed_in(None, upload_token=True))], response: Response
    ) -> MeAnswer:
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
            address=client_address(request),
            session_token=session_token(principal, request, room),
        )
        return {"status": "success", "message": "Password set.", "sessions_ended": ended}

    return routes
