"""From Bearer text to a Principal: nothing but an exact, living token passes, and secrets stay hashed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select, update

from muster.accounts import keys, upload_tokens, users
from muster.accounts.authenticate import authenticate
from muster.accounts.model import Role, Scope, User
from muster.accounts.room import AccountsRoom
from muster.db.schema import api_keys, uploads
from muster.db.schema import upload_tokens as upload_tokens_table
from muster.db.schema import users as users_table
from muster.errors import NotSignedIn
from muster.ids import UploadId, new_upload_id
from tests.support.clock import SettableClock


def test_what_is_not_exactly_a_living_token_is_refused(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner)
    spoilt = {
        "shorter": key[:-1],
        "one character off": key[:-1] + ("a" if key[-1] != "a" else "b"),
        "longer": key + "a",
        "other case": key.swapcase(),
        "other prefix": key.replace("muster_", "muster-"),
        "unknown id": "muster_" + "A" * 8 + "_" + "A" * 43,
        "right id only": key[:16] + "A" * 43,
        "another's secret": new_key(owner)[:16] + key[16:],
        "empty": "",
        "looks like a JWT": "a.b.c",
        "unknown upload token": "sess_1_" + "A" * 43,
        "NUL": "\0" + key,
        "huge": "x" * 100_000,
    }
    for why, token in spoilt.items():
        with pytest.raises(NotSignedIn):
            pytest.fail(f"{why}: {authenticate(room, token)}")
    assert authenticate(room, key).user_id == owner.id


def test_a_key_ends_at_its_end(
    room: AccountsRoom, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    key = new_key(owner, expires_at=clock() + timedelta(hours=1))
    clock.advance(3599)
    assert authenticate(room, key)
    clock.advance(1)
    with pytest.raises(NotSignedIn):
        authenticate(room, key)


def test_no_secret_is_in_the_database(room: AccountsRoom, owner: User, new_key: Callable[..., str]) -> None:
    key = new_key(owner)
    with room.db.read() as connection:
        dump = str(connection.execute(select(api_keys)).all()) + str(
            connection.execute(select(users_table)).all()
        )
    assert key.rpartition("_")[2] not in dump
    assert "correct horse" not in dump


def test_an_owner_who_became_a_member_loses_admin_on_old_keys(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner)
    assert Scope.ADMIN in authenticate(room, key).scopes
    with room.db.begin() as connection:
        connection.execute(update(users_table).values(role=Role.MEMBER.value))
    assert Scope.ADMIN not in authenticate(room, key).scopes


def test_a_scope_of_a_newer_release_grants_nothing(
    room: AccountsRoom, owner: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner)
    with room.db.begin() as connection:
        connection.execute(update(api_keys).values(scopes=["uploads:read", "rules:everything"]))
    assert authenticate(room, key).scopes == {Scope.UPLOADS_READ}


def test_the_last_use_is_written_once_a_minute(
    room: AccountsRoom, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    key = new_key(owner)

    def last_used_at() -> object:
        return keys.list_keys(room, users.by_command_line(owner), 1, None)[0][0].last_used_at

    assert last_used_at() is None
    authenticate(room, key)
    first = clock()
    assert last_used_at() == first
    clock.advance(59)
    authenticate(room, key)
    assert last_used_at() == first
    clock.advance(1)
    authenticate(room, key)
    assert last_used_at() == clock()


def test_a_key_works_while_the_database_cannot_write(
    room: AccountsRoom, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    key = new_key(owner)
    read_only = "PRAGMA query_only=ON" if room.db.is_sqlite else "SET TRANSACTION READ ONLY"
    event.listen(room.db.engine, "begin", lambda connection: connection.exec_driver_sql(read_only))
    assert authenticate(room, key).user_id == owner.id
    assert keys.list_keys(room, users.by_command_line(owner), 1, None)[0][0].last_used_at is None


@pytest.fixture
def new_upload(room: AccountsRoom, clock: SettableClock) -> Callable[[User], UploadId]:
    def make(user: User) -> UploadId:
        upload_id = new_upload_id(clock())
        with room.db.begin() as connection:
            connection.execute(
                insert(uploads).values(
                    id=upload_id, user_id=user.id, name="u", source="api", status="uploaded", created_at=clock(),
                    rows_received=1, rows_accepted=1, rows_rejected=0, fields_declared=False, size_bytes=1,
                    stored_bytes=1,
                )
            )  # fmt: skip
        return upload_id

    return make


def test_an_upload_token_reads_its_one_upload(
    room: AccountsRoom, other: User, new_upload: Callable[[User], UploadId]
) -> None:
    upload_id = new_upload(other)
    with room.db.begin() as connection:
        token = upload_tokens.issue(connection, upload_id, room.clock(), room.upload_token_life)
    principal = authenticate(room, token)
    assert (principal.user_id, principal.only_upload) == (other.id, upload_id)
    assert principal.scopes == {Scope.UPLOADS_READ}
    assert principal.actor == "link"
    with room.db.read() as connection:
        assert token not in str(connection.execute(select(upload_tokens_table)).all())


def test_an_upload_token_ends_with_its_day_its_upload_and_its_owner(
    room: AccountsRoom, owner: User, other: User, new_upload: Callable[[User], UploadId], clock: SettableClock
) -> None:
    def issued(user: User) -> tuple[str, UploadId]:
        upload_id = new_upload(user)
        with room.db.begin() as connection:
            return upload_tokens.issue(connection, upload_id, clock(), timedelta(hours=24)), upload_id

    aged, _ = issued(owner)
    clock.advance(24 * 3600)
    deleted, upload_id = issued(owner)
    disabled, _ = issued(other)
    with room.db.begin() as connection:
        connection.execute(uploads.delete().where(uploads.c.id == upload_id))
    users.disable(room, other.email)
    for token in (aged, deleted, disabled):
        with pytest.raises(NotSignedIn):
            authenticate(room, token)


def test_an_upload_token_for_an_upload_that_failed_is_never_valid(
    room: AccountsRoom, owner: User, new_upload: Callable[[User], UploadId]
) -> None:
    upload_id = new_upload(owner)
    issued: list[str] = []

    def fail_after_issuing() -> None:
        with room.db.begin() as connection:
            issued.append(upload_tokens.issue(connection, upload_id, room.clock(), timedelta(hours=1)))
            raise RuntimeError("the transaction fails")

    with pytest.raises(RuntimeError):
        fail_after_issuing()
    with pytest.raises(NotSignedIn):
        authenticate(room, issued[0])
