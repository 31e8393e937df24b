"""Signing in by password tells a guesser nothing; changing it needs the one there is."""

import time
from typing import Any

import pytest
from sqlalchemy import update

from muster.accounts import sign_in, users
from muster.accounts.model import User
from muster.accounts.passwords import Passwords
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import find
from muster.db.schema import users as users_table
from muster.errors import Forbidden, MusterError, NotSignedIn, RateLimited
from tests.accounts.conftest import PASSWORD

HERE = "192.0.2.1"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """At the cost they have in a server, which is what some of these tests are about."""
    return Passwords()


def refusal(room: AccountsRoom, email: str, password: str) -> MusterError:
    with pytest.raises(NotSignedIn) as refused:
        sign_in.by_password(room, email, password, address=HERE)
    return refused.value


def test_every_reason_for_refusal_gives_the_same_answer(room: AccountsRoom, owner: User, other: User) -> None:
    users.create(room, "nopassword@example.org")
    users.disable(room, other.email)
    answers = {
        (error.message, error.error_code, error.issues)
        for error in (
            refusal(room, owner.email, "a wrong password"),
            refusal(room, "unknown@example.org", PASSWORD),
            refusal(room, "nopassword@example.org", ""),
            refusal(room, other.email, PASSWORD),
            refusal(room, "no address", PASSWORD),
            refusal(room, "nul\0@example.org", PASSWORD),
            refusal(room, "", ""),
            refusal(room, owner.email, "x" * 5000),
        )
    }
    assert len(answers) == 1


def test_an_unknown_address_takes_as_long_as_a_wrong_password(room: AccountsRoom, owner: User) -> None:
    def fastest(email: str) -> float:
        times = []
        for number in range(5):
            begun = time.perf_counter()
            with pytest.raises(NotSignedIn):
                sign_in.by_password(room, email, "a wrong password", address=f"192.0.2.{number}")
            times.append(time.perf_counter() - begun)
        return min(times)

    assert 0.25 < fastest("unknown@example.org") / fastest(owner.email) < 4


def test_the_right_password_begins_a_session(room: AccountsRoom, owner: User) -> None:
    session = sign_in.by_password(room, " Owner@Example.org", PASSWORD, address=HERE)
    assert find(room, session.token).user_id == owner.id


def test_guessing_is_throttled_here_while_the_owner_signs_in_elsewhere(
    room: AccountsRoom, owner: User
) -> None:
    for _ in range(10):
        refusal(room, owner.email, "a wrong password")
    with pytest.raises(RateLimited):
        sign_in.by_password(room, owner.email, PASSWORD, address=HERE)
    assert sign_in.by_password(room, owner.email, PASSWORD, address="198.51.100.7").user.id == owner.id


def test_a_hash_of_yesterdays_cost_is_renewed_at_sign_in(room: AccountsRoom, owner: User) -> None:
    from argon2 import PasswordHasher

    cheap = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with room.db.begin() as connection:
        connection.execute(update(users_table).values(password_hash=cheap))
    sign_in.by_password(room, owner.email, PASSWORD, address=HERE)
    with room.db.read() as connection:
        stored = connection.exec_driver_sql("SELECT password_hash FROM users").scalar_one()
    assert "m=19456,t=2,p=1" in stored
    sign_in.by_password(room, owner.email, PASSWORD, address=HERE)


def change(room: AccountsRoom, user: User, token: str, **words: Any) -> int:
    principal = find(room, token)
    return sign_in.change_password(room, principal, address=HERE, session_token=token, **words)


def test_a_new_password_needs_the_current_one(room: AccountsRoom, owner: User) -> None:
    token = sign_in.by_password(room, owner.email, PASSWORD, address=HERE).token
    for current in (None, "", "a wrong password"):
        with pytest.raises(Forbidden) as refused:
            change(room, owner, token, current=current, new="a new password")
        assert refused.value.error_code == "password_wrong"
    assert sign_in.by_password(room, owner.email, PASSWORD, address=HERE)


def test_the_current_password_cannot_be_guessed_from_an_open_browser(room: AccountsRoom, owner: User) -> None:
    token = sign_in.by_password(room, owner.email, PASSWORD, address=HERE).token
    for _ in range(10):
        with pytest.raises(Forbidden):
            change(room, owner, token, current="a wrong password", new="a new password")
    with pytest.raises(RateLimited):
        change(room, owner, token, current=PASSWORD, new="a new password")


def test_a_new_password_keeps_this_session_and_ends_the_others(room: AccountsRoom, owner: User) -> None:
    here = sign_in.by_password(room, owner.email, PASSWORD, address=HERE).token
    there = sign_in.by_password(room, owner.email, PASSWORD, address=HERE).token
    assert change(room, owner, here, current=PASSWORD, new="a new password") == 1
    assert find(room, here)
    with pytest.raises(NotSignedIn):
        find(room, there)
    refusal(room, owner.email, PASSWORD)
    assert sign_in.by_password(room, owner.email, "a new password", address=HERE)


def test_somebody_without_a_password_may_set_a_first_one(room: AccountsRoom) -> None:
    from muster.accounts import links

    user = users.create(room, "first@example.org")
    link = links.issue_for(room, user, users.by_command_line(user))
    token = links.sign_in(room, link).token
    change(room, user, token, current=None, new="my first password")
    assert sign_in.by_password(room, user.email, "my first password", address=HERE)
