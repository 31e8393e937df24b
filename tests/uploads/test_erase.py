from dataclasses import replace
from pathlib import Path

import pytest

from muster.accounts.model import Principal
from muster.errors import Forbidden, InputError, NotFound, Unavailable
from muster.objects.local import LocalStore
from muster.uploads.bulk import Operation, bulk
from muster.uploads.erase import erase
from muster.uploads.model import UploadFilter
from muster.uploads.read import get_upload, list_uploads
from muster.uploads.rename import rename
from muster.uploads.room import UploadsRoom
from tests.uploads.conftest import Send

ONE = [{"email": "a@example.org"}]


def test_another_user_can_neither_delete_nor_rename(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send
) -> None:
    receipt = send(ONE)
    with pytest.raises(Forbidden):
        erase(room, ben, receipt.upload_id)
    with pytest.raises(Forbidden):
        rename(room, ben, receipt.upload_id, "mine now")
    assert get_upload(room, ana, receipt.upload_id).name == "Spring"


def test_a_deleted_upload_is_gone_with_its_bytes_and_the_second_delete_finds_nothing(
    room: UploadsRoom, ana: Principal, objects: LocalStore, send: Send
) -> None:
    receipt = send([*ONE, {}], on_invalid="skip")
    erase(room, ana, receipt.upload_id)
    with pytest.raises(NotFound):
        get_upload(room, ana, receipt.upload_id)
    assert list_uploads(room, ana, UploadFilter(), 10, None).total == 0
    assert list(objects.list("uploads/")) == []
    with pytest.raises(NotFound):
        erase(room, ana, receipt.upload_id)


class Stuck(LocalStore):
    """A store that cannot delete at the moment."""

    def delete(self, key: str) -> None:
        raise Unavailable("not now")


def test_bytes_that_cannot_be_deleted_do_not_bring_the_upload_back(
    room: UploadsRoom, ana: Principal, objects: LocalStore, tmp_path: Path, send: Send
) -> None:
    receipt = send(ONE)
    stuck = replace(room, objects=Stuck(tmp_path / "objects"))
    erase(stuck, ana, receipt.upload_id)
    with pytest.raises(NotFound):
        get_upload(room, ana, receipt.upload_id)
    assert len(list(objects.list("uploads/"))) == 1


def test_a_bulk_delete_answers_for_each_upload_on_its_own(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send
) -> None:
    mine, other, kept = send(ONE), send(ONE, ben), send(ONE)
    outcomes = bulk(
        room, ana, Operation.DELETE, [mine.upload_id, other.upload_id, "upl_1_none", mine.upload_id]
    )
    assert [(outcome.upload_id, type(outcome.refusal)) for outcome in outcomes] == [
        (mine.upload_id, type(None)),
        (other.upload_id, Forbidden),
        ("upl_1_none", NotFound),
    ]
    assert get_upload(room, ben, other.upload_id).rows_accepted == 1
    assert list_uploads(room, ana, UploadFilter(), 10, None).uploads[0].id == kept.upload_id


def test_a_bulk_delete_by_filter_takes_only_what_matches(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send
) -> None:
    send(ONE, upload_name="old 1")
    send(ONE, upload_name="old 2")
    send(ONE, upload_name="new")
    send(ONE, ben, upload_name="old 3")
    assert len(bulk(room, ana, Operation.DELETE, UploadFilter(name="old"))) == 2
    assert list_uploads(room, ana, UploadFilter(), 10, None).total == 1
    assert list_uploads(room, ben, UploadFilter(), 10, None).total == 1


def test_an_empty_filter_never_means_everything(room: UploadsRoom, ana: Principal, send: Send) -> None:
    send(ONE)
    with pytest.raises(InputError) as refused:
        bulk(room, ana, Operation.DELETE, UploadFilter())
    assert refused.value.error_code == "filter_refused"
    assert list_uploads(room, ana, UploadFilter(), 10, None).total == 1
