"""One-time sign-in links work once, for a day, for one user; the first run hands out the first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from muster.accounts import links, sessions, users
from muster.accounts.first_run import DEFAULT_OWNER, first_run
from muster.accounts.model import Role, User
from muster.accounts.room import AccountsRoom
from muster.accounts.sweep import sweep
from muster.db.schema import sign_in_links
from muster.errors import NotSignedIn
from tests.support.clock import SettableClock

DAY = 24 * 3600


def link_for(room: AccountsRoom, user: User) -> str:
    return links.issue_for(room, user, users.by_command_line(user))


def test_a_token_nobody_issued_is_refused(room: AccountsRoom, owner: User) -> None:
    for token in ("", "x" * 43, "nul\0", "x" * 10_000):
        with pytest.raises(NotSignedIn) as refused:
            links.sign_in(room, token)
        assert refused.value.error_code == "link_refused"


def test_a_link_signs_its_user_in_once(room: AccountsRoom, owner: User, other: User) -> None:
    token = link_for(room, other)
    session = links.sign_in(room, token)
    assert sessions.find(room, session.token).user_id == other.id
    with pytest.raises(NotSignedIn):
        links.sign_in(room, token)


def test_of_many_who_open_a_link_at_once_one_gets_in(room: AccountsRoom, owner: User) -> None:
    token = link_for(room, owner)

    def open_it(_: int) -> bool:
        try:
            links.sign_in(room, token)
        except NotSignedIn:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(open_it, range(8))) == 1


def test_a_link_is_dead_after_a_day(room: AccountsRoom, owner: User, clock: SettableClock) -> None:
    token = link_for(room, owner)
    clock.advance(DAY)
    with pytest.raises(NotSignedIn):
        links.sign_in(room, token)


def test_the_token_stands_in_the_fragment_and_only_its_hash_in_the_database(
    room: AccountsRoom, owner: User
) -> None:
    token = link_for(room, owner)
    assert links.address(room, token) == f"https://muster.example.org/sign-in#{token}"
    with room.db.read() as connection:
        assert token not in str(connection.execute(select(sign_in_links)).all())


def test_the_first_run_makes_an_owner_who_gets_in_by_link(room: AccountsRoom) -> None:
    token = first_run(room)
    assert token is not None
    session = links.sign_in(room, token)
    assert (session.user.email, session.user.role) == (DEFAULT_OWNER, Role.OWNER)


def test_a_second_run_makes_nobody(room: AccountsRoom) -> None:
    assert first_run(room, "me@example.org") is not None
    assert first_run(room) is None
    assert [user.email for user in users.find_all(room)] == ["me@example.org"]


def test_first_runs_at_once_make_one_owner(room: AccountsRoom) -> None:
    with ThreadPoolExecutor(6) as pool:
        tokens = [token for token in pool.map(lambda _: first_run(room), range(6)) if token]
    assert len(tokens) == 1
    assert len(users.find_all(room)) == 1


def test_the_sweep_forgets_what_is_spent_or_over_and_nothing_else(
    room: AccountsRoom, owner: User, clock: SettableClock
) -> None:
    links.sign_in(room, link_for(room, owner))  # spent; its session will be idle too long
    link_for(room, owner)  # will be too old
    clock.advance(3 * DAY)
    fresh_link = link_for(room, owner)
    fresh_session = links.sign_in(room, link_for(room, owner))
    assert sweep(room) == 4
    assert sweep(room) == 0
    assert sessions.find(room, fresh_session.token)
    assert links.sign_in(room, fresh_link)
