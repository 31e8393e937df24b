"""A profile that follows its table: as one made anew would be, though only what changed was looked at."""

from dataclasses import replace

import pytest

from muster.accounts.model import Principal
from muster.objects.keys import table_file
from muster.tables.edit import CellEdits, edit
from muster.tables.manifest import keep
from muster.tables.model import Manifest
from muster.tables.profile import build_profile, load_profile, store_profile
from muster.tables.profile_extend import extended, with_profile
from muster.tables.profile_model import Profile
from muster.tables.publish import point_to
from muster.tables.reading import ReadingRoom
from muster.tables.room import TablesRoom
from muster.tables.undo import undo
from tests.tables.enriching import append, enrich, newest_version
from tests.tables.making import make_table

KINDS = {"c0": {"text": 3, "null": 1}}


@pytest.fixture
def table(room: TablesRoom, ana: Principal) -> Manifest:
    """With a profile, as a job leaves it."""
    made = make_table(room, ana, [{"city": ["Graz", None, "Wien", "Graz"], "n": ["1", "2", "3", "4"]}])
    key = table_file(made.table_id, "job", "profile.json")
    store_profile(room, key, build_profile(room, made, KINDS))
    kept = keep(room, replace(made, version=2, parent=1, profile_key=key))
    with room.db.begin() as connection:
        point_to(room, connection, ana.user_id, kept)
    return kept


def profile(room: TablesRoom, manifest: Manifest) -> Profile:
    assert manifest.profile_key is not None
    return load_profile(room, manifest.profile_key)


def test_a_table_without_a_profile_gets_none(room: TablesRoom, ana: Principal) -> None:
    made = make_table(room, ana, [{"a": ["x"]}])
    assert enrich(room, ana, made, {"b": ["y"]}).profile_key is None


def test_an_enrichment_is_in_the_profile_and_edits_of_before_are_too(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    edit(reading, ana, table.table_id, CellEdits(((0, {"n": "7"}),)))
    edited = newest_version(room, ana, table)
    assert edited.is_edited_since_profile
    after = enrich(room, ana, table, {"size": ["10", None, "10", "30"]}, city={1: "Linz"})
    assert not after.is_edited_since_profile
    found = profile(room, after)
    assert found == build_profile(room, after, KINDS)
    assert [(column.name, column.filled) for column in found.columns] == [("city", 4), ("n", 4), ("size", 3)]
    assert found.columns[0].kinds == KINDS["c0"]
    edit(reading, ana, table.table_id, CellEdits(((0, {"size": "8"}),)))
    assert newest_version(room, ana, table).is_edited_since_profile
    undo(reading, ana, table.table_id)
    assert not newest_version(room, ana, table).is_edited_since_profile


def test_undo_goes_back_to_the_profile_of_before(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    edit(reading, ana, table.table_id, CellEdits(((0, {"n": "7"}),)))
    enrich(room, ana, table, {"size": ["10", None, "10", "30"]})
    undo(reading, ana, table.table_id)
    now = newest_version(room, ana, table)
    assert now.profile_key == table.profile_key
    assert now.is_edited_since_profile
    undo(reading, ana, table.table_id)
    assert not newest_version(room, ana, table).is_edited_since_profile


def test_rows_that_joined_are_counted_again_in_every_column(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    append(room, ana, table, {"city": ["Enns"]})
    after = enrich(room, ana, table, {"size": ["10", None, "10", "30", "5"]})
    found = profile(room, after)
    assert found.rows == 5
    assert found == build_profile(room, after, KINDS)


def test_only_what_changed_is_looked_at(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    after = enrich(room, ana, table, {"size": ["10", None, "10", "30"]})
    before = profile(room, after)
    marked = replace(before, columns=(replace(before.columns[0], distinct=99), *before.columns[1:]))
    assert extended(room, after, marked) == marked


def test_work_that_is_to_end_leaves_the_profile_as_it_was(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    after = enrich(room, ana, table, {"size": ["10", None, "10", "30"]})

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        with_profile(room, replace(after, profile_key=table.profile_key, profiled=()), "tables/never", stop)
