"""Users, keys and the Principal every verb is handed; pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from muster.errors import InputError, Issue
from muster.ids import KeyId, UploadId, UserId

MAX_EMAIL_CHARACTERS = 320
MAX_KEY_NAME_CHARACTERS = 100


class Scope(StrEnum):
    """What a token may be used for (API.md, section 2)."""

    UPLOADS_READ = "uploads:read"
    UPLOADS_WRITE = "uploads:write"
    SEGMENTS_READ = "segments:read"
    SEGMENTS_WRITE = "segments:write"
    ENRICHMENTS_READ = "enrichments:read"
    ENRICHMENTS_WRITE = "enrichments:write"
    EXPORTS_READ = "exports:read"
    EXPORTS_WRITE = "exports:write"
    KEYS_MANAGE = "keys:manage"
    USAGE_READ = "usage:read"
    ADMIN = "admin"


class Role(StrEnum):
    """`owner` runs the installation and may hold scope `admin`; `member` may not."""

    OWNER = "owner"
    MEMBER = "member"


def scopes_of(role: Role) -> frozenset[Scope]:
    """Every scope a user of this role may hold."""
    return frozenset(Scope) if role is Role.OWNER else frozenset(Scope) - {Scope.ADMIN}


def known_scopes(names: Iterable[object]) -> frozenset[Scope]:
    """The scopes among `names`; a name this version does not know grants nothing."""
    known = {scope.value for scope in Scope}
    return frozenset(Scope(name) for name in names if isinstance(name, str) and name in known)


def parse_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Every name as a scope; raises InputError (`scope_unknown`) pointing at each one that is none."""
    known = {scope.value for scope in Scope}
    listed = list(names)
    message = f"This is not a scope. Scopes are: {', '.join(sorted(known))}."
    issues = [
        Issue(None, "scopes", f"/scopes/{at}", "scope_unknown", message)
        for at, name in enumerate(listed)
        if name not in known
    ]
    if issues or not listed:
        raise InputError(
            message if issues else "Name at least one scope.",
            code="scope_unknown",
            issues=issues or [Issue(None, "scopes", "/scopes", "scope_unknown", "Name at least one scope.")],
        )
    return frozenset(Scope(name) for name in listed)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: the user whose data is meant, and the limits of the token that was shown.

    actor: `key:<id>`, `session`, `oidc`, `link` or `cli`; for the audit log and for rate limits.
    only_upload: set for an upload's session token, which opens that one upload and nothing else.
    """

    user_id: UserId
    scopes: frozenset[Scope]
    actor: str
    key_id: KeyId | None = None
    only_upload: UploadId | None = None


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in. `email` is as given; addresses are compared case-folded."""

    id: UserId
    email: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None


def parse_email(text: str) -> str:
    """An e-mail address as given, without surrounding blanks; raises InputError (`email_invalid`).

    Only the shape is checked (`owner@localhost` is fine): whether mail arrives there is not ours to know.
    """
    email = text.strip()
    local, _, domain = email.rpartition("@")
    if (
        not local
        or not domain
        or "@" in local
        or not email.isprintable()
        or any(character.isspace() for character in email)
        or max(len(email), len(email_key(email))) > MAX_EMAIL_CHARACTERS
    ):
        message = f"Give an e-mail address like name@example.org, at most {MAX_EMAIL_CHARACTERS} characters."
        raise InputError(
            message,
            code="email_invalid",
            issues=[Issue(None, "email", "/email", "email_invalid", message)],
        )
    return email


def email_key(email: str) -> str:
    """What addresses are found by: composed (NFC) and case-folded."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def is_same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses surely name the same mailbox; stricter than `email_key`.

    Case is ignored only between ASCII addresses: folding maps look-alikes such as the Kelvin sign onto
    plain letters, which is fine for refusing a second account and fatal for handing one over.
    """
    if one == other:
        return True
    return one.isascii() and other.isascii() and one.lower() == other.lower()


@dataclass(frozen=True, slots=True)
class OutsideIdentity:
    """What a verified token of the configured issuer says about its bearer.

    email_verified: True or False as claimed; None when the issuer does not say.
    scopes: our scopes named by the token's `scope` claim; empty when it names none of them.
    """

    issuer: str
    subject: str
    email: str | None
    email_verified: bool | None
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Session:
    """A browser session, found by the hash of its token."""

    user: User
    last_seen_at: datetime
    expires_at: datetime

    def is_alive(self, now: datetime, idle: timedelta) -> bool:
        """Neither past its absolute end nor left alone for `idle`."""
        return now < self.expires_at and now < self.last_seen_at + idle


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a sign-in comes from. client: the program in words (`user_agents.in_words`), None: it does not say."""

    address: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a user's own browser sessions, as its list shows it. id: names it, opens nothing."""

    id: str
    token_hash: str = field(repr=False)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str | None
    client: str | None

    def is_alive(self, now: datetime, idle: timedelta) -> bool:
        """As `Session.is_alive`."""
        return now < self.expires_at and now < self.last_seen_at + idle


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that was done in a user's account; ids and counts, never personal data."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret, which is shown once and never stored."""

    id: KeyId
    user_id: UserId
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    row_quota: int | None = None
    rows_used: int = 0
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_address: str | None = None

    def is_usable(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made, with the only copy of its full text."""

    key: ApiKey
    text: str = field(repr=False)
