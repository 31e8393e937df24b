"""The very first start: make an owner and a one-time link to sign in with."""

from muster.accounts import audit, links
from muster.accounts.model import Role, User, parse_email
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory
from muster.accounts.users import by_command_line
from muster.errors import Conflict
from muster.ids import new_user_id

DEFAULT_OWNER = "owner@localhost"


def first_run(room: AccountsRoom, email: str = DEFAULT_OWNER) -> str | None:
    """Make the owner, without a password, if there is no user at all.

    Answers the token of a sign-in link (print `links.address(room, token)`), None when there are users.
    """
    now = room.clock()
    try:
        with room.db.begin() as connection:
            directory = Directory(connection)
            if directory.count_users():
                return None
            owner = User(new_user_id(), parse_email(email), Role.OWNER, now)
            directory.add_user(owner, password_hash=None)
            by_whom = by_command_line(owner)
            audit.record(connection, by_whom, "user.created", owner.id, {"role": owner.role.value}, now)
            return links.issue(room, connection, by_whom)
    except Conflict:
        return None  # another process started at the same moment and was first
