"""Every guarded route's first parameter: who is asking, and may they?

`guard.signed_in(scope)` runs before a body byte is read. A test walks the route table and fails on a route
whose dependencies carry no `muster_scope` and that is not listed as public.
"""

from typing import Protocol

from fastapi import Request

from muster.accounts import sessions, upload_link, upload_tokens
from muster.accounts.authenticate import authenticate
from muster.accounts.csrf import rides_along
from muster.accounts.model import Principal, Scope
from muster.accounts.room import AccountsRoom
from muster.errors import Forbidden, NotSignedIn


class RateLimiter(Protocol):
    """Counts requests per principal."""

    def check(self, who: str) -> object:
        """Count one request of `who`; answers what the rate limit headers say, may raise RateLimited."""
        ...


class Guard:
    """Makes the dependencies that routes name; one per application."""

    def __init__(self, room: AccountsRoom, limiter: RateLimiter) -> None:
        self.room = room
        self.limiter = limiter

    def signed_in(self, scope: Scope | None, *, upload_token: bool = False) -> "SignedIn":
        """A dependency that gives the Principal or refuses.

        scope: what the token must hold; None for any signed-in caller. upload_token: whether an upload's
        session token may pass; the route must then compare `principal.only_upload` with its upload.
        """
        return SignedIn(self, scope, upload_token)


class SignedIn:
    """The dependency itself; FastAPI calls it in a thread, once per request."""

    def __init__(self, guard: Guard, scope: Scope | None, upload_token: bool) -> None:
        self._guard = guard
        self.muster_scope = scope
        self.muster_upload_token = upload_token

    def __call__(self, request: Request) -> Principal:
        principal = identify(request, self._guard.room, upload_token=self.muster_upload_token)
        # Counted before the scope is checked: a refused request costs the same.
        request.state.principal = principal
        request.state.rate_limit = self._guard.limiter.check(rate_key(principal))
        check_scope(principal, self.muster_scope, upload_token=self.muster_upload_token)
        return principal


def identify(request: Request, room: AccountsRoom, *, upload_token: bool = False) -> Principal:
    """By the Authorization header if there is one, else by the cookies of the browser.

    upload_token: as for `Guard.signed_in`. A bad header never falls back to a cookie: a client that shows a
    token means that token.
    """
    headers = request.headers.getlist("authorization")
    if headers:
        return authenticate(room, bearer_token(headers), client_address(request))
    session, link = session_cookie(request, room), link_cookie(request, room)
    if session:
        wanted = request.path_params.get("upload_id") if upload_token else None
        principal = by_cookies(room, session, link if upload_token else None, wanted)
    elif link:
        principal = upload_tokens.find(room, link)
    else:
        raise NotSignedIn("Sign in, or send an API key: `Authorization: Bearer muster_...`.")
    refuse_cross_site(request, room)
    return principal


def by_cookies(room: AccountsRoom, session: str, link: str | None, upload_id: str | None) -> Principal:
    """Who a browser is that sent a session, and perhaps the link of an upload it has open as well.

    The person who signed in comes first. The link counts where the route lets links in, and only for the
    one upload it opens when that is somebody else's, or when the session has ended. So opening a link never
    signs anybody out, and an ended session says 401 (not 403) wherever a link would be of no use.
    """
    try:
        person = sessions.find(room, session)
    except NotSignedIn:
        if link is None:
            raise
        return upload_tokens.find(room, link)
    if link is not None and upload_id is not None:
        try:
            guest = upload_tokens.find(room, link)
        except NotSignedIn:
            return person
        if guest.only_upload == upload_id and guest.user_id != person.user_id:
            return guest
    return person


def bearer_token(headers: list[str]) -> str:
    """The token of the one Authorization header; raises NotSignedIn for any other scheme or shape.

    The scheme's name is case-insensitive (RFC 9110, 11.1).
    """
    scheme, _, token = headers[0].strip().partition(" ")
    token = token.strip()
    if len(headers) > 1 or scheme.lower() != "bearer" or not token or not token.isascii() or " " in token:
        raise NotSignedIn("Send one header `Authorization: Bearer TOKEN`, with an API key as the token.")
    return token


def session_cookie(request: Request, room: AccountsRoom) -> str | None:
    """The session token the browser sent, if any."""
    return request.cookies.get(sessions.cookie_name(room))


def link_cookie(request: Request, room: AccountsRoom) -> str | None:
    """The token of the upload whose link the browser opened, if any."""
    return request.cookies.get(upload_link.cookie_name(room))


def client_address(request: Request) -> str:
    """Where the request comes from, as the server sees it; at most 45 characters, as long as IPv6 gets."""
    return request.client.host[:45] if request.client else "unknown"


def refuse_cross_site(request: Request, room: AccountsRoom) -> None:
    """Raise Forbidden (`csrf_refused`) when another site may have made this request."""
    own = {f"{request.scope['scheme']}://{request.headers.get('host', '')}".lower(), room.base_url.lower()}
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if rides_along(request.method, site, origin, own):
        raise Forbidden(
            "This request seems to come from another site, so your session does not count for it. "
            "Use the page itself, or an API key.",
            code="csrf_refused",
        )


def rate_key(principal: Principal) -> str:
    """Whom a request counts for: the key, the upload behind a session token, or the user."""
    if principal.key_id is not None:
        return f"key:{principal.key_id}"
    if principal.only_upload is not None:
        return f"link:{principal.only_upload}"
    return f"user:{principal.user_id}"


def check_scope(principal: Principal, scope: Scope | None, *, upload_token: bool) -> None:
    """Raise Forbidden when the token does not open this route."""
    if principal.only_upload is not None and not upload_token:
        raise Forbidden(
            "A session token opens its one upload and nothing else. Use an API key.",
            code="upload_token_refused",
        )
    if scope is not None and scope not in principal.scopes:
        raise Forbidden(
            f"This needs the scope `{scope.value}`, which your token does not have.", code="scope_missing"
        )
