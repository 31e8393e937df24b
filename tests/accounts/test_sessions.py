"""Browser sessions end when they should, everywhere they should, and leave no token behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from muster.accounts import sessions, users
from muster.accounts.model import User
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import NewSession
from muster.db.schema import sessions as sessions_table
from muster.errors import NotSignedIn
from muster.ids import secret_hash
from tests.support.clock import SettableClock

HOUR = 3600


def begun(room: AccountsRoom, user: User, replaces: str | None = None) -> NewSession:
    with room.db.begin() as connection:
        return sessions.begin(room, connection, user, replaces=replaces, how="password")


def test_a_token_nobody_issued_is_refused(room: AccountsRoom, owner: User) -> None:
    for token in ("", "x", "x" * 10_000, "nul\0", "ä", "' OR 1=1 --"):
        with pytest.raises(NotSignedIn):
            sessions.find(room, token)


def test_a_session_is_its_users(room: AccountsRoom, owner: User, other: User) -> None:
    assert sessions.find(room, begun(room, other).token).user_id == other.id
    principal = sessions.find(room, begun(room, owner).token)
    assert (principal.user_id, principal.actor, principal.key_id) == (owner.id, "session", None)


def test_only_the_hash_of_the_token_is_stored(room: AccountsRoom, owner: User) -> None:
    session = begun(room, owner)
    assert session.token not in repr(session)
    with room.db.read() as connection:
        rows = connection.execute(select(sessions_table)).all()
    assert [row.token_hash for row in rows] == [secret_hash(session.token)]
    assert session.token not in str(rows)


def test_a_session_left_alone_ends(room: AccountsRoom, owner: User, clock: SettableClock) -> None:
    token = begun(room, owner).token
    clock.advance(72 * HOUR)
    with pytest.raises(NotSignedIn):
        sessions.find(room, token)


def test_a_session_in_use_ends_all_the_same_at_its_absolute_end(
    room: AccountsRoom, owner: User, clock: SettableClock
) -> None:
    token = begun(room, owner).token
    for _ in range(6):
        clock.advance(55 * HOUR)  # each visit within the idle time
        assert sessions.find(room, token)
    clock.advance(6 * HOUR)  # 336 hours in all
    with pytest.raises(NotSignedIn):
        sessions.find(room, token)


def test_signing_in_again_ends_the_session_the_browser_had(room: AccountsRoom, owner: User) -> None:
    old = begun(room, owner)
    new = begun(room, owner, replaces=old.token)
    assert new.token != old.token
    with pytest.raises(NotSignedIn):
        sessions.find(room, old.token)


def test_a_planted_token_of_somebody_else_is_not_ended_by_my_sign_in(
    room: AccountsRoom, owner: User, other: User
) -> None:
    theirs = begun(room, other)
    begun(room, owner, replaces=theirs.token)
    assert sessions.find(room, theirs.token).user_id == other.id


def test_signing_out_ends_one_session_or_all_of_mine_and_none_of_others(
    room: AccountsRoom, owner: User, other: User
) -> None:
    first, second, theirs = begun(room, owner), begun(room, owner), begun(room, other)
    me = users.by_command_line(owner)
    assert sessions.end(room, me, theirs.token, everywhere=False) == 0
    assert sessions.end(room, me, first.token, everywhere=False) == 1
    with pytest.raises(NotSignedIn):
        sessions.find(room, first.token)
    third = begun(room, owner)
    assert sessions.end(room, me, third.token, everywhere=True) == 2
    with pytest.raises(NotSignedIn):
        sessions.find(room, second.token)
    assert sessions.find(room, theirs.token)


def test_looking_is_not_a_write_but_once_a_minute(
    room: AccountsRoom, owner: User, clock: SettableClock
) -> None:
    token = begun(room, owner).token
    begun_at = clock()

    def seen_at() -> object:
        with room.db.read() as connection:
            return connection.execute(select(sessions_table.c.last_seen_at)).scalar_one()

    clock.advance(59)
    sessions.find(room, token)
    assert seen_at() == begun_at
    clock.advance(1)
    sessions.find(room, token)
    assert seen_at() == begun_at + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("base_url", "secure"),
    [
        ("http://localhost:3000", False),
        ("http://127.0.0.1:3000", False),
        ("http://[::1]:3000", False),
        ("https://localhost", True),
        ("https://muster.example.org", True),
        ("http://muster.example.org", True),
        ("http://localhost.example.org", True),
    ],
)
def test_only_plain_http_on_loopback_goes_without_a_secure_cookie(base_url: str, secure: bool) -> None:
    assert sessions.needs_secure_cookie(base_url) is secure
