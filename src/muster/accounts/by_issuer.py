"""Finish a browser's sign-in with the outside issuer: identity → user → session."""

from muster.accounts import sessions, users
from muster.accounts.model import Visitor
from muster.accounts.oidc_sign_in import Attempt, OidcSignIn, Returned
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import NewSession
from muster.errors import NotFound, NotSignedIn


def issuer_of(room: AccountsRoom) -> OidcSignIn:
    """The configured issuer; raises NotFound (`oidc_not_configured`)."""
    if room.oidc_sign_in is None:
        raise NotFound(
            "Signing in with an outside issuer is not set up here. Sign in by password or link.",
            code="oidc_not_configured",
        )
    return room.oidc_sign_in


def sign_in(
    room: AccountsRoom, attempt: Attempt | None, returned: Returned, *, replaces: str | None, visitor: Visitor
) -> NewSession:
    """Begin a session for whom the issuer vouches; the user is made or linked on first sight.

    Raises what `OidcSignIn.finish` and `users.from_outside` raise, NotSignedIn (`oidc_refused`) for a
    disabled user.
    """
    user = users.from_outside(room, issuer_of(room).finish(attempt, returned))
    if user.disabled_at is not None:
        raise NotSignedIn(
            "This account is disabled. Ask the owner of this installation.", code="oidc_refused"
        )
    with room.db.begin() as connection:
        return sessions.begin(room, connection, user, replaces=replaces, how="oidc", visitor=visitor)
