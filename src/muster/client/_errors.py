"""Everything that can go wrong between a program and a Muster server, as one tree.

    MusterApiError
    ├── InvalidRequest      400, 405, 406, 415: what was sent is wrong
    │   └── InvalidRecords      some records cannot be used; each is named by its number in the input
    ├── NotSignedIn         401: no API key, or one that is unknown, expired or revoked
    ├── Forbidden           403: signed in, but not yours or not in the key's scopes
    ├── NotFound            404: no such upload, or it was deleted
    ├── Conflict            409: clashes with what is there, or the same request is still running
    ├── TooLarge            413: over a byte limit of the server
    ├── RateLimited         429: too often; carries when to come back
    ├── ServerError         5xx: the server or something it depends on failed
    ├── StillWorking        the time to wait for an upload is over, the work on it goes on
    └── Unreachable         no answer at all: refused, cut off, timed out, or not HTTP

Catch `MusterApiError` for all of them. Nothing from the HTTP library passes this boundary.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ._model import Part, RowError

_LONGEST_BODY_SHOWN = 200


class MusterApiError(Exception):
    """The root: an answer that is not a success, or no answer.

    status: HTTP status; None when there was no answer or the fault was found before sending.
    code: stable, snake_case; the server's, or one of this client's for faults it finds itself.
    message: a sentence that says what to do next.
    request_id: the server's id of the request, to quote to its operator; None without an answer.
    errors: what is wrong with single records or members, at most the 100 the server spells out.
    retry_after_seconds: when the server said it may be asked again.
    stored: parts of the same upload that were already stored when this happened; they stay stored.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "error",
        request_id: str | None = None,
        errors: Sequence[RowError] = (),
        errors_total: int | None = None,
        retry_after_seconds: float | None = None,
        stored: Sequence[Part] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.errors = tuple(errors)
        self.errors_total = len(self.errors) if errors_total is None else errors_total
        self.retry_after_seconds = retry_after_seconds
        self.stored = tuple(stored)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status={self.status}, code={self.code!r}, message={self.message!r})"


class InvalidRequest(MusterApiError):
    """What was sent is wrong; sending it again unchanged cannot work."""


class InvalidRecords(InvalidRequest):
    """Some records cannot be used. `errors[i].row` is the record's 0-based number in the caller's input."""


class NotSignedIn(MusterApiError):
    """No API key, or one that is unknown, expired or revoked."""


class Forbidden(MusterApiError):
    """Signed in, but the upload is another user's or the key lacks the scope."""


class NotFound(MusterApiError):
    """There is no such upload, or it was deleted."""


class Conflict(MusterApiError):
    """The request clashes with the state of things, or the same request is still running."""


class TooLarge(MusterApiError):
    """Over a byte limit of the server; send less at once."""


class RateLimited(MusterApiError):
    """Too many requests; `retry_after_seconds` says when to come back."""


class ServerError(MusterApiError):
    """The server, or something it depends on, failed."""


class StillWorking(MusterApiError):
    """The time to wait is over and the server still works on the upload; it goes on by itself."""


class Unreachable(MusterApiError):
    """No answer: refused, cut off, timed out, or whatever answered does not speak HTTP."""


_BY_STATUS: dict[int, type[MusterApiError]] = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: RateLimited,
}


def error_from_answer(
    status: int, body: bytes, *, request_id: str | None, retry_after: str | None
) -> MusterApiError:
    """The error a non-2xx answer stands for; understands any body, also one that is not ours.

    Source of the shape: API.md, section 1 (`status`, `message`, `code`, `request_id`, `errors`).
    """
    said = _members(body)
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else InvalidRequest)
    message = said.get("message")
    code = said.get("code")
    total = said.get("errors_total")
    return kind(
        message if isinstance(message, str) else _without_message(status, body),
        status=status,
        code=code if isinstance(code, str) else f"http_{status}",
        request_id=str(said.get("request_id") or request_id or "") or None,
        errors=[RowError.from_wire(one) for one in said.get("errors") or () if isinstance(one, dict)],
        errors_total=total if isinstance(total, int) else None,
        retry_after_seconds=_seconds(retry_after),
    )


def _members(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _without_message(status: int, body: bytes) -> str:
    shown = body[:_LONGEST_BODY_SHOWN].decode("utf-8", "replace").strip()
    return f"The address answered {status}, and not in Muster's words; is it a Muster server? {shown}".strip()


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; Muster never sends the date form, so that one counts as not said."""
    return float(retry_after) if retry_after is not None and retry_after.strip().isdecimal() else None
