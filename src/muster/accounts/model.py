"""Users, keys and the Principal every verb is handed; pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from muster.ids import KeyId, UploadId, UserId


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

    def is_usable(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made, with the only copy of its full text."""

    key: ApiKey
    text: str = field(repr=False)
