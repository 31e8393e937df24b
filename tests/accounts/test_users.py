"""Users: made once per address, shut out at once, and never handed to a stranger by the issuer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from muster.accounts import links, sign_in, users
from muster.accounts.authenticate import authenticate
from muster.accounts.model import OutsideIdentity, Principal, Role, User, parse_email, scopes_of
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import find as find_session
from muster.errors import Conflict, Forbidden, InputError, NotFound, NotSignedIn
from tests.accounts.conftest import PASSWORD

ISSUER = "https://issuer.example.org"


def seen(
    email: str | None = "new@example.org",
    *,
    verified: bool | None = True,
    subject: str = "s1",
    issuer: str = ISSUER,
) -> OutsideIdentity:
    return OutsideIdentity(issuer, subject, email, verified)


def test_an_address_belongs_to_one_user_however_it_is_written(room: AccountsRoom, owner: User) -> None:
    with pytest.raises(Conflict) as refused:
        users.create(room, " OWNER@Example.org ")
    assert refused.value.error_code == "email_taken"
    assert users.find(room, "Owner@EXAMPLE.org").id == owner.id
    assert len(users.find_all(room)) == 1


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a@b@c",
        "a b@example.org",
        "a@exa\nmple.org",
        "a\0@example.org",
        "\ud800@example.org",
        "x" * 310 + "@example.org",
        "ΐ" * 150 + "@example.org",
    ],
    ids=ascii,
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_email(email)
    assert refused.value.error_code == "email_invalid"


def test_the_first_user_is_the_owner_and_later_ones_are_members(room: AccountsRoom) -> None:
    assert users.create(room, "first@localhost").role is Role.OWNER
    assert users.create(room, "second@localhost").role is Role.MEMBER


def test_of_many_creations_at_once_one_succeeds(room: AccountsRoom) -> None:
    def create(_: int) -> str:
        try:
            return users.create(room, "same@example.org").id
        except Conflict:
            return "taken"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(create, range(8)))
    assert outcomes.count("taken") == 7


def test_an_unknown_address_is_not_found(room: AccountsRoom) -> None:
    with pytest.raises(NotFound):
        users.find(room, "nobody@example.org")


def test_a_disabled_user_is_out_by_every_door(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner)
    link = links.issue_for(room, owner, users.by_command_line(owner))
    session = sign_in.by_password(room, owner.email, PASSWORD, address="192.0.2.1")
    users.disable(room, owner.email)
    for attempt in (
        lambda: authenticate(room, key),
        lambda: links.sign_in(room, link),
        lambda: find_session(room, session.token),
        lambda: sign_in.by_password(room, owner.email, PASSWORD, address="192.0.2.1"),
    ):
        with pytest.raises(NotSignedIn):
            attempt()
    with pytest.raises(Forbidden):
        links.issue_for(room, users.find(room, owner.email), users.by_command_line(owner))


def test_an_enabled_user_has_the_old_keys_but_not_the_old_sessions(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner)
    session = sign_in.by_password(room, owner.email, PASSWORD, address="192.0.2.1")
    users.disable(room, owner.email)
    users.enable(room, owner.email)
    assert authenticate(room, key).user_id == owner.id
    with pytest.raises(NotSignedIn):
        find_session(room, session.token)


def test_a_new_password_ends_sessions_and_links(room: AccountsRoom, owner: User) -> None:
    link = links.issue_for(room, owner, users.by_command_line(owner))
    session = sign_in.by_password(room, owner.email, PASSWORD, address="192.0.2.1")
    ended = users.set_password(room, users.by_command_line(owner), "another password")
    assert ended == 1
    with pytest.raises(NotSignedIn):
        find_session(room, session.token)
    with pytest.raises(NotSignedIn):
        links.sign_in(room, link)
    with pytest.raises(NotSignedIn):
        sign_in.by_password(room, owner.email, PASSWORD, address="192.0.2.1")
    assert sign_in.by_password(room, owner.email, "another password", address="192.0.2.1").user == owner


def test_a_person_from_outside_becomes_one_member_and_stays_it(room: AccountsRoom, owner: User) -> None:
    made = users.from_outside(room, seen())
    assert made.role is Role.MEMBER
    again = users.from_outside(room, seen(email="renamed@example.org"))
    assert again.id == made.id
    assert again.email == "new@example.org"
    assert len(users.find_all(room)) == 2


def test_the_same_subject_at_another_issuer_is_another_person(room: AccountsRoom) -> None:
    one = users.from_outside(room, seen("one@example.org"))
    other = users.from_outside(room, seen("two@example.org", issuer="https://other.example.org"))
    assert one.id != other.id


@pytest.mark.parametrize("verified", [None, False])
def test_an_address_the_issuer_does_not_vouch_for_takes_over_nobody(
    room: AccountsRoom, owner: User, verified: bool | None
) -> None:
    with pytest.raises(Forbidden) as refused:
        users.from_outside(room, seen(owner.email, verified=verified))
    assert refused.value.error_code == "oidc_email_unverified"
    # And nothing was linked on the way.
    assert users.from_outside(room, seen(owner.email, subject="the real one")).id == owner.id


def test_a_look_alike_letter_takes_over_nobody(room: AccountsRoom) -> None:
    kim = users.create(room, "kim@example.org")
    look_alike = "\N{KELVIN SIGN}im@example.org"
    assert users.find(room, look_alike).id == kim.id  # folded alike
    with pytest.raises(Forbidden):
        users.from_outside(room, seen(look_alike, verified=True))


def test_a_verified_address_links_the_existing_user_once(room: AccountsRoom, owner: User) -> None:
    linked = users.from_outside(room, seen("Owner@Example.org", verified=True))
    assert (linked.id, linked.role) == (owner.id, Role.OWNER)
    with pytest.raises(Forbidden) as refused:
        users.from_outside(room, seen(owner.email, subject="s2"))
    assert refused.value.error_code == "oidc_identity_clash"


def test_a_new_person_is_refused_when_the_issuer_denies_the_address(room: AccountsRoom) -> None:
    with pytest.raises(Forbidden):
        users.from_outside(room, seen(verified=False))
    assert users.from_outside(room, seen(verified=None)).email == "new@example.org"


def test_the_first_sight_needs_an_address(room: AccountsRoom) -> None:
    for email in (None, "", "no address", "nul\0@example.org"):
        with pytest.raises(Forbidden) as refused:
            users.from_outside(room, seen(email))
        assert refused.value.error_code == "oidc_email_missing"


def test_first_sights_at_once_make_one_user(room: AccountsRoom) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = {user.id for user in pool.map(lambda _: users.from_outside(room, seen()), range(8))}
    assert len(found) == 1
    assert len(users.find_all(room)) == 1


def test_a_member_never_holds_admin(room: AccountsRoom, other: User) -> None:
    assert "admin" not in scopes_of(other.role)
    assert isinstance(users.by_command_line(other), Principal)
    assert users.by_command_line(other).scopes == scopes_of(Role.MEMBER)
