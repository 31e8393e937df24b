"""Resumable uploads: whatever breaks, what was confirmed stays, and nothing is there twice."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, Forbidden, InputError, MusterError, NotFound, PayloadTooLarge, StorageFull
from muster.jobs.read import newest_job
from muster.objects.local import LocalStore
from muster.uploads import resumable
from muster.uploads.erase import erase
from muster.uploads.file_model import UploadFile
from muster.uploads.model import UploadStatus
from muster.uploads.read import get_upload
from muster.uploads.resumable import append, begin, create, look
from muster.uploads.room import UploadsRoom
from muster.uploads.sweep import sweep
from muster.uploads.tus import parse_checksum, parse_creation
from muster.web.stream import BodyCut
from tests.support.clock import SettableClock
from tests.uploads.conftest import Remake, Send

CONTENT = bytes(range(256)) * 40


def new(
    room: UploadsRoom, principal: Principal, length: int | None = len(CONTENT), auto: bool = True
) -> UploadFile:
    metadata = "filename bGVhZHMuY3N2" + ("" if auto else ",auto ZmFsc2U=")
    size = None if length is None else str(length)
    return create(room, principal, parse_creation(size, "1" if length is None else None, metadata))


def send(room: UploadsRoom, principal: Principal, upload_id: str, offset: int, *pieces: bytes) -> UploadFile:
    return append(room, principal, begin(room, principal, upload_id, offset), iter(pieces))


def content_of(room: UploadsRoom, file: UploadFile) -> bytes:
    return b"".join(piece for part in file.parts for piece in room.objects.stream(part.key))


def code_of(refused: pytest.ExceptionInfo[MusterError]) -> str:
    return refused.value.error_code


def test_another_user_can_neither_look_nor_append(room: UploadsRoom, ana: Principal, ben: Principal) -> None:
    file = new(room, ana)
    with pytest.raises(Forbidden):
        look(room, ben, file.upload_id)
    with pytest.raises(Forbidden):
        begin(room, ben, file.upload_id, 0)
    assert look(room, ana, file.upload_id).received_bytes == 0


def test_a_batch_is_no_file_to_append_to(room: UploadsRoom, ana: Principal, send: Send) -> None:
    receipt = send([{"email": "a@example.org"}])
    with pytest.raises(NotFound):
        look(room, ana, receipt.upload_id)
    with pytest.raises(NotFound):
        begin(room, ana, receipt.upload_id, 0)


def test_a_file_in_pieces_becomes_one_upload_with_a_job(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana)
    assert get_upload(room, ana, file.upload_id).status is UploadStatus.RECEIVING
    for at in range(0, len(CONTENT), 1000):
        file = send(room, ana, file.upload_id, at, CONTENT[at : at + 500], CONTENT[at + 500 : at + 1000])
    assert content_of(room, file) == CONTENT
    upload = get_upload(room, ana, file.upload_id)
    assert (upload.status, upload.name, upload.size_bytes) == (
        UploadStatus.UPLOADED,
        "leads.csv",
        len(CONTENT),
    )
    assert look(room, ana, file.upload_id).expires_at is None
    with room.db.read() as connection:
        job = newest_job(connection, ana.user_id, file.upload_id)
    assert job is not None
    with pytest.raises(Conflict) as refused:
        begin(room, ana, file.upload_id, len(CONTENT))
    assert code_of(refused) == "upload_complete"


def test_without_auto_the_complete_file_waits(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana, auto=False)
    send(room, ana, file.upload_id, 0, CONTENT)
    assert get_upload(room, ana, file.upload_id).status_reason == "awaiting_mapping"
    with room.db.read() as connection:
        assert newest_job(connection, ana.user_id, file.upload_id) is None


def broken_after(*pieces: bytes) -> Iterator[bytes]:
    yield from pieces
    raise BodyCut


def test_what_arrived_before_the_connection_broke_is_kept(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana)
    turn = begin(room, ana, file.upload_id, 0)
    assert append(room, ana, turn, broken_after(CONTENT[:100], CONTENT[100:300])).received_bytes == 300
    assert look(room, ana, file.upload_id).received_bytes == 300
    turn = begin(room, ana, file.upload_id, 300)
    assert append(room, ana, turn, broken_after()).received_bytes == 300
    assert content_of(room, send(room, ana, file.upload_id, 300, CONTENT[300:])) == CONTENT


def test_with_a_checksum_it_is_all_or_nothing(room: UploadsRoom, ana: Principal, objects: LocalStore) -> None:
    file = new(room, ana)
    wrong = parse_checksum("md5 AAAAAAAAAAAAAAAAAAAAAA==")
    for pieces, refusal in ((iter([CONTENT]), Conflict), (broken_after(CONTENT[:9]), BodyCut)):
        with pytest.raises(refusal):
            append(room, ana, begin(room, ana, file.upload_id, 0), pieces, wrong)
        assert look(room, ana, file.upload_id).received_bytes == 0
        assert list(objects.list("uploads/")) == []


def test_only_the_next_byte_is_taken(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana)
    send(room, ana, file.upload_id, 0, CONTENT[:100])
    for offset in (0, 99, 101, len(CONTENT)):
        with pytest.raises(Conflict) as refused:
            begin(room, ana, file.upload_id, offset)
        assert code_of(refused) == "offset_mismatch"


def test_more_than_was_announced_is_refused_and_what_fits_can_still_come(
    room: UploadsRoom, ana: Principal
) -> None:
    file = new(room, ana)
    with pytest.raises(PayloadTooLarge) as refused:
        begin(room, ana, file.upload_id, 0, announced_bytes=len(CONTENT) + 1)
    assert code_of(refused) == "upload_length_exceeded"
    with pytest.raises(PayloadTooLarge):
        send(room, ana, file.upload_id, 0, CONTENT, b"!")
    assert content_of(room, send(room, ana, file.upload_id, 0, CONTENT)) == CONTENT


def test_no_upload_may_be_longer_than_a_file(remake: Remake, ana: Principal) -> None:
    room = remake(max_file_bytes=1000)
    with pytest.raises(PayloadTooLarge):
        new(room, ana, 1001)
    deferred = new(room, ana, None)
    with pytest.raises(PayloadTooLarge):
        send(room, ana, deferred.upload_id, 0, b"x" * 1001)
    with pytest.raises(PayloadTooLarge):
        begin(room, ana, deferred.upload_id, 0, length_bytes=1001)


def test_an_empty_file_is_refused_at_once(room: UploadsRoom, ana: Principal) -> None:
    with pytest.raises(InputError) as refused:
        new(room, ana, 0)
    assert code_of(refused) == "file_empty"


def test_a_length_may_come_last(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana, None)
    send(room, ana, file.upload_id, 0, CONTENT)
    assert get_upload(room, ana, file.upload_id).status is UploadStatus.RECEIVING
    with pytest.raises(InputError):
        begin(room, ana, file.upload_id, len(CONTENT), length_bytes=5)
    turn = begin(room, ana, file.upload_id, len(CONTENT), length_bytes=len(CONTENT))
    append(room, ana, turn, iter([]))
    assert get_upload(room, ana, file.upload_id).status is UploadStatus.UPLOADED


def test_a_second_request_waits_for_its_turn(room: UploadsRoom, ana: Principal, clock: SettableClock) -> None:
    file = new(room, ana)
    first = begin(room, ana, file.upload_id, 0)
    with pytest.raises(Conflict) as refused:
        begin(room, ana, file.upload_id, 0)
    assert code_of(refused) == "upload_locked"
    append(room, ana, first, iter([CONTENT[:10]]))
    begin(room, ana, file.upload_id, 10)


def test_who_fell_silent_loses_its_turn_and_its_bytes_are_dropped(
    room: UploadsRoom, ana: Principal, clock: SettableClock, objects: LocalStore
) -> None:
    file = new(room, ana)
    silent = begin(room, ana, file.upload_id, 0)
    clock.advance(resumable.LEASE.total_seconds() + 1)
    second = begin(room, ana, file.upload_id, 0)
    with pytest.raises(Conflict) as refused:
        append(room, ana, silent, iter([b"old bytes"]))
    assert code_of(refused) == "upload_locked"
    whole = append(room, ana, second, iter([CONTENT]))
    assert content_of(room, whole) == CONTENT
    assert len(list(objects.list("uploads/"))) == 1


def test_of_many_at_once_exactly_one_appends(room: UploadsRoom, ana: Principal) -> None:
    file = new(room, ana)
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            turn = begin(room, ana, file.upload_id, 0)
            outcomes.append(str(append(room, ana, turn, iter([CONTENT[:1000]])).received_bytes))
        except Conflict as error:
            outcomes.append(error.error_code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("1000") == 1
    assert set(outcomes) <= {"1000", "upload_locked", "offset_mismatch"}
    assert content_of(room, look(room, ana, file.upload_id)) == CONTENT[:1000]


class Failing(LocalStore):
    """A store whose second put finds no room."""

    puts = 0

    def put(self, key, parts, *, create_only=False):  # type: ignore[no-untyped-def]
        self.puts += 1
        if self.puts == 2:
            raise StorageFull("no room")
        return super().put(key, parts, create_only=create_only)


def test_a_long_request_is_kept_in_parts_so_that_a_crash_costs_only_the_last(
    remake: Remake, ana: Principal, objects: LocalStore, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resumable, "PART_BYTES", 2500)
    room = remake(objects=Failing(tmp_path / "objects"))
    file = new(room, ana)
    pieces = [CONTENT[at : at + 1000] for at in range(0, len(CONTENT), 1000)]
    with pytest.raises(StorageFull):
        send(room, ana, file.upload_id, 0, *pieces)
    kept = look(room, ana, file.upload_id)
    assert kept.received_bytes == 3000
    whole = send(room, ana, file.upload_id, 3000, *pieces[3:])
    assert [part.size_bytes for part in whole.parts] == [3000, 3000, 3000, 1240]
    assert content_of(room, whole) == CONTENT


def test_an_unfinished_upload_expires_and_is_swept_with_its_bytes(
    room: UploadsRoom, ana: Principal, clock: SettableClock, objects: LocalStore
) -> None:
    file = new(room, ana)
    send(room, ana, file.upload_id, 0, CONTENT[:100])
    clock.advance((room.file_life - timedelta(hours=1)).total_seconds())
    sweep(room, alone=False)
    # Going on puts the end off.
    send(room, ana, file.upload_id, 100, CONTENT[100:200])
    clock.advance((room.file_life - timedelta(hours=1)).total_seconds())
    assert look(room, ana, file.upload_id).received_bytes == 200
    clock.advance(2 * 3600)
    for attempt in (look, lambda *who: begin(*who, 200)):
        with pytest.raises(Conflict) as refused:
            attempt(room, ana, file.upload_id)
        assert code_of(refused) == "upload_expired"
    sweep(room, alone=False)
    with pytest.raises(NotFound):
        look(room, ana, file.upload_id)
    assert list(objects.list("uploads/")) == []


def test_an_upload_that_is_being_written_is_not_swept(
    room: UploadsRoom, ana: Principal, clock: SettableClock
) -> None:
    file = new(room, ana)
    clock.advance(room.file_life.total_seconds() - 5)
    turn = begin(room, ana, file.upload_id, 0)
    clock.advance(6)
    sweep(room, alone=False)
    assert append(room, ana, turn, iter([CONTENT])).is_complete


def test_bytes_for_an_upload_deleted_meanwhile_are_dropped(
    room: UploadsRoom, ana: Principal, objects: LocalStore
) -> None:
    file = new(room, ana)
    turn = begin(room, ana, file.upload_id, 0)
    erase(room, ana, file.upload_id)
    with pytest.raises(MusterError):
        append(room, ana, turn, iter([CONTENT]))
    assert list(objects.list("uploads/")) == []
