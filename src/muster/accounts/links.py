"""One-time sign-in links: how the first owner gets in, and anybody without a password.

The token stands in the fragment of the address (`<base_url>/sign-in#<token>`), which browsers send to no
server and write into no access log.
"""

from muster.accounts import audit, sessions
from muster.accounts.model import Principal, User, Visitor
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import NewSession
from muster.accounts.store import Directory, Owned
from muster.db.database import Connection
from muster.errors import Forbidden, NotSignedIn
from muster.ids import new_secret, secret_hash


def issue(room: AccountsRoom, connection: Connection, principal: Principal) -> str:
    """A new token for the principal's user, in the caller's transaction; works once, for `link_life`."""
    now = room.clock()
    token = new_secret()
    Owned(connection, principal.user_id).add_link(secret_hash(token), now + room.link_life)
    audit.record(connection, principal, "link.issued", principal.user_id, {}, now)
    return token


def issue_for(room: AccountsRoom, user: User, principal: Principal) -> str:
    """`issue` in a transaction of its own; raises Forbidden (`user_disabled`) for a disabled user."""
    if user.disabled_at is not None:
        raise Forbidden("This user is disabled. Enable the user first.", code="user_disabled")
    with room.db.begin() as connection:
        return issue(room, connection, principal)


def sign_in(
    room: AccountsRoom,
    token: str,
    *,
    replaces: str | None = None,
    visitor: Visitor = Visitor(),  # noqa: B008 - frozen
) -> NewSession:
    """Spend a link and begin a session, together or not at all.

    Raises NotSignedIn (`link_refused`) when the link is unknown, used, expired or its user disabled.
    """
    with room.db.begin() as connection:
        user = Directory(connection).use_link(secret_hash(token), room.clock())
        if user is None:
            raise NotSignedIn(
                "This sign-in link was used before or has expired. Ask for a new one: "
                "`muster admin user link EMAIL`.",
                code="link_refused",
            )
        return sessions.begin(room, connection, user, replaces=replaces, how="link", visitor=visitor)


def address(room: AccountsRoom, token: str) -> str:
    """The link as people open it."""
    return f"{room.base_url}/sign-in#{token}"
