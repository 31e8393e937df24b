"""In which order uploads are listed, and where a page of such a list ends; pure."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn

from muster.errors import InputError, Issue
from muster.uploads.model import Upload

_MOST = 2**63


class SortField(StrEnum):
    """What uploads can be sorted by; names by their letters, whatever their case."""

    CREATED_AT = "created_at"
    NAME = "name"
    ROWS_RECEIVED = "rows_received"
    ROWS_REJECTED = "rows_rejected"
    SIZE_BYTES = "size_bytes"


@dataclass(frozen=True, slots=True)
class Order:
    """Uploads with equal values come newest id first or last, as the values do."""

    field: SortField = SortField.CREATED_AT
    is_descending: bool = True

    @property
    def text(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.field.value}"


NEWEST_FIRST = Order()


def parse_order(text: str) -> Order:
    """`name`, `-created_at` and so on. Raises InputError (`parameter_invalid`)."""
    name = text.strip().removeprefix("-")
    if name not in tuple(SortField):
        known = ", ".join(f"`{field}`" for field in SortField)
        message = f"`sort` is one of {known}, with `-` before it for descending order."
        issue = Issue(None, "sort", "/sort", "parameter_invalid", message)
        raise InputError(message, code="parameter_invalid", issues=[issue])
    return Order(SortField(name), text.strip().startswith("-"))


@dataclass(frozen=True, slots=True)
class Place:
    """The last upload of a page: its value in the order, and its id."""

    order: Order
    value: datetime | int | str
    id: str

    @classmethod
    def of(cls, order: Order, upload: Upload) -> "Place":
        return cls(order, getattr(upload, order.field.value), upload.id)

    def encode(self) -> str:
        """URL-safe text, opaque to clients; `decode` reads it back."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else str(self.value)
        raw = f"{self.order.text}|{self.id}|{value}".encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order) -> "Place":
        """Read what `encode` wrote for this order; raises InputError (`cursor_invalid`) for anything else."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, ValueError):
            _refuse()
        sort, _, rest = raw.partition("|")
        upload_id, bar, value = rest.partition("|")
        if sort != order.text or not upload_id or not bar or "\x00" in raw:
            _refuse()
        return cls(order, _value(order.field, value), upload_id)


def _value(field: SortField, text: str) -> datetime | int | str:
    if field is SortField.NAME:
        return text
    try:
        if field is SortField.CREATED_AT:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                _refuse()
            return moment.astimezone(UTC)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else _MOST
    except (ValueError, OverflowError):
        _refuse()
    if number >= _MOST:
        _refuse()
    return number


def _refuse() -> NoReturn:
    message = "This cursor was not issued here, or for another `sort`. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])
