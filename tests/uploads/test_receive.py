import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import select

from muster.accounts.model import Principal
from muster.db.database import Connection, Database
from muster.db.schema import audit_log, upload_tokens, uploads
from muster.errors import StorageFull
from muster.ids import secret_hash
from muster.objects.keys import rejects as rejects_key
from muster.objects.local import LocalStore
from muster.records.parse import BatchQuery, parse_batch
from muster.uploads.model import Receipt, UploadStatus
from muster.uploads.read import Records, Rejects, get_upload
from muster.uploads.receive import receive
from muster.uploads.room import UploadsRoom
from tests.uploads.conftest import Send

BATCH = b'{"upload_name":"x","records":[{"email":"a@example.org"}]}'


def test_a_batch_is_stored_with_its_row_its_bytes_and_a_line_in_the_audit_log(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    receipt = send([{"email": "a@example.org", "n": 1}], fields=["n"])
    upload = get_upload(room, ana, receipt.upload_id)
    assert (upload.rows_received, upload.rows_accepted, upload.rows_rejected) == (1, 1, 0)
    assert upload.status is UploadStatus.UPLOADED
    assert upload.fields == ("n",)
    assert b"".join(Records(room, upload).stream_json()) == b'[{"email": "a@example.org", "n": 1}]'
    with room.db.read() as connection:
        (line,) = connection.execute(select(audit_log).where(audit_log.c.subject == receipt.upload_id))
    assert (line.action, line.details) == ("upload.received", {"rows": 1})


def test_only_the_hash_of_the_session_token_is_stored(room: UploadsRoom, send: Send) -> None:
    receipt = send([{"email": "a@example.org"}])
    with room.db.read() as connection:
        (stored,) = connection.execute(select(upload_tokens.c.token_hash)).scalars()
    assert stored == secret_hash(receipt.upload_token)


def test_skipped_records_are_kept_with_row_code_and_bytes(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    receipt = send([{}, {"email": "a@example.org"}, 5, {"email": " "}], on_invalid="skip")
    assert (receipt.rows_received, receipt.rows_accepted, receipt.issues_total) == (4, 1, 3)
    upload = get_upload(room, ana, receipt.upload_id)
    kept = [json.loads(bytes(raw)) for raw in Rejects(room, rejects_key(upload.id)).window(0, 10)]
    assert [(reject["row"], reject["code"], reject["record"]) for reject in kept] == [
        (0, "identity_missing", {}),
        (2, "record_not_object", 5),
        (3, "identity_blank", {"email": " "}),
    ]


def test_a_batch_of_only_bad_records_can_be_skipped_whole(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    upload = get_upload(room, ana, send([{}, {}], on_invalid="skip").upload_id)
    assert upload.rows_accepted == 0
    assert upload.fields == ()
    assert b"".join(Records(room, upload).stream_json()) == b"[]"


def test_fields_of_a_large_batch_are_worked_out_by_the_first_reader(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    records = [{"email": f"user{number}@example.org", "pad": "x" * 100} for number in range(2000)]
    receipt = send([*records, {"domain": "example.org", "late": 1}])
    with room.db.read() as connection:
        assert connection.execute(select(uploads.c.fields)).scalar_one() is None
    expected = ("email", "pad", "domain", "late")
    assert get_upload(room, ana, receipt.upload_id).fields == expected
    with room.db.read() as connection:
        assert tuple(connection.execute(select(uploads.c.fields)).scalar_one()) == expected


class FullAfter(LocalStore):
    """A store on a disk that is full after some puts."""

    puts_left = 0

    def put(
        self, key: str, parts: Iterable[bytes | bytearray | memoryview], *, create_only: bool = False
    ) -> int:
        if self.puts_left == 0:
            raise StorageFull("full")
        self.puts_left -= 1
        return super().put(key, parts, create_only=create_only)


@pytest.mark.parametrize("puts", [0, 1])
def test_a_full_disk_leaves_nothing_behind_and_the_next_batch_passes(
    room: UploadsRoom, ana: Principal, tmp_path_factory: pytest.TempPathFactory, puts: int
) -> None:
    store = FullAfter(tmp_path_factory.mktemp("small"))
    store.puts_left = puts
    small = replace(room, objects=store)
    batch = parse_batch(
        b'{"upload_name":"x","on_invalid":"skip","records":[{"email":"a"},{}]}',
        max_records=9,
        query=BatchQuery(),
    )
    with pytest.raises(StorageFull):
        receive(small, ana, batch)
    assert _count(room.db) == 0
    assert list(store.list("uploads/")) == []
    store.puts_left = 2
    assert receive(small, ana, batch).rows_accepted == 1


def test_a_failing_transaction_takes_the_bytes_back(
    room: UploadsRoom, ana: Principal, objects: LocalStore
) -> None:
    def fail(_connection: Connection, _receipt: Receipt) -> None:
        raise RuntimeError("the answer could not be remembered")

    with pytest.raises(RuntimeError):
        receive(room, ana, parse_batch(BATCH, max_records=9, query=BatchQuery()), fail)
    assert _count(room.db) == 0
    assert list(objects.list("uploads/")) == []


def _count(db: Database) -> int:
    with db.read() as connection:
        return len(connection.execute(select(uploads.c.id)).all())
