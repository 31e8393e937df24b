"""A whole file in one request: durable when it answers, nothing when it does not."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster.accounts import audit, upload_tokens
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.db.database import Connection
from muster.errors import Conflict, Forbidden, InputError, PayloadTooLarge, StorageFull
from muster.jobs.read import newest_job
from muster.objects.local import LocalStore
from muster.uploads.file_model import FileWish, UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.model import UploadFilter, UploadStatus
from muster.uploads.read import Records, get_upload, list_uploads
from muster.uploads.receive_file import FileReceipt, StoredFile, discard_file, receive_file, store_file
from muster.uploads.room import UploadsRoom
from muster.web.stream import BodyCut
from tests.uploads.conftest import Remake

CONTENT = b"email\n" + b"a@example.org\n" * 5000


def stored(room: UploadsRoom) -> StoredFile:
    return store_file(room, iter([CONTENT[:10], CONTENT[10:]]))


def keys(objects: LocalStore) -> list[str]:
    return [found.key for found in objects.list("uploads/")]


def file_of(room: UploadsRoom, principal: Principal, upload_id: str) -> UploadFile | None:
    with room.db.read() as connection:
        return FileStore(connection, principal.user_id).get(upload_id)


def test_another_user_sees_neither_the_upload_nor_its_file(
    room: UploadsRoom, ana: Principal, ben: Principal
) -> None:
    receipt = receive_file(room, ana, stored(room), FileWish(file_name="leads.csv"))
    with pytest.raises(Forbidden):
        get_upload(room, ben, receipt.upload.id)
    assert file_of(room, ben, receipt.upload.id) is None
    with room.db.read() as connection:
        assert newest_job(connection, ben.user_id, receipt.upload.id) is None


def test_a_file_is_kept_byte_for_byte_with_a_job_to_read_it(
    room: UploadsRoom, ana: Principal, objects: LocalStore
) -> None:
    receipt = receive_file(room, ana, stored(room), FileWish(file_name="leads.csv", media_type="text/csv"))
    upload = get_upload(room, ana, receipt.upload.id)
    assert (upload.name, upload.status, upload.size_bytes) == (
        "leads.csv",
        UploadStatus.UPLOADED,
        len(CONTENT),
    )
    file = file_of(room, ana, upload.id)
    assert file is not None
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert file.is_complete
    assert b"".join(objects.stream(file.parts[0].key)) == CONTENT
    with room.db.read() as connection:
        job = newest_job(connection, ana.user_id, upload.id)
    assert job is not None
    assert (job.kind, job.progress.total) == ("build_table", len(CONTENT))
    assert (
        upload_tokens.find(AccountsRoom(db=room.db, clock=room.clock), receipt.upload_token).only_upload
        == upload.id
    )
    lines, _, _ = audit.lines(AccountsRoom(db=room.db), ana, 9, None)
    assert "upload.received" in [line.action for line in lines]


def test_without_auto_it_waits_for_a_mapping(room: UploadsRoom, ana: Principal) -> None:
    receipt = receive_file(room, ana, stored(room), FileWish("Spring", is_auto=False))
    upload = get_upload(room, ana, receipt.upload.id)
    assert (upload.status, upload.status_reason) == (UploadStatus.UPLOADED, "awaiting_mapping")
    with room.db.read() as connection:
        assert newest_job(connection, ana.user_id, upload.id) is None


def test_the_records_of_a_file_are_not_asked_of_the_batch_reader(room: UploadsRoom, ana: Principal) -> None:
    receipt = receive_file(room, ana, stored(room), FileWish())
    with pytest.raises(Conflict) as refused:
        Records(room, get_upload(room, ana, receipt.upload.id))
    assert refused.value.error_code == "records_in_table"


def cut_short() -> Iterator[bytes]:
    yield CONTENT
    raise BodyCut


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 1_000_000


@pytest.mark.parametrize(
    ("pieces", "refusal"),
    [
        (cut_short, BodyCut),
        (endless, PayloadTooLarge),
        (lambda: iter([]), InputError),
        (lambda: iter([b"", b""]), InputError),
    ],
    ids=["cut short", "endless", "empty", "empty pieces"],
)
def test_a_file_that_does_not_arrive_whole_leaves_nothing(
    remake: Remake,
    objects: LocalStore,
    tmp_path: Path,
    pieces: Callable[[], Iterator[bytes]],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        store_file(remake(max_file_bytes=10_000_000), pieces())
    assert keys(objects) == []
    assert list((tmp_path / "objects" / ".tmp").iterdir()) == []


def test_the_limit_is_exact(remake: Remake) -> None:
    room = remake(max_file_bytes=len(CONTENT))
    assert stored(room).part.size_bytes == len(CONTENT)
    with pytest.raises(PayloadTooLarge) as refused:
        store_file(room, iter([CONTENT, b"!"]))
    assert str(len(CONTENT)) in refused.value.message


class Full(LocalStore):
    """A disk that fills up in the middle of a file."""

    def put(self, key, parts, *, create_only=False):  # type: ignore[no-untyped-def]
        def some():  # type: ignore[no-untyped-def]
            for number, part in enumerate(parts):
                if number == 1:
                    raise StorageFull("no room")
                yield part

        return super().put(key, some(), create_only=create_only)


def test_a_full_disk_leaves_nothing(remake: Remake, objects: LocalStore, tmp_path: Path) -> None:
    with pytest.raises(StorageFull):
        stored(remake(objects=Full(tmp_path / "objects")))
    assert keys(objects) == []


def test_a_transaction_that_fails_takes_the_bytes_with_it(
    room: UploadsRoom, ana: Principal, objects: LocalStore
) -> None:
    def fail(_connection: Connection, _receipt: FileReceipt) -> None:
        raise Conflict("no")

    with pytest.raises(Conflict):
        receive_file(room, ana, stored(room), FileWish(), fail)
    assert keys(objects) == []
    assert list_uploads(room, ana, UploadFilter(), 10, None).total == 0


def test_stored_bytes_can_be_thrown_away_again(room: UploadsRoom, objects: LocalStore) -> None:
    found = stored(room)
    assert len(keys(objects)) == 1
    discard_file(room, found.upload_id)
    assert keys(objects) == []
