"""API keys: create, list, rename, roll, revoke, and count rows against a key's quota."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from muster.accounts import audit
from muster.accounts.model import (
    MAX_KEY_NAME_CHARACTERS,
    ApiKey,
    NewApiKey,
    Principal,
    Scope,
    scopes_of,
)
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory, Owned
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import Forbidden, InputError, Issue, LimitError, NotFound, NotSignedIn
from muster.ids import KeyId, api_key_text, new_key_id, new_secret, secret_hash

MAX_ROW_QUOTA = 10**15
"""Far above any use, far below what 64 bits hold."""

_NOT_BY_DEFAULT = frozenset({Scope.ADMIN, Scope.KEYS_MANAGE})


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key should be. scopes None: the creator's, without `admin` and `keys:manage`."""

    name: str
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None
    row_quota: int | None = None


def create(
    room: AccountsRoom,
    principal: Principal,
    wish: KeyWish,
    also: Callable[[Connection, NewApiKey], None] = lambda _connection, _made: None,
) -> NewApiKey:
    """Make a key for the principal's user; the answer holds the only copy of its text.

    also: what else belongs into the transaction (remembering the answer under an Idempotency-Key).
    Raises InputError for a wish that makes no sense, Forbidden (`key_exceeds_creator`) for one that goes
    beyond the token it is made with.
    """
    now = room.clock()
    scopes = principal.scopes - _NOT_BY_DEFAULT if wish.scopes is None else wish.scopes
    _check_wish(wish, scopes, now)
    with room.db.begin() as connection:
        _check_may_grant(principal, _creator(connection, principal), scopes, wish.expires_at)
        key = ApiKey(
            id=new_key_id(),
            user_id=principal.user_id,
            name=wish.name,
            scopes=scopes,
            created_at=now,
            row_quota=wish.row_quota,
            expires_at=wish.expires_at,
        )
        made = _store(connection, key)
        audit.record(connection, principal, "key.created", key.id, {"scopes": len(scopes)}, now)
        also(connection, made)
    return made


def list_keys(
    room: AccountsRoom, principal: Principal, limit: int, cursor: Cursor | None
) -> tuple[Sequence[ApiKey], Cursor | None, int]:
    """One page of the user's keys, newest first, dead ones too; the next page's cursor; how many in all."""
    with room.db.read() as connection:
        found, total = Owned(connection, principal.user_id).keys(limit + 1, cursor)
    page = found[:limit]
    following = Cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None
    return page, following, total


def revoke(room: AccountsRoom, principal: Principal, key_id: str) -> ApiKey:
    """Stop a key for good; revoking it again changes nothing.

    Raises NotFound for an id nobody has, Forbidden for another user's.
    """
    now = room.clock()
    with room.db.begin() as connection:
        key = _own_key(connection, principal, key_id)
        if Owned(connection, principal.user_id).revoke_key(key.id, now):
            audit.record(connection, principal, "key.revoked", key.id, {}, now)
    return key


def revoke_by_command_line(room: AccountsRoom, key_id: str) -> ApiKey:
    """Stop any user's key; for the operator. Raises NotFound."""
    with room.db.read() as connection:
        found = Directory(connection).key(KeyId(key_id)) if _is_key_id(key_id) else None
    if found is None:
        raise _no_such_key()
    key, _, user = found
    return revoke(room, Principal(user.id, scopes_of(user.role), "cli"), key.id)


def roll(
    room: AccountsRoom,
    principal: Principal,
    key_id: str,
    also: Callable[[Connection, NewApiKey], None] = lambda _connection, _made: None,
    *,
    overlap: timedelta = timedelta(0),
) -> NewApiKey:
    """Replace a key by a new one of the same name, scopes, end and quota; the old one ends after `overlap`.

    also: as for `create`. Rows already counted stay counted. The old key never lives longer than it would
    have. Raises what `revoke` raises; Forbidden (`key_exceeds_creator`) when the key can do more than the
    token it is rolled with; InputError (`key_not_usable`) for a key that is revoked or expired, and
    (`overlap_with_quota`) for an overlap of a key with a row quota, which two keys would spend twice.
    """
    now = room.clock()
    with room.db.begin() as connection:
        old = _own_key(connection, principal, key_id)
        if not old.is_usable(now):
            raise InputError(
                "This key is revoked or expired and cannot be rolled. Create a new one.",
                code="key_not_usable",
            )
        _check_may_grant(
            principal, _creator(connection, principal, rolled=old.id), old.scopes, old.expires_at
        )
        _end_rolled(connection, old, now, overlap)
        made = _store(
            connection,
            ApiKey(
                id=new_key_id(),
                user_id=old.user_id,
                name=old.name,
                scopes=old.scopes,
                created_at=now,
                row_quota=old.row_quota,
                rows_used=old.rows_used,
                expires_at=old.expires_at,
            ),
        )
        details: dict[str, str | int] = {
            "new_key": made.key.id,
            "overlap_seconds": int(overlap.total_seconds()),
        }
        audit.record(connection, principal, "key.rolled", old.id, details, now)
        also(connection, made)
    return made


def _end_rolled(connection: Connection, old: ApiKey, now: datetime, overlap: timedelta) -> None:
    owned = Owned(connection, old.user_id)
    if not overlap:
        owned.revoke_key(old.id, now)
        return
    if old.row_quota is not None:
        raise InputError(
            "A key with a row quota is rolled without an overlap: two keys would spend the quota twice. "
            "Leave out `overlap_seconds`.",
            code="overlap_with_quota",
        )
    end = now + overlap
    owned.end_key_at(old.id, end if old.expires_at is None else min(end, old.expires_at))


def rename(room: AccountsRoom, principal: Principal, key_id: str, name: str) -> ApiKey:
    """Give a key another name; what it may do stays. Raises what `revoke` raises, InputError for an odd name."""
    _refuse_problems(_problems_of_name(name), "This key cannot be renamed")
    with room.db.begin() as connection:
        key = _own_key(connection, principal, key_id)
        Owned(connection, principal.user_id).rename_key(key.id, name)
        audit.record(connection, principal, "key.renamed", key.id, {}, room.clock())
    return replace(key, name=name)


def spend_rows(connection: Connection, principal: Principal, rows: int) -> None:
    """Count `rows` received against the principal's key, in the caller's transaction.

    Does nothing for a principal without a key. Raises LimitError (`row_quota_exceeded`) when they do not
    fit the key's quota: nothing is counted then, and the caller's transaction must fail. Raises NotSignedIn
    when the key was revoked while the request was under way.
    """
    if rows < 0:
        raise ValueError("a batch has no negative number of rows")
    if principal.key_id is None or rows == 0:
        return
    if Owned(connection, principal.user_id).spend_rows(principal.key_id, rows):
        return
    found = Directory(connection).key(principal.key_id)
    if found is None or found[0].revoked_at is not None or found[0].row_quota is None:
        raise NotSignedIn("This API key was revoked while the request was under way.")
    key = found[0]
    raise LimitError(
        f"This API key may send {key.row_quota} records in all; {key.rows_used} are used and this request "
        f"has {rows}. Send fewer, or use a key with a higher quota.",
        code="row_quota_exceeded",
    )


def _store(connection: Connection, key: ApiKey) -> NewApiKey:
    secret = new_secret()
    Owned(connection, key.user_id).add_key(key, secret_hash(secret))
    return NewApiKey(key, api_key_text(key.id, secret))


def _own_key(connection: Connection, principal: Principal, key_id: str) -> ApiKey:
    found = Directory(connection).key(KeyId(key_id)) if _is_key_id(key_id) else None
    if found is None:
        raise _no_such_key()
    if found[0].user_id != principal.user_id:
        raise Forbidden("This API key is not yours.")
    return found[0]


def _is_key_id(text: str) -> bool:
    return len(text) == 8 and text.isascii() and text.isalnum()


def _no_such_key() -> NotFound:
    return NotFound("There is no API key with this id.", code="key_not_found")


def _creator(connection: Connection, principal: Principal, rolled: KeyId | None = None) -> ApiKey | None:
    """The key the principal showed; None when it came by session or when the key rolls itself."""
    if principal.key_id is None or principal.key_id == rolled:
        return None
    found = Directory(connection).key(principal.key_id)
    return None if found is None else found[0]


def _check_may_grant(
    principal: Principal, creator: ApiKey | None, scopes: frozenset[Scope], expires_at: datetime | None
) -> None:
    """A token must not make or learn one that can do more, lives longer or escapes its quota."""
    reason = None
    if not scopes <= principal.scopes:
        missing = ", ".join(sorted(scopes - principal.scopes))
        reason = f"it lacks the scopes {missing}"
    elif creator is not None and creator.row_quota is not None:
        reason = "it has a row quota, which the other key would escape"
    elif creator is not None and _outlives(expires_at, creator.expires_at):
        reason = "it expires earlier"
    if reason is not None:
        raise Forbidden(
            f"The token you use cannot make this key: {reason}. Sign in, or use a key that may.",
            code="key_exceeds_creator",
        )


def _outlives(one: datetime | None, other: datetime | None) -> bool:
    """Whether a key ending at `one` lives longer than one ending at `other`; None is never."""
    return other is not None and (one is None or one > other)


def _check_wish(wish: KeyWish, scopes: frozenset[Scope], now: datetime) -> None:
    problems = _problems_of_name(wish.name)
    if not scopes:
        problems.append(("scopes", "Name at least one scope."))
    if wish.expires_at is not None and wish.expires_at <= now:
        problems.append(("expires_at", "Give a moment in the future."))
    if wish.row_quota is not None and not 1 <= wish.row_quota <= MAX_ROW_QUOTA:
        problems.append(("row_quota", f"Give a number from 1 to {MAX_ROW_QUOTA}, or null for no quota."))
    _refuse_problems(problems, "This key cannot be made")


def _problems_of_name(name: str) -> list[tuple[str, str]]:
    if name.strip() and len(name) <= MAX_KEY_NAME_CHARACTERS and name.isprintable():
        return []
    return [("name", f"Give a name of 1 to {MAX_KEY_NAME_CHARACTERS} printable characters, not only blanks.")]


def _refuse_problems(problems: list[tuple[str, str]], what: str) -> None:
    if problems:
        raise InputError(
            f"{what}: {problems[0][0]}: {problems[0][1]}",
            code="key_invalid",
            issues=[Issue(None, name, f"/{name}", "key_invalid", why) for name, why in problems],
        )
