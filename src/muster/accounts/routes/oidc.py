"""Routes of signing in with the outside issuer: there, and back."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from muster.accounts import by_issuer, openapi
from muster.accounts.guard import session_cookie
from muster.accounts.oidc_sign_in import ATTEMPT_LIFE, MAX_NEXT_CHARACTERS, Attempt, Returned, own_path
from muster.accounts.room import AccountsRoom
from muster.accounts.routes.cookies import set_cookie, set_session, visitor_of
from muster.errors import MusterError

SECURE_COOKIE = "__Host-muster_oidc"
LOOPBACK_COOKIE = "muster_oidc"
SIGN_IN_PAGE = "/sign-in"


def cookie_name(room: AccountsRoom) -> str:
    return SECURE_COOKIE if room.secure_cookies else LOOPBACK_COOKIE


def router(room: AccountsRoom) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter(prefix="/api/auth/oidc", tags=["sign-in"])

    @routes.get("/start", response_class=RedirectResponse, **openapi.OIDC_START)
    def get_start(
        request: Request,
        next: Annotated[
            str, Query(max_length=MAX_NEXT_CHARACTERS, description="The path to go to when signed in.")
        ] = "/",
    ) -> RedirectResponse:
        """Send the browser to the issuer; it comes back to the callback."""
        try:
            address, attempt = by_issuer.issuer_of(room).begin(next)
        except MusterError as error:
            return _back_to_page(request, error)
        answer = RedirectResponse(address, 302)
        set_cookie(room, answer, cookie_name(room), attempt.encode(), ATTEMPT_LIFE)
        return answer

    @routes.get("/callback", response_class=RedirectResponse, **openapi.OIDC_CALLBACK)
    def get_callback(
        request: Request,
        state: str | None = None,
        code: str | None = None,
        iss: str | None = None,
        error: str | None = None,
    ) -> RedirectResponse:
        """Take back the browser: check, exchange the code, begin a session, and go on to `next`."""
        attempt = Attempt.decode(request.cookies.get(cookie_name(room), ""))
        before, visitor = session_cookie(request, room), visitor_of(request)
        try:
            session = by_issuer.sign_in(
                room, attempt, Returned(state, code, iss, error), replaces=before, visitor=visitor
            )
            answer = RedirectResponse(own_path(attempt.next if attempt else "/"), 302)
            set_session(room, answer, session.token, room.session_life)
        except MusterError as refusal:
            answer = _back_to_page(request, refusal)
        set_cookie(room, answer, cookie_name(room), "", timedelta(0))
        return answer

    return routes


def _back_to_page(request: Request, error: MusterError) -> RedirectResponse:
    """People see the sign-in page with the error's code; scripts get the error itself, raised again."""
    if "text/html" not in request.headers.get("accept", ""):
        raise error
    # The request id shows up in every log line about this request.
    request.state.error_code = error.error_code
    return RedirectResponse(f"{SIGN_IN_PAGE}?error={error.error_code}", 302, {"Cache-Control": "no-store"})
