"""Versions: created once, whole, and only one of those who race becomes the newest."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, NotFound, Unavailable
from muster.ids import new_upload_id
from muster.objects.keys import manifest as manifest_key
from muster.tables.manifest import decode, encode, keep, load_manifest
from muster.tables.model import Column, ColumnType, Group, Manifest, Overlay, Part, TableId
from muster.tables.publish import newest, publish, size_bytes
from muster.tables.room import TablesRoom


def manifest_of(table_id: TableId, **members: object) -> Manifest:
    part = Part(f"tables/xx/{table_id}/job_one/g0/part-00000.parquet", 0, 10, 1234, "ab" * 32, ("_row", "c0"))
    first = Manifest(
        table_id, 1, None, "job_one", 10, 12, 2, (Column("E-mail", "c0"),), (Group((part,)),), hidden_rows=3
    )
    return replace(first, **members)


@pytest.fixture
def table_id() -> TableId:
    return TableId(new_upload_id(datetime.now(UTC)))


def test_a_manifest_survives_being_stored(table_id: TableId) -> None:
    full = manifest_of(
        table_id,
        parent=4,
        columns=(Column("é 😀", "c0", ColumnType.NUMBER, "c0_n", "run_1", 1),),
        overlays=(Overlay("c0", "k", 2),),
        issues=("a", "b"),
        hidden_key="h",
        rejects_key="r",
        profile_key="p",
    )
    assert decode(encode(full)) == full
    assert encode(full) == encode(decode(encode(full)))


@pytest.mark.parametrize("stored", [b"", b"{}", b"null", b'{"table_id":1}', b"\xff"])
def test_a_damaged_manifest_is_told_from_a_missing_one(
    files: TablesRoom, table_id: TableId, stored: bytes
) -> None:
    with pytest.raises(NotFound):
        load_manifest(files, table_id, 1)
    files.objects.put(manifest_key(table_id, 1), [stored])
    with pytest.raises(Unavailable) as refused:
        load_manifest(files, table_id, 1)
    assert refused.value.error_code == "object_damaged"


def test_keeping_the_same_manifest_again_finds_it(files: TablesRoom, table_id: TableId) -> None:
    manifest = manifest_of(table_id)
    assert keep(files, manifest) == manifest
    assert keep(files, manifest) == manifest
    assert load_manifest(files, table_id, 1) == manifest
    assert load_manifest(files, table_id, 1) is load_manifest(files, table_id, 1)


def test_a_version_somebody_left_behind_is_never_replaced(files: TablesRoom, table_id: TableId) -> None:
    left_behind = keep(files, manifest_of(table_id, made_by="edit_1"))
    mine = keep(files, manifest_of(table_id))
    assert (left_behind.version, mine.version) == (1, 2)
    assert load_manifest(files, table_id, 1) == left_behind
    assert keep(files, manifest_of(table_id)) == mine


def test_of_many_who_write_at_once_each_keeps_a_version_of_its_own(
    files: TablesRoom, table_id: TableId
) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: keep(files, manifest_of(table_id, made_by=f"edit_{n}")), range(16)))
    assert sorted(manifest.version for manifest in kept) == list(range(1, 17))
    for manifest in kept:
        assert load_manifest(files, table_id, manifest.version) == manifest


def test_publishing_points_to_the_version_and_may_run_twice(
    room: TablesRoom, ana: Principal, table_id: TableId
) -> None:
    for _ in range(2):
        with room.db.begin() as connection:
            assert publish(room, connection, ana.user_id, manifest_of(table_id)).version == 1
    with room.db.read() as connection:
        pointer = newest(connection, ana.user_id, table_id)
    assert pointer is not None
    assert (pointer.version, pointer.rows, pointer.size_bytes) == (1, 7, 1234)


def test_of_two_who_changed_the_same_version_one_is_refused_and_nothing_is_lost(
    room: TablesRoom, ana: Principal, table_id: TableId
) -> None:
    with room.db.begin() as connection:
        publish(room, connection, ana.user_id, manifest_of(table_id))
    first = manifest_of(table_id, version=2, parent=1, made_by="edit_1")
    second = manifest_of(table_id, version=2, parent=1, made_by="edit_2")
    with room.db.begin() as connection:
        publish(room, connection, ana.user_id, first)
    with pytest.raises(Conflict) as refused, room.db.begin() as connection:
        publish(room, connection, ana.user_id, second)
    assert refused.value.error_code == "table_changed"
    with room.db.read() as connection:
        pointer = newest(connection, ana.user_id, table_id)
    assert pointer is not None
    assert load_manifest(room, table_id, pointer.version) == first


def test_a_table_deleted_meanwhile_does_not_come_back(
    room: TablesRoom, ana: Principal, table_id: TableId
) -> None:
    with pytest.raises(Conflict), room.db.begin() as connection:
        publish(room, connection, ana.user_id, manifest_of(table_id, version=2, parent=1))


def test_the_size_of_a_version_is_that_of_all_its_groups(table_id: TableId) -> None:
    one = manifest_of(table_id).groups[0]
    assert size_bytes(manifest_of(table_id, groups=(one, one))) == 2468
