"""The SQL of accounts: users, keys, sessions, links, upload tokens and the audit log.

`Directory` answers "who is this?", before anybody is known. `Owned` cannot be made without a user id and
touches only what that user owns. Both work inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from muster.accounts.model import (
    ApiKey,
    AuditLine,
    OpenSession,
    Role,
    Session,
    User,
    Visitor,
    email_key,
    known_scopes,
)
from muster.db.cursors import Cursor
from muster.db.schema import api_keys, audit_log, sessions, sign_in_links, upload_tokens, uploads, users
from muster.errors import Conflict
from muster.ids import KeyId, UploadId, UserId, new_session_id

_USER = (users.c.id, users.c.email, users.c.role, users.c.created_at, users.c.disabled_at)
_ACTIVE = users.c.disabled_at.is_(None)

# Statements of the upload path, made once: putting one together costs more than SQLite needs to run it.
_FIND_KEY = (
    select(*_USER, *(column.label(f"key_{column.name}") for column in api_keys.c))
    .join_from(api_keys, users)
    .where(api_keys.c.id == bindparam("wanted_key"))
)
_SPEND_ROWS = (
    update(api_keys)
    .where(
        api_keys.c.id == bindparam("spending_key"),
        api_keys.c.user_id == bindparam("spending_user"),
        api_keys.c.revoked_at.is_(None),
        or_(
            api_keys.c.row_quota.is_(None), api_keys.c.rows_used + bindparam("spent") <= api_keys.c.row_quota
        ),
    )
    .values(rows_used=api_keys.c.rows_used + bindparam("spent"))
)
_ADD_UPLOAD_TOKEN = insert(upload_tokens)
_ADD_AUDIT_LINE = insert(audit_log)


class Directory:
    """Finding out who somebody is, and the life of users."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count_users(self) -> int:
        return self._connection.execute(select(func.count()).select_from(users)).scalar_one()

    def nobody_came_yet(self) -> bool:
        """Whether no user has a password, an outside identity or a session."""
        came = select(users.c.id).where(
            or_(users.c.password_hash.is_not(None), users.c.oidc_subject.is_not(None))
        )
        for found in (came, select(sessions.c.user_id)):
            if self._connection.execute(found.limit(1)).first() is not None:
                return False
        return True

    def list_users(self) -> list[User]:
        """Every user, oldest first."""
        rows = self._connection.execute(select(*_USER).order_by(users.c.created_at, users.c.id))
        return [_user(row) for row in rows]

    def user(self, user_id: UserId) -> User | None:
        row = self._connection.execute(select(*_USER).where(users.c.id == user_id)).first()
        return None if row is None else _user(row)

    def user_by_email(self, email: str) -> User | None:
        row = self._connection.execute(select(*_USER).where(users.c.email_key == email_key(email))).first()
        return None if row is None else _user(row)

    def user_by_subject(self, issuer: str, subject: str) -> User | None:
        found = and_(users.c.oidc_issuer == issuer, users.c.oidc_subject == subject)
        row = self._connection.execute(select(*_USER).where(found)).first()
        return None if row is None else _user(row)

    def password_hash(self, user_id: UserId) -> str | None:
        found = select(users.c.password_hash).where(users.c.id == user_id)
        return self._connection.execute(found).scalar_one_or_none()

    def add_user(
        self, user: User, *, password_hash: str | None, issuer: str | None = None, subject: str | None = None
    ) -> None:
        """Raises Conflict (`email_taken`) when the address or the outside identity is in use."""
        row = {
            "id": user.id,
            "email": user.email,
            "email_key": email_key(user.email),
            "password_hash": password_hash,
            "role": user.role.value,
            "oidc_issuer": issuer,
            "oidc_subject": subject,
            "created_at": user.created_at,
            "disabled_at": user.disabled_at,
        }
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(users).values(row))
        except IntegrityError as error:
            raise Conflict("There is already a user with this e-mail address.", code="email_taken") from error

    def attach_subject(self, user_id: UserId, issuer: str, subject: str) -> bool:
        """Tie a user to an outside identity; False when the user already has one."""
        free = and_(users.c.id == user_id, users.c.oidc_subject.is_(None))
        done = self._connection.execute(
            update(users).where(free).values(oidc_issuer=issuer, oidc_subject=subject)
        )
        return done.rowcount == 1

    def set_disabled(self, user_id: UserId, at: datetime | None) -> None:
        self._connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=at))

    def set_password_hash(self, user_id: UserId, password_hash: str) -> None:
        self._connection.execute(
            update(users).where(users.c.id == user_id).values(password_hash=password_hash)
        )

    def key(self, key_id: KeyId) -> tuple[ApiKey, str, User] | None:
        """A key, the hash of its secret and its user; whatever their state, whoever owns it."""
        row = self._connection.execute(_FIND_KEY, {"wanted_key": key_id}).first()
        return None if row is None else (_key(row, "key_"), row.key_secret_hash, _user(row))

    def session(self, token_hash: str) -> Session | None:
        """A session of an active user; the caller checks that it is alive."""
        found = (
            select(*_USER, sessions.c.last_seen_at, sessions.c.expires_at)
            .join_from(sessions, users)
            .where(sessions.c.token_hash == token_hash, _ACTIVE)
        )
        row = self._connection.execute(found).first()
        return None if row is None else Session(_user(row), row.last_seen_at, row.expires_at)

    def owner_of_session(self, session_id: str) -> UserId | None:
        """Whose session this is, by its public id."""
        found = select(sessions.c.user_id).where(sessions.c.id == session_id)
        return self._connection.execute(found).scalar_one_or_none()

    def use_link(self, token_hash: str, now: datetime) -> User | None:
        """Spend a sign-in link; only one caller ever gets its user."""
        unused = and_(
            sign_in_links.c.token_hash == token_hash,
            sign_in_links.c.used_at.is_(None),
            sign_in_links.c.expires_at > now,
        )
        if self._connection.execute(update(sign_in_links).where(unused).values(used_at=now)).rowcount != 1:
            return None
        found = (
            select(*_USER)
            .join_from(sign_in_links, users)
            .where(sign_in_links.c.token_hash == token_hash, _ACTIVE)
        )
        row = self._connection.execute(found).first()
        return None if row is None else _user(row)

    def upload_token(self, token_hash: str, now: datetime) -> tuple[UploadId, UserId, datetime] | None:
        """The upload a token opens, its owner and the token's end, while it lives and the owner is active."""
        found = (
            select(uploads.c.id, uploads.c.user_id, upload_tokens.c.expires_at)
            .join_from(upload_tokens, uploads)
            .join(users, users.c.id == uploads.c.user_id)
            .where(upload_tokens.c.token_hash == token_hash, upload_tokens.c.expires_at > now, _ACTIVE)
        )
        row = self._connection.execute(found).first()
        return None if row is None else (UploadId(row.id), UserId(row.user_id), row.expires_at)

    def add_upload_token(self, token_hash: str, upload_id: UploadId, expires_at: datetime) -> None:
        self._connection.execute(
            _ADD_UPLOAD_TOKEN, {"token_hash": token_hash, "upload_id": upload_id, "expires_at": expires_at}
        )

    def forget_expired(self, now: datetime, idle_since: datetime) -> int:
        """Delete sessions, links and upload tokens that can never be used again; answers how many."""
        gone = (
            delete(sessions).where(or_(sessions.c.expires_at <= now, sessions.c.last_seen_at <= idle_since)),
            delete(sign_in_links).where(
                or_(sign_in_links.c.expires_at <= now, sign_in_links.c.used_at.is_not(None))
            ),
            delete(upload_tokens).where(upload_tokens.c.expires_at <= now),
        )
        return sum(self._connection.execute(statement).rowcount for statement in gone)


class Owned:
    """What one user owns: keys, sessions, links, audit lines."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def add_key(self, key: ApiKey, secret_hash: str) -> None:
        self._connection.execute(
            insert(api_keys).values(
                id=key.id,
                user_id=self._user_id,
                name=key.name,
                secret_hash=secret_hash,
                scopes=sorted(key.scopes),
                row_quota=key.row_quota,
                rows_used=key.rows_used,
                created_at=key.created_at,
                expires_at=key.expires_at,
            )
        )

    def keys(self, limit: int, cursor: Cursor | None) -> tuple[list[ApiKey], int]:
        """At most `limit` keys after `cursor`, newest first, and how many there are in all."""
        mine = api_keys.c.user_id == self._user_id
        found = select(api_keys).where(mine).order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
        if cursor is not None:
            found = found.where(cursor.after(api_keys.c.created_at, api_keys.c.id))
        rows = self._connection.execute(found.limit(limit)).all()
        total = self._connection.execute(select(func.count()).select_from(api_keys).where(mine)).scalar_one()
        return [_key(row) for row in rows], total

    def revoke_key(self, key_id: KeyId, now: datetime) -> bool:
        """False when it was revoked before."""
        usable = and_(self._is_mine(key_id), api_keys.c.revoked_at.is_(None))
        return self._connection.execute(update(api_keys).where(usable).values(revoked_at=now)).rowcount == 1

    def touch_key(self, key_id: KeyId, now: datetime, address: str | None) -> None:
        used = {"last_used_at": now, "last_used_address": address}
        self._connection.execute(update(api_keys).where(self._is_mine(key_id)).values(used))

    def rename_key(self, key_id: KeyId, name: str) -> None:
        self._connection.execute(update(api_keys).where(self._is_mine(key_id)).values(name=name))

    def end_key_at(self, key_id: KeyId, at: datetime) -> None:
        self._connection.execute(update(api_keys).where(self._is_mine(key_id)).values(expires_at=at))

    def spend_rows(self, key_id: KeyId, rows: int) -> bool:
        """Count `rows` on an unrevoked key, in one statement; False when they do not fit its quota."""
        spent = self._connection.execute(
            _SPEND_ROWS, {"spending_key": key_id, "spending_user": self._user_id, "spent": rows}
        )
        return spent.rowcount == 1

    def add_session(self, token_hash: str, now: datetime, expires_at: datetime, visitor: Visitor) -> None:
        self._connection.execute(
            insert(sessions).values(
                id=new_session_id(),
                address=visitor.address,
                client=visitor.client,
                token_hash=token_hash,
                user_id=self._user_id,
                created_at=now,
                last_seen_at=now,
                expires_at=expires_at,
            )
        )

    def sessions(self) -> list[OpenSession]:
        """All of the user's sessions, last seen first; the caller leaves out those that ended."""
        mine = select(*(sessions.c[name] for name in OpenSession.__slots__))
        mine = mine.where(sessions.c.user_id == self._user_id)
        found = mine.order_by(sessions.c.last_seen_at.desc(), sessions.c.created_at.desc())
        return [OpenSession(**row._mapping) for row in self._connection.execute(found)]

    def touch_session(self, token_hash: str, now: datetime) -> None:
        mine = and_(sessions.c.token_hash == token_hash, sessions.c.user_id == self._user_id)
        self._connection.execute(update(sessions).where(mine).values(last_seen_at=now))

    def end_session_named(self, session_id: str) -> bool:
        mine = and_(sessions.c.id == session_id, sessions.c.user_id == self._user_id)
        return self._connection.execute(delete(sessions).where(mine)).rowcount == 1

    def end_session(self, token_hash: str) -> int:
        mine = and_(sessions.c.token_hash == token_hash, sessions.c.user_id == self._user_id)
        return self._connection.execute(delete(sessions).where(mine)).rowcount

    def end_sessions(self, *, keep: str | None = None) -> int:
        """End every session but the one whose token hash is `keep`; answers how many ended."""
        mine = sessions.c.user_id == self._user_id
        ended = mine if keep is None else and_(mine, sessions.c.token_hash != keep)
        return self._connection.execute(delete(sessions).where(ended)).rowcount

    def add_link(self, token_hash: str, expires_at: datetime) -> None:
        self._connection.execute(
            insert(sign_in_links).values(token_hash=token_hash, user_id=self._user_id, expires_at=expires_at)
        )

    def drop_links(self) -> None:
        self._connection.execute(delete(sign_in_links).where(sign_in_links.c.user_id == self._user_id))

    def add_audit_line(
        self, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, str | int]
    ) -> None:
        self._connection.execute(
            _ADD_AUDIT_LINE,
            {
                "at": at,
                "user_id": self._user_id,
                "actor": actor,
                "action": action,
                "subject": subject,
                "details": dict(details),
            },
        )

    def audit_lines(self, limit: int, before: tuple[datetime, int] | None) -> tuple[Sequence[AuditLine], int]:
        """At most `limit` lines older than `before` (time, id), newest first, and how many in all."""
        mine = audit_log.c.user_id == self._user_id
        found = select(audit_log).where(mine).order_by(audit_log.c.at.desc(), audit_log.c.id.desc())
        if before is not None:
            at, line_id = before
            found = found.where(
                or_(audit_log.c.at < at, and_(audit_log.c.at == at, audit_log.c.id < line_id))
            )
        rows = self._connection.execute(found.limit(limit)).all()
        total = self._connection.execute(select(func.count()).select_from(audit_log).where(mine)).scalar_one()
        return [
            AuditLine(row.id, row.at, row.actor, row.action, row.subject, row.details) for row in rows
        ], total

    def _is_mine(self, key_id: KeyId) -> Any:  # SQLAlchemy's own type of "a AND b"
        return and_(api_keys.c.id == key_id, api_keys.c.user_id == self._user_id)


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(UserId(row.id), row.email, Role(row.role), row.created_at, row.disabled_at)


def _key(row: Row[*tuple[Any, ...]], prefix: str = "") -> ApiKey:
    cells = {
        name.removeprefix(prefix): value
        for name, value in row._mapping.items()
        if name[: len(prefix)] == prefix
    }
    return ApiKey(
        id=KeyId(cells["id"]),
        user_id=UserId(cells["user_id"]),
        name=cells["name"],
        scopes=known_scopes(cells["scopes"]),
        created_at=cells["created_at"],
        row_quota=cells["row_quota"],
        rows_used=cells["rows_used"],
        expires_at=cells["expires_at"],
        revoked_at=cells["revoked_at"],
        last_used_at=cells["last_used_at"],
        last_used_address=cells["last_used_address"],
    )
