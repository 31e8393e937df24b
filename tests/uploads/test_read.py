from typing import Any

import pytest

from muster.accounts.model import Principal, Scope
from muster.errors import Forbidden, NotFound
from muster.ids import UploadId, new_upload_id
from muster.uploads.model import Source, UploadFilter, UploadStatus
from muster.uploads.order import NEWEST_FIRST, Place
from muster.uploads.read import UploadPage, get_upload, list_uploads
from muster.uploads.room import UploadsRoom
from tests.support.clock import SettableClock
from tests.uploads.conftest import Send

MIDDLE = object()
ONE = [{"email": "a@example.org"}]


def names(page: UploadPage) -> list[str]:
    return [upload.name for upload in page.uploads]


def test_another_users_upload_is_forbidden_and_an_unknown_one_not_found(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send
) -> None:
    receipt = send(ONE)
    with pytest.raises(Forbidden):
        get_upload(room, ben, receipt.upload_id)
    for unknown in (
        new_upload_id(room.clock()),
        "",
        "upl_",
        "x" * 500,
        "upl_1_\x00",
        "upl_1'; drop table uploads",
    ):
        with pytest.raises(NotFound):
            get_upload(room, ana, unknown)


def test_a_session_token_sees_only_its_own_upload(room: UploadsRoom, ana: Principal, send: Send) -> None:
    first, second = send(ONE), send(ONE)
    link = Principal(
        ana.user_id, frozenset({Scope.UPLOADS_READ}), "link", only_upload=UploadId(first.upload_id)
    )
    assert get_upload(room, link, first.upload_id).id == first.upload_id
    with pytest.raises(Forbidden):
        get_upload(room, link, second.upload_id)
    assert list_uploads(room, link, UploadFilter(), 10, None).total == 1


def test_lists_and_counts_hold_only_ones_own(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send
) -> None:
    send(ONE, upload_name="hers")
    send(ONE, ben, upload_name="his")
    page = list_uploads(room, ana, UploadFilter(), 10, None)
    assert (names(page), page.total) == (["hers"], 1)


def test_pages_are_newest_first_and_stay_right_while_uploads_come_in(
    room: UploadsRoom, ana: Principal, send: Send, clock: SettableClock
) -> None:
    for number in range(7):
        send(ONE, upload_name=f"n{number}")
        if number % 2:
            clock.advance(1)  # pairs share a moment: the id breaks the tie
    everything = names(list_uploads(room, ana, UploadFilter(), 100, None))
    seen: list[str] = []
    after: Place | None = None
    for _ in range(4):
        page = list_uploads(room, ana, UploadFilter(), 2, after)
        seen += names(page)
        assert page.total >= 7
        clock.advance(1)
        send(ONE, upload_name="newer")
        after = Place.decode(page.next_cursor.encode(), NEWEST_FIRST) if page.next_cursor else None
    assert after is None
    assert seen == everything
    assert seen[0] == "n6"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"name": "SPR"}, {"Spring 100%", "spring_2"}),
        ({"name": "100%"}, {"Spring 100%"}),
        ({"name": "%"}, {"Spring 100%"}),
        ({"name": "_"}, {"spring_2"}),
        ({"name": "\\"}, set()),
        ({"has_errors": True}, {"autumn"}),
        ({"has_errors": False}, {"Spring 100%", "spring_2"}),
        ({"statuses": (UploadStatus.UPLOADED,)}, {"Spring 100%", "spring_2", "autumn"}),
        ({"statuses": (UploadStatus.FAILED,)}, set()),
        ({"statuses": (UploadStatus.FAILED, UploadStatus.UPLOADED)}, {"Spring 100%", "spring_2", "autumn"}),
        ({"source": Source.API}, {"Spring 100%", "spring_2", "autumn"}),
        ({"source": Source.FILE}, set()),
        ({"created_after": MIDDLE}, {"autumn"}),
        ({"created_before": MIDDLE}, {"Spring 100%"}),
        ({"name": "spr", "created_before": MIDDLE}, {"Spring 100%"}),
    ],
)
def test_filters_select_and_combine(
    room: UploadsRoom,
    ana: Principal,
    send: Send,
    clock: SettableClock,
    wanted: dict[str, Any],
    expected: set[str],
) -> None:
    send(ONE, upload_name="Spring 100%")
    clock.advance(60)
    middle = clock()
    send(ONE, upload_name="spring_2")
    clock.advance(60)
    send([*ONE, {}], upload_name="autumn", on_invalid="skip")
    chosen = {name: middle if value is MIDDLE else value for name, value in wanted.items()}
    page = list_uploads(room, ana, UploadFilter(**chosen), 10, None)
    assert set(names(page)) == expected
    assert page.total == len(expected)
