"""What is deleted, and above all what is not."""

import os
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from muster.accounts.model import Principal
from muster.objects.keys import manifest as manifest_key
from muster.objects.keys import table_file, table_prefix
from muster.objects.local import LocalStore
from muster.tables.erase import erase_table, withdraw
from muster.tables.issues import write_row_ids
from muster.tables.manifest import keep
from muster.tables.model import Manifest, TableId
from muster.tables.publish import newest, publish
from muster.tables.reading import ReadingRoom
from muster.tables.room import TablesRoom
from muster.tables.sweep import KEPT_VERSIONS, sweep, sweep_scratch
from muster.tables.undo import undo
from tests.support.clock import SettableClock
from tests.tables.enriching import append, enrich, newest_version
from tests.tables.making import make_table
from tests.tables.portions import Built, rows_of

DAY = 24 * 60 * 60


def nobody(_: Sequence[str]) -> Collection[str]:
    return ()


def keys(objects: LocalStore) -> set[str]:
    return {found.key for found in objects.list("tables/")}


@pytest.fixture
def table(room: TablesRoom, ana: Principal, table_id: TableId) -> Manifest:
    """A published table of two parts."""
    built = Built(room, table_id).add({"a": ["x"]}).add({"a": ["y"]})
    with room.db.begin() as connection:
        return publish(room, connection, ana.user_id, built.manifest())


def edited(room: TablesRoom, owner: Principal, before: Manifest, change: str) -> Manifest:
    """The next version: one row more is hidden, in a file of its own."""
    key = table_file(before.table_id, change, "hidden.parquet")
    write_row_ids(room, key, pa.array([0]))
    after = replace(
        before,
        version=before.version + 1,
        parent=before.version,
        made_by=change,
        hidden_key=key,
        hidden_rows=1,
    )
    with room.db.begin() as connection:
        return publish(room, connection, owner.user_id, after)


def test_a_table_that_is_used_keeps_everything_but_the_notes_of_its_job(
    room: TablesRoom, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    before = keys(objects)
    assert sweep(room, nobody) == 0
    clock.advance(DAY + 60)
    assert sweep(room, nobody) == 2
    assert {key.split("/")[-2] for key in before - keys(objects)} == {"notes"}
    assert rows_of(room, table, "c0") == [(0, "x"), (1, "y")]
    assert sweep(room, nobody) == 0


def test_rows_can_still_join_after_a_sweep(
    room: TablesRoom, ana: Principal, objects: LocalStore, clock: SettableClock
) -> None:
    """What is known of its columns is part of a table: without it no row could."""
    made = make_table(room, ana, [{"a": ["x"]}, {"a": ["y"], "b": ["z"]}])
    notes = {key for key in keys(objects) if "/notes/" in key}
    clock.advance(DAY + 60)
    assert sweep(room, nobody) == 1
    assert len(notes & keys(objects)) == 1
    late = append(room, ana, made, {"c": ["w"]})
    assert [column.physical for column in late.columns] == ["c0", "c1", "c2"]


def test_an_enrichment_that_was_undone_goes_with_the_last_version_that_had_it(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, objects: LocalStore, clock: SettableClock
) -> None:
    made = make_table(room, ana, [{"a": ["x", None]}])
    version = enrich(room, ana, made, {"b": ["y", "z"]}, a={1: "w"})
    mine = {key for key in keys(objects) if f"/{version.made_by}/" in key}
    assert {key.split("/")[4] for key in mine} == {"columns", "fills", "traces"}
    clock.advance(DAY + 60)
    sweep(room, nobody)
    assert mine < keys(objects)
    undo(reading, ana, made.table_id)
    version = newest_version(room, ana, made)
    clock.advance(DAY + 60)
    sweep(room, nobody)
    assert mine < keys(objects), "an undo may still look at what it took back"
    for number in range(KEPT_VERSIONS):
        version = edited(room, ana, version, f"edit_{number}")
    clock.advance(DAY + 60)
    sweep(room, nobody)
    assert not mine & keys(objects)


def test_a_table_without_a_pointer_goes_after_a_day_unless_a_job_still_works_on_it(
    room: TablesRoom, table_id: TableId, objects: LocalStore, clock: SettableClock
) -> None:
    built = Built(room, table_id).add({"a": ["x"]})
    keep(room, built.manifest())
    assert sweep(room, nobody) == 0
    clock.advance(DAY + 60)
    assert sweep(room, lambda ids: [one for one in ids if one == table_id]) == 0
    assert sweep(room, nobody) == 3
    assert keys(objects) == set()


def test_a_job_that_has_written_lately_keeps_its_old_parts_too(
    room: TablesRoom, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    old = Built(room, table.table_id, made_by="job_two").add({"a": ["x"]})
    clock.advance(DAY + 60)
    sweep(room, nobody)
    assert old.parts[0].key not in keys(objects)
    clock.advance(-DAY - 60)
    Built(room, table.table_id, made_by="job_two").add({"a": ["x"]})
    assert sweep(room, nobody) == 0
    assert old.parts[0].key in keys(objects)


def test_versions_an_undo_may_go_back_to_stay_and_older_ones_go(
    room: TablesRoom, ana: Principal, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    version = table
    for number in range(KEPT_VERSIONS + 1):
        version = edited(room, ana, version, f"edit_{number}")
    clock.advance(DAY + 60)
    sweep(room, nobody)
    left = {key for key in keys(objects) if "manifest" in key}
    assert left == {manifest_key(table.table_id, at) for at in range(3, KEPT_VERSIONS + 3)}
    assert {key for key in keys(objects) if "/edit_0/" in key} == set()
    assert rows_of(room, version, "c0") == [(1, "y")]


def test_a_version_somebody_holds_stays_with_its_files_however_old_it_is(
    room: TablesRoom, ana: Principal, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    version = table
    for number in range(KEPT_VERSIONS + 5):
        version = edited(room, ana, version, f"edit_{number}")
    clock.advance(DAY + 60)
    sweep(room, nobody, lambda ids: {table.table_id: [2]} if table.table_id in ids else {})
    left = {key for key in keys(objects) if "manifest" in key}
    newest = range(version.version - KEPT_VERSIONS + 1, version.version + 1)
    assert left == {manifest_key(table.table_id, at) for at in (2, *newest)}
    assert {key for key in keys(objects) if "/edit_0/" in key} != set()
    # Held no longer, it goes; a version that is gone holds nothing up.
    sweep(room, nobody, lambda _ids: {table.table_id: [3, 999]})
    assert {key for key in keys(objects) if "/edit_0/" in key} == set()


def test_a_version_that_lost_the_race_goes(
    room: TablesRoom, ana: Principal, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    lost = keep(room, replace(table, version=2, parent=1, made_by="edit_lost"))
    won = edited(room, ana, table, "edit_won")
    assert won.version == 3
    clock.advance(DAY + 60)
    sweep(room, nobody)
    assert manifest_key(lost.table_id, lost.version) not in keys(objects)
    assert manifest_key(lost.table_id, won.version) in keys(objects)


def test_when_the_newest_version_cannot_be_found_nothing_is_deleted(
    room: TablesRoom, table: Manifest, objects: LocalStore, clock: SettableClock
) -> None:
    objects.delete(manifest_key(table.table_id, table.version))
    room.manifests.forget(lambda _: True)
    before = keys(objects)
    clock.advance(DAY + 60)
    assert sweep(room, nobody) == 0
    assert keys(objects) == before


def test_objects_that_are_not_of_a_table_are_not_touched(
    room: TablesRoom, objects: LocalStore, clock: SettableClock
) -> None:
    odd = {"tables/xx/whatever/file", "tables/notes.txt"}
    for key in odd:
        objects.put(key, [b"x"])
    clock.advance(2 * DAY)
    assert sweep(room, nobody) == 0
    assert keys(objects) == odd


def test_erasing_leaves_nothing_of_this_table_and_all_of_the_others(
    room: TablesRoom, ana: Principal, table: Manifest, objects: LocalStore
) -> None:
    objects.put(table_prefix("upl_1_" + "b" * 22) + "manifest-1.json", [b"{}"])
    with room.db.begin() as connection:
        assert withdraw(connection, ana.user_id, table.table_id)
    assert erase_table(room, table.table_id) == 5
    assert erase_table(room, table.table_id) == 0
    assert len(keys(objects)) == 1
    with room.db.begin() as connection:
        assert newest(connection, ana.user_id, table.table_id) is None
        assert not withdraw(connection, ana.user_id, table.table_id)


def test_scratch_files_of_killed_processes_go_after_a_day_and_younger_ones_stay(tmp_path: Path) -> None:
    old_directory, young = tmp_path / "a" / "b", tmp_path / "c" / "young"
    old_directory.mkdir(parents=True)
    young.parent.mkdir()
    old = old_directory / "old"
    for path in (old, young):
        path.write_text("x")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    assert sweep_scratch(tmp_path) == 1
    assert young.exists()
    assert old_directory.exists(), "somebody may be about to write into it"
    for directory in (old_directory, old_directory.parent):
        os.utime(directory, (two_days_ago, two_days_ago))
    assert sweep_scratch(tmp_path) == 0
    assert not old_directory.exists()
    assert sweep_scratch(tmp_path / "nowhere") == 0
