"""Public JSON names of what a browser needs around signing in: methods, links of uploads, sessions."""

from typing import Literal

from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.accounts.methods import SignInMethods
from muster.accounts.model import OpenSession
from muster.accounts.upload_link import OpenedLink
from muster.clock import rfc3339


class OidcMethod(TypedDict):
    """An outside issuer; `GET /api/auth/oidc/start` begins a sign-in with it."""

    name: str


class MethodsAnswer(TypedDict):
    """How to sign in. first_run: nobody ever did; the server printed the owner's link when it started."""

    status: Literal["success"]
    password: bool
    oidc: OidcMethod | None
    first_run: bool


class OpenedAnswer(TypedDict):
    """The upload that the browser may now read, and until when."""

    status: Literal["success"]
    upload_id: str
    expires_at: str


class ClosedAnswer(TypedDict):
    """The browser forgot the link of an upload."""

    status: Literal["success"]
    message: str


class SessionView(TypedDict):
    """A browser session. id: names it, opens nothing. user_agent: in words, such as `Firefox on Linux`.

    address: where the sign-in came from. is_current: the one this request came with.
    """

    id: str
    created_at: str
    last_seen_at: str
    expires_at: str
    address: str | None
    user_agent: str | None
    is_current: bool


class SessionsAnswer(TypedDict):
    """One's own browser sessions that still work, last seen first."""

    status: Literal["success"]
    sessions: list[SessionView]


def methods_answer(methods: SignInMethods) -> MethodsAnswer:
    return {
        "status": "success",
        "password": True,
        "oidc": None if methods.oidc_name is None else {"name": methods.oidc_name},
        "first_run": methods.first_run,
    }


def opened_answer(opened: OpenedLink) -> OpenedAnswer:
    return {"status": "success", "upload_id": opened.upload_id, "expires_at": rfc3339(opened.expires_at)}


def session_view(session: OpenSession, *, is_current: bool) -> SessionView:
    return {
        "id": session.id,
        "created_at": rfc3339(session.created_at),
        "last_seen_at": rfc3339(session.last_seen_at),
        "expires_at": rfc3339(session.expires_at),
        "address": session.address,
        "user_agent": session.client,
        "is_current": is_current,
    }
