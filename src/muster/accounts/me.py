"""Who am I? The user behind a principal."""

from muster.accounts.model import Principal, User
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory
from muster.errors import NotSignedIn


def me(room: AccountsRoom, principal: Principal) -> tuple[User, bool]:
    """The user, and whether there is a password to sign in with."""
    with room.db.read() as connection:
        directory = Directory(connection)
        user = directory.user(principal.user_id)
        if user is None:  # deleted since the guard looked
            raise NotSignedIn("This user no longer exists.")
        return user, directory.password_hash(user.id) is not None
