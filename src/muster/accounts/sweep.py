"""Forget what can never be used again; run now and then."""

from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory


def sweep(room: AccountsRoom) -> int:
    """Delete ended sessions, spent or expired links and expired upload tokens; answers how many."""
    now = room.clock()
    with room.db.begin() as connection:
        return Directory(connection).forget_expired(now, now - room.session_idle)
