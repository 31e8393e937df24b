"""Routes of what a browser has open: its user's sessions, and the link of an upload."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from muster.accounts import openapi, sessions, upload_link
from muster.accounts.guard import Guard
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.accounts.routes.cookies import (
    refuse_foreign_page,
    session_token,
    set_cookie,
)
from muster.accounts.wire import OpenRequest, SessionsEndedAnswer, parse_body
from muster.accounts.wire_browser import (
    ClosedAnswer,
    OpenedAnswer,
    SessionsAnswer,
    opened_answer,
    session_view,
)
from muster.web.body import read_small_json


def router(room: AccountsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter(prefix="/api/auth", tags=["sign-in"])
    anybody_signed_in = guard.signed_in(None)

    @routes.post("/open", **openapi.OPEN)
    def post_open(
        request: Request, response: Response, body: Annotated[bytes, Depends(read_small_json)]
    ) -> OpenedAnswer:
        """Exchange an upload's session token for a cookie that opens this upload, read-only."""
        refuse_foreign_page(request, room)
        opened = upload_link.open_link(room, parse_body(body, OpenRequest).token)
        set_cookie(room, response, upload_link.cookie_name(room), opened.token, opened.life)
        return opened_answer(opened)

    @routes.delete("/open", **openapi.CLOSE)
    def delete_open(request: Request, response: Response) -> ClosedAnswer:
        """Forget the link in this browser; it goes on working elsewhere until it expires."""
        refuse_foreign_page(request, room)
        set_cookie(room, response, upload_link.cookie_name(room), "", timedelta(0))
        return {"status": "success", "message": "Link closed."}

    @routes.get("/sessions", **openapi.LIST_SESSIONS)
    def get_sessions(
        principal: Annotated[Principal, Depends(anybody_signed_in)], request: Request, response: Response
    ) -> SessionsAnswer:
        """Where one is signed in; asked from one of these sessions."""
        token = session_token(principal, request, room)
        found = sessions.open_sessions(room, principal, token)
        response.headers["Cache-Control"] = "no-store"
        return {
            "status": "success",
            "sessions": [session_view(session, is_current=current) for session, current in found],
        }

    @routes.delete("/sessions/{session_id}", **openapi.END_SESSION)
    def delete_session(
        principal: Annotated[Principal, Depends(anybody_signed_in)], session_id: str, request: Request
    ) -> SessionsEndedAnswer:
        """Sign out one browser, from any other or from itself."""
        session_token(principal, request, room)
        sessions.end_named(room, principal, session_id)
        return {"status": "success", "message": "Session ended.", "sessions_ended": 1}

    return routes
