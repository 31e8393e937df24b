"""Everything that can be refused, as one tree.

    MusterError
    ├── InputError          what was sent is wrong; carries issues, one per row or member
    │   ├── PayloadTooLarge     over a byte limit, on the wire or decoded
    │   ├── UnsupportedMedia    a content type or encoding nobody here reads
    │   └── NotAcceptable       none of the answers offered is one the client accepts
    ├── AccessError
    │   ├── NotSignedIn         no token, or one that is unknown, expired or revoked
    │   └── Forbidden           signed in, but not yours or not in the token's scopes
    ├── NotFound            no such thing (or no longer)
    ├── Conflict            clashes with what is there
    ├── LimitError
    │   ├── RateLimited         too often; carries when to come back
    │   └── Overloaded          no room at the moment; carries when to come back
    └── OutsideError        something we depend on failed
        ├── Unavailable         database, object store or issuer does not answer
        └── StorageFull         the disk or bucket takes no more

A class knows its kind, never its HTTP status: `web/errors.py` maps kinds to statuses and `cli/output.py`
to exit codes. Anything outside the tree is a bug of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

MAX_ISSUES_SHOWN = 100
"""How many issues one answer spells out; the rest are only counted (docs/api/errors.md)."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong with one row or one member of what was sent.

    row: 0-based index in the array as sent, None when the issue is not about a row.
    field: the member's name, None when the whole row or body is meant.
    pointer: RFC 6901 JSON pointer into the body.
    code: stable, snake_case, listed in docs/reference/error-codes.md.
    message: a sentence that says what to do; never holds a value that was sent.
    """

    row: int | None
    field: str | None
    pointer: str
    code: str
    message: str


class MusterError(Exception):
    """The root: a refusal with a stable code and a sentence that says what to do next."""

    code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        issues: Sequence[Issue] = (),
        issues_total: int | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.issues = tuple(issues[:MAX_ISSUES_SHOWN])
        self.issues_total = len(issues) if issues_total is None else issues_total
        self.retry_after_seconds = retry_after_seconds


class InputError(MusterError):
    """What was sent is wrong; the message and the issues say where and what to change."""

    code = "invalid_request"


class PayloadTooLarge(InputError):
    """Over a byte limit; the message names the limit, the size seen and how to split."""

    code = "payload_too_large"


class UnsupportedMedia(InputError):
    """A content type or content encoding that is not read here."""

    code = "unsupported_media_type"


class NotAcceptable(InputError):
    """The client accepts none of the media types this answer can be given in."""

    code = "not_acceptable"


class AccessError(MusterError):
    """The caller may not do this."""

    code = "forbidden"


class NotSignedIn(AccessError):
    """No token, or one that is unknown, expired or revoked."""

    code = "not_signed_in"


class Forbidden(AccessError):
    """Signed in, but the thing is another user's or the token lacks the scope."""

    code = "forbidden"


class NotFound(MusterError):
    """There is no such thing, or it was deleted."""

    code = "not_found"


class Conflict(MusterError):
    """The request clashes with the state of things."""

    code = "conflict"


class LimitError(MusterError):
    """A limit on use was reached; later the same request may pass."""

    code = "limit_reached"


class RateLimited(LimitError):
    """Too many requests in a window."""

    code = "rate_limited"


class Overloaded(LimitError):
    """The server has no room for this request at the moment."""

    code = "overloaded"


class OutsideError(MusterError):
    """Something Muster depends on failed."""

    code = "dependency_failed"


class Unavailable(OutsideError):
    """A dependency does not answer; the same request may pass later."""

    code = "unavailable"


class StorageFull(OutsideError):
    """The disk or bucket takes no more bytes; nothing of this request was kept."""

    code = "storage_full"
