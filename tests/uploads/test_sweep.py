from datetime import timedelta

from muster.accounts.model import Principal
from muster.ids import new_upload_id
from muster.objects.keys import manifest, records, table_file
from muster.objects.local import LocalStore
from muster.uploads.room import UploadsRoom
from muster.uploads.sweep import sweep
from tests.support.clock import SettableClock
from tests.uploads.conftest import Send


def keys(objects: LocalStore) -> list[str]:
    return [found.key for found in objects.list("uploads/")]


def test_an_orphan_goes_and_every_upload_stays(
    room: UploadsRoom, objects: LocalStore, send: Send, clock: SettableClock, ana: Principal
) -> None:
    kept = [records(send([{"email": "a@example.org"}]).upload_id) for _ in range(3)]
    orphan = records(new_upload_id(clock()))
    objects.put(orphan, [b"left behind by a crash"])
    clock.advance(5)
    assert sweep(room, alone=True) == 1
    assert keys(objects) == sorted(kept)


def test_bytes_that_may_still_get_their_row_are_left_alone(
    room: UploadsRoom, objects: LocalStore, clock: SettableClock
) -> None:
    young = records(new_upload_id(clock()))
    objects.put(young, [b"its transaction is under way"])
    clock.advance(5)
    assert sweep(room, alone=False) == 0
    assert keys(objects) == [young]
    clock.advance(timedelta(hours=23).total_seconds())
    assert sweep(room, alone=False) == 0
    clock.advance(timedelta(hours=1).total_seconds())
    assert sweep(room, alone=False) == 1


def test_a_sweep_beside_a_running_server_takes_only_what_was_there_before_it(
    room: UploadsRoom, objects: LocalStore, clock: SettableClock
) -> None:
    orphan = records(new_upload_id(clock()))
    objects.put(orphan, [b"left behind by a crash"])
    before_it = next(objects.list("uploads/")).modified_at
    assert sweep(room, alone=False, written_before=before_it - timedelta(seconds=1)) == 0
    assert sweep(room, alone=False, written_before=before_it) == 1
    assert keys(objects) == []


def test_files_of_a_table_whose_upload_is_gone_go_too(
    room: UploadsRoom, objects: LocalStore, send: Send, clock: SettableClock
) -> None:
    kept = send([{"email": "a@example.org"}]).upload_id
    for upload_id in (kept, new_upload_id(clock())):
        objects.put(table_file(upload_id, "job_1", "g0/part-00000.parquet"), [b"part"])
        objects.put(manifest(upload_id, 1), [b"{}"])
    clock.advance(5)
    assert sweep(room, alone=True) == 2
    assert len(list(objects.list("tables/"))) == 2


def test_keys_that_are_nobodys_upload_are_not_touched(
    room: UploadsRoom, objects: LocalStore, clock: SettableClock
) -> None:
    objects.put("uploads/README/notes/hello.txt", [b"put here by a person"])
    clock.advance(30 * 3600)
    assert sweep(room, alone=False) == 0
    assert keys(objects) == ["uploads/README/notes/hello.txt"]
