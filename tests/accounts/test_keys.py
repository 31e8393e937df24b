"""API keys: shown once, never worth more than what made them, exact in their quota."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from muster.accounts import keys, users
from muster.accounts.authenticate import authenticate
from muster.accounts.keys import KeyWish
from muster.accounts.model import Principal, Scope, User
from muster.accounts.room import AccountsRoom
from muster.errors import Forbidden, InputError, LimitError, NotFound, NotSignedIn
from muster.ids import split_api_key
from tests.support.clock import SettableClock

MANAGE = frozenset({Scope.KEYS_MANAGE, Scope.UPLOADS_READ})


def id_of(text: str) -> str:
    parts = split_api_key(text)
    assert parts is not None
    return parts[0]


@pytest.fixture
def as_owner(owner: User) -> Principal:
    return users.by_command_line(owner)


def test_a_key_opens_the_account_with_its_scopes(room: AccountsRoom, as_owner: Principal) -> None:
    made = keys.create(room, as_owner, KeyWish("reader", scopes=frozenset({Scope.UPLOADS_READ})))
    principal = authenticate(room, made.text)
    assert principal.user_id == as_owner.user_id
    assert principal.scopes == {Scope.UPLOADS_READ}
    assert principal.actor == f"key:{made.key.id}"
    assert made.text not in repr(made)


def test_without_scopes_a_key_gets_the_makers_but_not_the_dangerous_ones(
    room: AccountsRoom, as_owner: Principal
) -> None:
    made = keys.create(room, as_owner, KeyWish("plain"))
    assert made.key.scopes == as_owner.scopes - {Scope.ADMIN, Scope.KEYS_MANAGE}


def test_a_wish_that_makes_no_sense_is_refused(room: AccountsRoom, as_owner: Principal) -> None:
    for wish, member in (
        (KeyWish(""), "name"),
        (KeyWish("   "), "name"),
        (KeyWish("x" * 101), "name"),
        (KeyWish("line\nbreak"), "name"),
        (KeyWish("nul\0"), "name"),
        (KeyWish("k", scopes=frozenset()), "scopes"),
        (KeyWish("k", row_quota=0), "row_quota"),
        (KeyWish("k", row_quota=-1), "row_quota"),
        (KeyWish("k", row_quota=2**63), "row_quota"),
    ):
        with pytest.raises(InputError) as refused:
            keys.create(room, as_owner, wish)
        assert [issue.field for issue in refused.value.issues] == [member], wish
    assert keys.list_keys(room, as_owner, 10, None)[2] == 0


def test_an_end_that_is_now_is_no_future(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    with pytest.raises(InputError):
        keys.create(room, as_owner, KeyWish("k", expires_at=clock()))


def test_a_key_cannot_make_one_with_more_scopes(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    low = authenticate(room, new_key(owner, scopes=MANAGE))
    for scopes in ({Scope.ADMIN}, {Scope.UPLOADS_READ, Scope.UPLOADS_WRITE}):
        with pytest.raises(Forbidden) as refused:
            keys.create(room, low, KeyWish("k", scopes=frozenset(scopes)))
        assert refused.value.error_code == "key_exceeds_creator"
    assert keys.create(room, low, KeyWish("k", scopes=frozenset({Scope.UPLOADS_READ}))).key.scopes == {
        Scope.UPLOADS_READ
    }


def test_a_key_cannot_learn_a_stronger_one_by_rolling_it(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    strong = new_key(owner)
    low = authenticate(room, new_key(owner, scopes=MANAGE))
    with pytest.raises(Forbidden):
        keys.roll(room, low, id_of(strong))
    assert authenticate(room, strong)  # and it still works


def test_an_expiring_key_cannot_outlive_itself(
    room: AccountsRoom, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    end = clock() + timedelta(days=1)
    low = authenticate(room, new_key(owner, scopes=MANAGE, expires_at=end))
    for later in (None, end + timedelta(seconds=1)):
        with pytest.raises(Forbidden):
            keys.create(room, low, KeyWish("k", scopes=MANAGE, expires_at=later))
    assert keys.create(room, low, KeyWish("k", scopes=MANAGE, expires_at=end)).key.expires_at == end


def test_a_key_with_a_quota_cannot_escape_it_through_another(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    text = new_key(owner, scopes=MANAGE, row_quota=10)
    low = authenticate(room, text)
    with pytest.raises(Forbidden):
        keys.create(room, low, KeyWish("k", scopes=MANAGE, row_quota=10))
    with room.db.begin() as connection:
        keys.spend_rows(connection, low, 9)
    rolled = authenticate(room, keys.roll(room, low, id_of(text)).text)
    with pytest.raises(LimitError), room.db.begin() as connection:
        keys.spend_rows(connection, rolled, 2)


def test_rolling_keeps_what_the_key_may_and_stops_the_old_one(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    end = clock() + timedelta(days=3)
    wish = KeyWish("importer", scopes=MANAGE, expires_at=end, row_quota=7)
    old = keys.create(room, as_owner, wish)
    new = keys.roll(room, as_owner, old.key.id)
    assert (new.key.name, new.key.scopes, new.key.expires_at, new.key.row_quota) == (
        "importer",
        MANAGE,
        end,
        7,
    )
    assert authenticate(room, new.text).key_id == new.key.id
    with pytest.raises(NotSignedIn):
        authenticate(room, old.text)
    with pytest.raises(InputError):
        keys.roll(room, as_owner, old.key.id)


def test_with_an_overlap_both_keys_work_until_it_is_over(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    old = keys.create(room, as_owner, KeyWish("importer"))
    new = keys.roll(room, as_owner, old.key.id, overlap=timedelta(hours=1))
    clock.advance(3599)
    assert authenticate(room, old.text)
    assert authenticate(room, new.text)
    clock.advance(1)
    with pytest.raises(NotSignedIn):
        authenticate(room, old.text)
    assert authenticate(room, new.text)
    listed = {key.id: key for key in keys.list_keys(room, as_owner, 10, None)[0]}
    assert listed[old.key.id].revoked_at is None  # it expired
    assert listed[new.key.id].expires_at is None


def test_an_overlap_never_lengthens_the_old_keys_life(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    end = clock() + timedelta(minutes=10)
    old = keys.create(room, as_owner, KeyWish("importer", expires_at=end))
    keys.roll(room, as_owner, old.key.id, overlap=timedelta(days=7))
    clock.advance(600)
    with pytest.raises(NotSignedIn):
        authenticate(room, old.text)


def test_a_quota_cannot_be_spent_twice_by_an_overlap(room: AccountsRoom, as_owner: Principal) -> None:
    old = keys.create(room, as_owner, KeyWish("importer", row_quota=10))
    with pytest.raises(InputError) as refused:
        keys.roll(room, as_owner, old.key.id, overlap=timedelta(seconds=1))
    assert refused.value.error_code == "overlap_with_quota"
    assert authenticate(room, old.text)
    assert len(keys.list_keys(room, as_owner, 10, None)[0]) == 1


def test_a_key_gets_another_name_and_nothing_else(
    room: AccountsRoom, as_owner: Principal, other: User
) -> None:
    made = keys.create(room, as_owner, KeyWish("importer", row_quota=5))
    assert keys.rename(room, as_owner, made.key.id, "Nightly").name == "Nightly"
    [listed] = keys.list_keys(room, as_owner, 10, None)[0]
    assert (listed.name, listed.row_quota, listed.scopes) == ("Nightly", 5, made.key.scopes)
    assert authenticate(room, made.text)
    for odd in ("", "  ", "x" * 101, "line\nbreak", "nul\0"):
        with pytest.raises(InputError):
            keys.rename(room, as_owner, made.key.id, odd)
    with pytest.raises(Forbidden):
        keys.rename(room, users.by_command_line(other), made.key.id, "mine")
    with pytest.raises(NotFound):
        keys.rename(room, as_owner, "AAAAAAAA", "nobody's")


def test_the_last_use_says_from_where(room: AccountsRoom, as_owner: Principal, clock: SettableClock) -> None:
    made = keys.create(room, as_owner, KeyWish("k"))
    authenticate(room, made.text, "192.0.2.1")
    clock.advance(60)
    authenticate(room, made.text, "2001:db8::2")
    [listed] = keys.list_keys(room, as_owner, 10, None)[0]
    assert (listed.last_used_at, listed.last_used_address) == (clock(), "2001:db8::2")


def test_a_key_may_roll_itself(room: AccountsRoom, owner: User, new_key: Callable[..., str]) -> None:
    text = new_key(owner, scopes=MANAGE)
    rolled = keys.roll(room, authenticate(room, text), id_of(text))
    assert authenticate(room, rolled.text).scopes == MANAGE


def test_a_revoked_key_is_dead_and_revoking_it_again_changes_nothing(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    made = keys.create(room, as_owner, KeyWish("k"))
    keys.revoke(room, as_owner, made.key.id)
    revoked_at = clock()
    clock.advance(60)
    keys.revoke(room, as_owner, made.key.id)
    with pytest.raises(NotSignedIn):
        authenticate(room, made.text)
    assert keys.list_keys(room, as_owner, 10, None)[0][0].revoked_at == revoked_at


def test_another_users_key_is_forbidden_and_an_unknown_one_not_found(
    room: AccountsRoom, as_owner: Principal, other: User
) -> None:
    made = keys.create(room, as_owner, KeyWish("k"))
    stranger = users.by_command_line(other)
    for verb in (keys.revoke, keys.roll):
        with pytest.raises(Forbidden):
            verb(room, stranger, made.key.id)
        for unknown in ("AAAAAAAA", "", "x", "a" * 5000, "nul\0nul\0", "ääääääää"):
            with pytest.raises(NotFound):
                verb(room, stranger, unknown)
    assert authenticate(room, made.text)
    assert keys.list_keys(room, stranger, 10, None) == ([], None, 0)


def test_pages_hold_every_key_once_newest_first(
    room: AccountsRoom, as_owner: Principal, clock: SettableClock
) -> None:
    made = []
    for number in range(7):
        made.append(keys.create(room, as_owner, KeyWish(f"k{number}")).key.id)
        clock.advance(number % 2)  # some in the same instant
    found: list[str] = []
    cursor = None
    while True:
        page, cursor, total = keys.list_keys(room, as_owner, 2, cursor)
        assert total == 7
        found += [key.id for key in page]
        if cursor is None:
            break
    assert sorted(found) == sorted(made)
    assert found[0] == made[-1]


def test_rows_are_counted_up_to_the_quota_and_not_one_further(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    principal = authenticate(room, new_key(owner, row_quota=10))
    for rows in (4, 6):
        with room.db.begin() as connection:
            keys.spend_rows(connection, principal, rows)
    with pytest.raises(LimitError) as refused, room.db.begin() as connection:
        keys.spend_rows(connection, principal, 1)
    assert refused.value.error_code == "row_quota_exceeded"
    assert "10 records" in refused.value.message


def test_rows_of_a_transaction_that_fails_are_not_counted(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    principal = authenticate(room, new_key(owner, row_quota=10))

    def fail_after_spending() -> None:
        with room.db.begin() as connection:
            keys.spend_rows(connection, principal, 10)
            raise RuntimeError("the upload failed")

    with pytest.raises(RuntimeError):
        fail_after_spending()
    with room.db.begin() as connection:
        keys.spend_rows(connection, principal, 10)


def test_a_crowd_cannot_spend_more_than_the_quota(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    principal = authenticate(room, new_key(owner, row_quota=50))

    def spend(_: int) -> int:
        try:
            with room.db.begin() as connection:
                keys.spend_rows(connection, principal, 7)
        except LimitError:
            return 0
        return 7

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(20))) == 49
    assert keys.list_keys(room, principal, 1, None)[0][0].rows_used == 49


def test_rows_are_counted_without_a_quota_too(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    principal = authenticate(room, new_key(owner))
    with room.db.begin() as connection:
        keys.spend_rows(connection, principal, 50_000)
        keys.spend_rows(connection, principal, 0)
        keys.spend_rows(connection, users.by_command_line(owner), 5)  # no key, nothing to count
    assert keys.list_keys(room, principal, 1, None)[0][0].rows_used == 50_000


@pytest.mark.parametrize("quota", [None, 1000])
def test_a_key_revoked_during_the_request_spends_nothing(
    room: AccountsRoom, owner: User, new_key: Callable[..., str], quota: int | None
) -> None:
    text = new_key(owner, row_quota=quota)
    principal = authenticate(room, text)
    keys.revoke_by_command_line(room, id_of(text))
    with pytest.raises(NotSignedIn), room.db.begin() as connection:
        keys.spend_rows(connection, principal, 1)
