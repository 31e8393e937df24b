"""In which order segments are listed, and where a page of such a list ends; pure."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn

from muster.errors import InputError, Issue
from muster.segments.model import Segment

_MOST = 2**63


class SortField(StrEnum):
    """What segments can be sorted by; names by their letters, whatever their case."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"
    NAME = "name"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Order:
    """Segments with equal values come by id, in the direction of the values."""

    field: SortField = SortField.UPDATED_AT
    is_descending: bool = True

    @property
    def text(self) -> str:
        return f"{'-' if self.is_descending else ''}{self.field.value}"


def parse_order(text: str) -> Order:
    """`name`, `-updated_at` and so on. Raises InputError (`parameter_invalid`)."""
    name = text.strip().removeprefix("-")
    if name not in tuple(SortField):
        known = ", ".join(f"`{field}`" for field in SortField)
        message = f"`sort` is one of {known}, with `-` before it for descending order."
        issue = Issue(None, "sort", "/sort", "parameter_invalid", message)
        raise InputError(message, code="parameter_invalid", issues=[issue])
    return Order(SortField(name), text.strip().startswith("-"))


@dataclass(frozen=True, slots=True)
class Place:
    """The last segment of a page: its value in the order, and its id."""

    order: Order
    value: datetime | int | str
    id: str

    @classmethod
    def of(cls, order: Order, segment: Segment) -> "Place":
        value: datetime | int | str
        match order.field:
            case SortField.NAME:
                value = segment.label.name
            case SortField.COUNT:
                value = 0 if segment.counts is None else segment.counts.members
            case SortField.CREATED_AT:
                value = segment.created_at
            case _:
                value = segment.updated_at
        return cls(order, value, segment.id)

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
        segment_id, bar, value = rest.partition("|")
        if sort != order.text or not segment_id or not bar or "\x00" in raw:
            _refuse()
        return cls(order, _value(order.field, value), segment_id)


def _value(field: SortField, text: str) -> datetime | int | str:
    if field is SortField.NAME:
        return text
    try:
        if field is SortField.COUNT:
            number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else _MOST
            return number if number < _MOST else _refuse()
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else _refuse()
    except (ValueError, OverflowError):
        _refuse()


def _refuse() -> NoReturn:
    message = "This cursor was not issued here, or for another `sort`. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])
