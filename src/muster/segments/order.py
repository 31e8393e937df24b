"""In which order segments are listed, and where a page of such a list ends; pure."""

from dataclasses import dataclass
from enum import StrEnum

from muster.db.places import Value, decode_place, encode_place, moment_of, number_of, sort_of
from muster.segments.model import Segment


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
    name, is_descending = sort_of(text, tuple(SortField))
    return Order(SortField(name), is_descending)


@dataclass(frozen=True, slots=True)
class Place:
    """The last segment of a page: its value in the order, and its id."""

    order: Order
    value: Value
    id: str

    @classmethod
    def of(cls, order: Order, segment: Segment) -> "Place":
        value: Value
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
        return encode_place(self.order.text, self.id, self.value)

    @classmethod
    def decode(cls, text: str, order: Order) -> "Place":
        """Read what `encode` wrote for this order; raises InputError (`cursor_invalid`) for anything else."""
        segment_id, value = decode_place(text, order.text)
        return cls(order, _value(order.field, value), segment_id)


def _value(field: SortField, text: str) -> Value:
    if field is SortField.NAME:
        return text
    return number_of(text) if field is SortField.COUNT else moment_of(text)
