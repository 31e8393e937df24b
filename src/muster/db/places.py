"""Opaque cursors of lists that are sorted as the caller likes: what the last row of a page had, as text; pure.

Each room says what its things can be sorted by; this says how `sort` and `cursor` are written, for all alike. Clients
must not read anything into a cursor (docs/api/stability.md).
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

from muster.errors import InputError, Issue

Value = datetime | int | str

_MOST = 2**63


def sort_of(text: str, known: Sequence[str]) -> tuple[str, bool]:
    """`name` or `-name`: the field, and whether descending. Raises InputError (`parameter_invalid`)."""
    name = text.strip().removeprefix("-")
    if name not in known:
        fields = ", ".join(f"`{field}`" for field in known)
        message = f"`sort` is one of {fields}, with `-` before it for descending order."
        issue = Issue(None, "sort", "/sort", "parameter_invalid", message)
        raise InputError(message, code="parameter_invalid", issues=[issue])
    return name, text.strip().startswith("-")


def encode_place(sort: str, row_id: str, value: Value) -> str:
    """URL-safe text; `decode_place` reads it back. sort: as `sort_of` reads it."""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(f"{sort}|{row_id}|{text}".encode()).decode().rstrip("=")


def decode_place(text: str, sort: str) -> tuple[str, str]:
    """The id and the value, still as text. Raises InputError (`cursor_invalid`) for what was not written for this sort."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        _refuse()
    written, _, rest = raw.partition("|")
    row_id, bar, value = rest.partition("|")
    if written != sort or not row_id or not bar or "\x00" in raw:
        _refuse()
    return row_id, value


def moment_of(text: str) -> datetime:
    """A moment that `encode_place` wrote. Raises InputError (`cursor_invalid`)."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            _refuse()
        return moment.astimezone(UTC)  # overflows here, not later in the query
    except (ValueError, OverflowError):
        _refuse()


def number_of(text: str) -> int:
    """A number that `encode_place` wrote, from 0, as databases hold it. Raises InputError (`cursor_invalid`)."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else _MOST
    return number if number < _MOST else _refuse()


def _refuse() -> NoReturn:
    message = "This cursor was not issued here, or for another `sort`. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])
