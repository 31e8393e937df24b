"""Lists in any order: pages fit together, whatever the database folds, and cursors are checked."""

import base64

import pytest

from muster.accounts.model import Principal
from muster.errors import InputError
from muster.uploads.model import UploadFilter
from muster.uploads.order import NEWEST_FIRST, Order, Place, SortField, parse_order
from muster.uploads.read import list_uploads
from muster.uploads.room import UploadsRoom
from tests.support.clock import SettableClock
from tests.uploads.conftest import Send


@pytest.mark.parametrize("text", ["", "-", "id", "--name", "name;drop", "user_id", "name desc", "\x00"])
def test_only_known_orders_are_taken(text: str) -> None:
    with pytest.raises(InputError):
        parse_order(text)


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("cursor", "sort"),
    [
        ("", "name"),
        ("%%%", "name"),
        ("ü", "name"),
        (encoded("name|upl_1"), "name"),
        (encoded("name||x"), "name"),
        (encoded("name|upl_1|a\x00"), "name"),
        (encoded("name|upl_1|a"), "-name"),
        (encoded("size_bytes|upl_1|-1"), "size_bytes"),
        (encoded("size_bytes|upl_1|1e3"), "size_bytes"),
        (encoded("size_bytes|upl_1|9223372036854775808"), "size_bytes"),
        (encoded("size_bytes|upl_1|" + "9" * 5000), "size_bytes"),
        (encoded("-created_at|upl_1|2025-01-01T00:00:00"), "-created_at"),
        (encoded("-created_at|upl_1|0001-01-01T00:00:00+23:00"), "-created_at"),
        (encoded("-created_at|upl_1|now"), "-created_at"),
        (base64.urlsafe_b64encode(b"name|upl_1|\xff").decode(), "name"),
    ],
)
def test_a_cursor_of_nobody_or_of_another_order_is_refused(cursor: str, sort: str) -> None:
    with pytest.raises(InputError) as refused:
        Place.decode(cursor, parse_order(sort))
    assert refused.value.error_code == "cursor_invalid"


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", list(SortField))
def test_pages_of_every_order_hold_each_upload_once_and_in_order(
    room: UploadsRoom, ana: Principal, send: Send, clock: SettableClock, field: SortField, descending: bool
) -> None:
    for number, name in enumerate(["b", "B|x", "a", "Ärger", "b", "İz", "z' OR 1=1", "a"]):
        records: list[object] = [{"email": "a@example.org"}] * (1 + number % 3)
        send([*records, *([{}] * (number % 2))], upload_name=name, on_invalid="skip")
        clock.advance(number % 2)
    order = Order(field, descending)
    everything = list_uploads(room, ana, UploadFilter(), 100, None, order).uploads
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = list_uploads(room, ana, UploadFilter(), 3, after, order)
        seen += [upload.id for upload in page.uploads]
        after = page.next_cursor and Place.decode(page.next_cursor.encode(), order)
    assert after is None
    assert seen == [upload.id for upload in everything]
    assert len(set(seen)) == 8
    if field is not SortField.NAME:
        values = [getattr(upload, field.value) for upload in everything]
        assert values == sorted(values, reverse=descending)
    else:
        plain = [upload.name.lower() for upload in everything if upload.name.isascii()]
        assert plain.index("a") < plain.index("b") or descending


def test_newest_first_is_the_default() -> None:
    assert parse_order("-created_at") == NEWEST_FIRST
