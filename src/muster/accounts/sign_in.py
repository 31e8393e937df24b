"""Sign in by e-mail and password, and change one's own password.

Unknown address, wrong password, no password and disabled user get the same answer after the same work.
"""

import structlog

from muster.accounts import sessions, users
from muster.accounts.model import Principal, User, Visitor, parse_email
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import NewSession
from muster.accounts.store import Directory
from muster.errors import Forbidden, InputError, NotSignedIn
from muster.ids import secret_hash

_log = structlog.get_logger(__name__)


def by_password(
    room: AccountsRoom,
    email: str,
    password: str,
    *,
    address: str,
    replaces: str | None = None,
    client: str | None = None,
) -> NewSession:
    """Begin a session for the user of `email`.

    address: where the request comes from, for the throttle and the list of sessions. replaces: the session
    token it came with. client: the browser in words.
    Raises NotSignedIn (`sign_in_refused`) without saying why, RateLimited (`too_many_sign_ins`), Overloaded.
    """
    room.throttle.attempt(email, address)
    user, stored = _look_up(room, email)
    if not room.passwords.verify(stored, password) or user is None or user.disabled_at is not None:
        # No audit line: a write that only known users cause would tell who is known.
        _log.info("sign_in.refused")
        raise NotSignedIn(
            "This e-mail address and password do not match. Check both, or ask for a sign-in link.",
            code="sign_in_refused",
        )
    room.throttle.succeeded(email, address)
    renewed = room.passwords.hash(password) if stored and room.passwords.is_outdated(stored) else None
    with room.db.begin() as connection:
        if renewed is not None:
            Directory(connection).set_password_hash(user.id, renewed)
        visitor = Visitor(address, client)
        return sessions.begin(room, connection, user, replaces=replaces, how="password", visitor=visitor)


def change_password(
    room: AccountsRoom,
    principal: Principal,
    *,
    current: str | None,
    new: str,
    address: str,
    session_token: str,
) -> int:
    """Set one's own password from a session; the other sessions end. Answers how many did.

    current: needed when there is a password already, so that a walk-up at an open browser cannot take the
    account. Raises Forbidden (`password_wrong`) when it does not match, InputError for an unfit new one.
    """
    with room.db.read() as connection:
        stored = Directory(connection).password_hash(principal.user_id)
    if stored is not None:
        room.throttle.attempt(principal.user_id, address)
        if not room.passwords.verify(stored, current or ""):
            raise Forbidden("`current_password` is not your password.", code="password_wrong")
        room.throttle.succeeded(principal.user_id, address)
    return users.set_password(room, principal, new, keep_session=secret_hash(session_token))


def _look_up(room: AccountsRoom, email: str) -> tuple[User | None, str | None]:
    try:
        address = parse_email(email)
    except InputError:
        return None, None  # nobody has such an address; the answer must not differ
    with room.db.read() as connection:
        directory = Directory(connection)
        user = directory.user_by_email(address)
        return user, None if user is None else directory.password_hash(user.id)
