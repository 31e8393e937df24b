"""What is kept and what goes: old versions of tables, old counts, leftovers of crashes."""

from collections.abc import Sequence

import pytest

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.ids import new_segment_id
from muster.objects.keys import SEGMENTS, segment_file
from muster.objects.local import LocalStore
from muster.predicates.model import Leaf, Operator
from muster.segments.manual import IdentityEntry
from muster.segments.members import open_members
from muster.segments.model import KEPT_VERSIONS, By, Definition, Kind, Label
from muster.segments.refresh import current
from muster.segments.room import SegmentsRoom
from muster.segments.save import Wish, change_members, create
from muster.segments.sweep import sweep
from muster.segments.version_store import held
from muster.tables.sweep import KEPT_VERSIONS as KEPT_TABLES
from muster.tables.sweep import sweep as sweep_tables
from tests.segments.conftest import Tables
from tests.segments.test_members import scanned
from tests.support.clock import SettableClock

DAY = 24 * 3600
US = Leaf("country", Operator.EQ, ("US",))


def nobody(_ids: Sequence[str]) -> Sequence[str]:
    return ()


def keys(objects: LocalStore) -> set[str]:
    return {found.key for found in objects.list(SEGMENTS)}


def test_a_snapshot_keeps_its_values_however_often_its_table_is_edited(
    room: SegmentsRoom, ana: Principal, tables: Tables, clock: SettableClock
) -> None:
    upload_id = tables.add([{"country": "US", "note": "first"}, {"country": "DE", "note": "x"}])
    definition = Definition((upload_id,), US)
    tables.edit(upload_id, {0: {"note": "then"}})
    kept = create(room, ana, Wish(Label("kept"), definition, Kind.SNAPSHOT), by_job=False)
    for number in range(KEPT_TABLES + 5):
        tables.edit(upload_id, {0: {"note": f"edit {number}", "country": "FR"}})

    def held_now(ids: Sequence[str]) -> dict[str, set[int]]:
        with room.db.read() as connection:
            return held(connection, ids)

    clock.advance(DAY + 60)
    assert sweep_tables(room.reading.tables, nobody, held_now) > 0
    room.reading.tables.manifests.forget(lambda _key: True)
    assert scanned(open_members(room, ana, kept.id)) == [((upload_id, 0), {"country": "US", "note": "then"})]


def test_members_of_the_newest_counts_are_kept_and_of_older_ones_the_size(
    room: SegmentsRoom, ana: Principal, tables: Tables, objects: LocalStore
) -> None:
    upload_id = tables.add([{"country": "US"}, {"country": "US"}])
    segment = create(room, ana, Wish(Label("often"), Definition((upload_id,), US)), by_job=False)
    for number in range(KEPT_VERSIONS + 1):
        tables.edit(upload_id, {1: {"country": "DE" if number % 2 else "US "}})
        segment = current(room, ana, segment.id)
    assert segment.version == KEPT_VERSIONS + 2
    assert len(keys(objects)) == KEPT_VERSIONS
    assert open_members(room, ana, segment.id, version=3).count == 1
    with pytest.raises(NotFound) as refused:
        open_members(room, ana, segment.id, version=2)
    assert refused.value.error_code == "segment_version_gone"


def test_what_nobody_names_goes_after_a_day_unless_a_job_works_on_it(
    room: SegmentsRoom, ana: Principal, tables: Tables, objects: LocalStore, clock: SettableClock
) -> None:
    upload_id = tables.add([{"country": "US", "email": "a@example.com"}])
    segment = create(room, ana, Wish(Label("used"), Definition((upload_id,), US)), by_job=False)
    change_members(room, ana, segment.id, [IdentityEntry(By.EMAIL, "a@example.com")], [], [])
    named = keys(objects)
    gone = new_segment_id()
    for key in (
        segment_file(gone, "job_1", "members.parquet"),
        segment_file(segment.id, "job_late", "members.parquet"),
    ):
        objects.put(key, [b"x"])
    objects.put("segments/xx/not-ours/a/b", [b"x"])
    assert sweep(room, nobody) == 0
    clock.advance(DAY + 60)
    assert sweep(room, lambda ids: [one for one in ids if one in {gone, segment.id}]) == 0
    assert sweep(room, nobody) == 2
    assert keys(objects) == named | {"segments/xx/not-ours/a/b"}
    assert open_members(room, ana, segment.id).count == 1
