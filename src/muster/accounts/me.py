"""Who am I? The user behind a principal, or nobody behind the link of an upload."""

from muster.accounts.model import Principal, User
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory
from muster.errors import NotSignedIn


def me(room: AccountsRoom, principal: Principal) -> tuple[User | None, bool]:
    """The user, and whether there is a password to sign in with.

    None for the link of an upload: whoever has it learns nothing about the upload's owner.
    """
    if principal.only_upload is not None:
        return None, False
    with room.db.read() as connection:
        directory = Directory(connection)
        user = directory.user(principal.user_id)
        if user is None:  # deleted since the guard looked
            raise NotSignedIn("This user no longer exists.")
        return user, directory.password_hash(user.id) is not None
