"""Browser sessions: begin, find, list, end. Server-side; only the hash of the token is stored."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from muster.accounts import audit
from muster.accounts.model import OpenSession, Principal, User, Visitor, scopes_of
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory, Owned
from muster.db.database import Connection
from muster.errors import Forbidden, NotFound, NotSignedIn
from muster.ids import is_session_id, new_secret, secret_hash

SECURE_COOKIE = "__Host-muster"
LOOPBACK_COOKIE = "muster_session"
"""`__Host-` demands Secure, which browsers do not all keep on plain http."""

_LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun, with the only copy of its token."""

    user: User
    token: str = field(repr=False)


def needs_secure_cookie(base_url: str) -> bool:
    """False only for plain http on loopback, where a Secure cookie might never come back."""
    parts = urlsplit(base_url)
    return not (parts.scheme == "http" and parts.hostname in _LOOPBACK_HOSTS)


def cookie_name(room: AccountsRoom) -> str:
    return SECURE_COOKIE if room.secure_cookies else LOOPBACK_COOKIE


def begin(
    room: AccountsRoom,
    connection: Connection,
    user: User,
    *,
    replaces: str | None,
    how: str,
    visitor: Visitor = Visitor(),  # noqa: B008 - frozen
) -> NewSession:
    """Begin a session under a new token, in the caller's transaction; the one the browser had before ends.

    replaces: the token of the request's cookie, if any, so that a planted or old id never lives on.
    how: `password`, `link` or `oidc`, for the audit log. visitor: where from, for the user's own list.
    """
    now = room.clock()
    token = new_secret()
    owned = Owned(connection, user.id)
    if replaces:
        owned.end_session(secret_hash(replaces))
    owned.add_session(secret_hash(token), now, now + room.session_life, visitor)
    principal = Principal(user.id, scopes_of(user.role), "session")
    audit.record(connection, principal, "session.began", user.id, {"how": how}, now)
    return NewSession(user, token)


def find(room: AccountsRoom, token: str) -> Principal:
    """Who a session's token belongs to; raises NotSignedIn when it is unknown, ended or idle too long."""
    token_hash = secret_hash(token)
    now = room.clock()
    with room.db.read() as connection:
        session = Directory(connection).session(token_hash)
    if session is None or not session.is_alive(now, room.session_idle):
        raise NotSignedIn("Your session has ended. Sign in again.")
    user = session.user

    def write() -> None:
        with room.db.begin() as connection:
            Owned(connection, user.id).touch_session(token_hash, now)

    room.last_use.note(f"session:{token_hash}", session.last_seen_at, now, write)
    return Principal(user.id, scopes_of(user.role), "session")


def end(room: AccountsRoom, principal: Principal, token: str, *, everywhere: bool) -> int:
    """End this session, or all of the user's; answers how many ended."""
    now = room.clock()
    with room.db.begin() as connection:
        owned = Owned(connection, principal.user_id)
        ended = owned.end_sessions() if everywhere else owned.end_session(secret_hash(token))
        details = {"sessions_ended": ended}
        audit.record(connection, principal, "session.ended", principal.user_id, details, now)
    return ended


def open_sessions(room: AccountsRoom, principal: Principal, token: str) -> list[tuple[OpenSession, bool]]:
    """The user's own sessions that still work, last seen first, each with whether `token` is its token."""
    now, current = room.clock(), secret_hash(token)
    with room.db.read() as connection:
        found = Owned(connection, principal.user_id).sessions()
    return [
        (session, session.token_hash == current)
        for session in found
        if session.is_alive(now, room.session_idle)
    ]


def end_named(room: AccountsRoom, principal: Principal, session_id: str) -> None:
    """End one of the user's own sessions by its public id.

    Raises NotFound (`session_not_found`) for an id nobody has, Forbidden for another user's.
    """
    with room.db.begin() as connection:
        known = is_session_id(session_id)
        owner = Directory(connection).owner_of_session(session_id) if known else None
        if owner is None:
            raise NotFound("There is no session with this id, or it has ended.", code="session_not_found")
        if owner != principal.user_id:
            raise Forbidden("This session is not yours.")
        Owned(connection, principal.user_id).end_session_named(session_id)
        audit.record(connection, principal, "session.ended", session_id, {"sessions_ended": 1}, room.clock())
