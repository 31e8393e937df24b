"""In which order uploads are listed, and where a page of such a list ends; pure."""

from dataclasses import dataclass
from enum import StrEnum

from muster.db.places import Value, decode_place, encode_place, moment_of, number_of, sort_of
from muster.uploads.model import Upload


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
    name, is_descending = sort_of(text, tuple(SortField))
    return Order(SortField(name), is_descending)


@dataclass(frozen=True, slots=True)
class Place:
    """The last upload of a page: its value in the order, and its id."""

    order: Order
    value: Value
    id: str

    @classmethod
    def of(cls, order: Order, upload: Upload) -> "Place":
        return cls(order, getattr(upload, order.field.value), upload.id)

    def encode(self) -> str:
        """URL-safe text, opaque to clients; `decode` reads it back."""
        return encode_place(self.order.text, self.id, self.value)

    @classmethod
    def decode(cls, text: str, order: Order) -> "Place":
        """Read what `encode` wrote for this order; raises InputError (`cursor_invalid`) for anything else."""
        upload_id, value = decode_place(text, order.text)
        return cls(order, _value(order.field, value), upload_id)


def _value(field: SortField, text: str) -> Value:
    if field is SortField.NAME:
        return text
    return moment_of(text) if field is SortField.CREATED_AT else number_of(text)
