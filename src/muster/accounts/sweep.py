"""Forget what can never be used again; run now and then."""

from muster.accounts.requests import sweep_requests
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory


def sweep(room: AccountsRoom) -> int:
    """Delete ended sessions, spent or expired links, expired upload tokens and old requests; answers how many."""
    now = room.clock()
    with room.db.begin() as connection:
        forgotten = Directory(connection).forget_expired(now, now - room.session_idle)
    return forgotten + sweep_requests(room.db, now, room.request_log_life, room.request_log_rows)
