"""The cookies of a browser that signs in or opens a link: set, cleared, and where the browser is."""

from datetime import timedelta

from fastapi import Request, Response

from muster.accounts import sessions, upload_link
from muster.accounts.guard import client_address, refuse_cross_site, session_cookie
from muster.accounts.model import Principal, Visitor
from muster.accounts.room import AccountsRoom
from muster.accounts.user_agents import in_words
from muster.errors import Forbidden


def set_session(room: AccountsRoom, response: Response, token: str, life: timedelta) -> None:
    set_cookie(room, response, sessions.cookie_name(room), token, life)


def clear_session(room: AccountsRoom, response: Response) -> None:
    """Forget the session, and with it the link of an upload that was opened beside it."""
    for name in (sessions.cookie_name(room), upload_link.cookie_name(room)):
        set_cookie(room, response, name, "", timedelta(0))


def set_cookie(room: AccountsRoom, response: Response, name: str, value: str, life: timedelta) -> None:
    """Set a cookie that only this host and no script gets to see; a zero life takes it away."""
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path="/",
        secure=room.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def session_token(principal: Principal, request: Request, room: AccountsRoom) -> str:
    """The token of the browser session behind `principal`; raises Forbidden when there is none."""
    token = session_cookie(request, room)
    if principal.actor != "session" or token is None:
        raise Forbidden(
            "This needs a browser session: a leaked key must not be able to take over the account. Sign in.",
            code="session_required",
        )
    return token


def visitor_of(request: Request) -> Visitor:
    return Visitor(client_address(request), in_words(request.headers.get("user-agent")))


def refuse_foreign_page(request: Request, room: AccountsRoom) -> None:
    """Another site's page must not sign its visitor in; a script sends neither header and is welcome."""
    if "sec-fetch-site" in request.headers or "origin" in request.headers:
        refuse_cross_site(request, room)
