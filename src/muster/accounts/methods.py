"""How people can sign in here; told to everybody, so it names nobody."""

from dataclasses import dataclass

from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory


@dataclass(frozen=True, slots=True)
class SignInMethods:
    """oidc_name: what the outside issuer is called on its button, None: there is none.

    first_run: nobody has a password, an outside identity or a session yet, so the owner needs the one-time
    link that the server printed when it started.
    """

    oidc_name: str | None
    first_run: bool


def sign_in_methods(room: AccountsRoom) -> SignInMethods:
    with room.db.read() as connection:
        first_run = Directory(connection).nobody_came_yet()
    return SignInMethods(None if room.oidc_sign_in is None else room.oidc_sign_in.name, first_run)
