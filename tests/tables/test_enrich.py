"""What an enrichment leaves in a table, whatever happened to the table while it ran, and how it is taken back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.ids import UserId
from muster.tables.edit import CellEdits, Edited, edit
from muster.tables.enrich import publish_enrichment, with_enrichment
from muster.tables.manifest import decode, encode
from muster.tables.model import Added, ChangeKind, ColumnType, Manifest
from muster.tables.publish import publish
from muster.tables.reading import ReadingRoom
from muster.tables.room import TablesRoom
from muster.tables.sweep import files_of
from muster.tables.undo import changes, undo
from tests.tables.enriching import Run, append, enrich, newest_version
from tests.tables.making import Cells, make_table
from tests.tables.portions import rows_of

LEADS: Cells = {"email": ["a@x.org", "b@y.org", None, "d@z.org"], "city": ["Graz", None, None, None]}
DOMAINS = ["x.org", "y.org", None, "z.org"]


@pytest.fixture
def table(room: TablesRoom, ana: Principal) -> Manifest:
    return make_table(room, ana, [LEADS])


def shown(room: TablesRoom, manifest: Manifest, name: str) -> list[object]:
    column = manifest.column(name)
    assert column is not None
    return [row[1] for row in rows_of(room, manifest, column.physical)]


def cell(row: int, **values: str | None) -> CellEdits:
    return CellEdits(((row, values),))


@pytest.fixture
def edited(reading: ReadingRoom, ana: Principal, table: Manifest) -> Callable[..., Edited]:
    """Edit cells of one row: `edited(0, city="Krems")`."""
    return lambda row, **values: edit(reading, ana, table.table_id, cell(row, **values))


def test_nobody_else_can_put_something_into_a_table(
    room: TablesRoom, ben: Principal, table: Manifest
) -> None:
    with pytest.raises(Conflict) as refusal:
        Run(room, table, {"domain": DOMAINS}).publish(ben)
    assert refusal.value.error_code == "table_changed"


def test_columns_are_added_and_cells_filled_in_one_version(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    told: list[tuple[int, int]] = []
    run = Run(
        room, table, {"domain": DOMAINS, "free": ["true", "false", None, "true"]}, {"city": {1: "Wien"}}
    )
    after = run.publish(ana, lambda _, manifest, change_id: told.append((manifest.version, change_id)))
    assert shown(room, after, "domain") == DOMAINS
    assert shown(room, after, "city") == ["Graz", "Wien", None, None]
    assert [(column.name, column.type, column.origin) for column in after.columns[2:]] == [
        ("domain", ColumnType.TEXT, "enrichment:pretend"),
        ("free", ColumnType.BOOLEAN, "enrichment:pretend"),
    ]
    (change,) = changes(reading, ana, table.table_id, 10, None).changes
    assert (change.kind, change.columns) == (ChangeKind.ENRICHMENT, ("domain", "free", "city"))
    assert told == [(after.version, change.id)]
    assert newest_version(room, ana, table) == after
    assert decode(encode(after)) == after
    assert {traces.key for traces in after.added[0].traces} < files_of(after)


def test_a_manifest_of_before_there_were_enrichments_can_still_be_read(table: Manifest) -> None:
    stored = encode(table).replace(b',"profiled":[],"added":[]', b"")
    assert b"added" not in stored
    assert decode(stored) == table


def test_what_a_run_wrote_down_is_kept_as_long_as_the_version(table: Manifest) -> None:
    added = Added("enr_1", (), (), failures="tables/f", reports=("tables/r", "tables/s"))
    after = with_enrichment(table, None, [], added)
    assert files_of(after) - files_of(table) == {"tables/f", "tables/r", "tables/s"}


def test_a_step_that_runs_again_changes_nothing(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    run = Run(room, table, {"domain": DOMAINS})
    after = run.publish(ana)
    assert run.publish(ana, lambda *_: pytest.fail("it was told before")) == after


def test_nothing_shows_when_the_transaction_fails(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    def also(*_: object) -> None:
        raise RuntimeError("the run could not be noted")

    run = Run(room, table, {"domain": DOMAINS})
    with pytest.raises(RuntimeError):
        run.publish(ana, also)
    assert newest_version(room, ana, table) == table
    assert run.publish(ana).version == 2


def test_somebody_who_is_faster_is_no_reason_to_fail(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    """The edit comes between reading the newest version and pointing to the next one."""
    left = [1]
    run = Run(room, table, {"domain": DOMAINS}, {"city": {1: "Wien", 3: "Linz"}})

    def pause() -> None:
        if left:
            left.pop()
            edit(reading, ana, table.table_id, cell(1, city="Melk"))

    after = publish_enrichment(room, ana.user_id, "job", run.wanted, 4, pause=pause)
    assert shown(room, after, "city") == ["Graz", "Melk", None, "Linz"]
    assert shown(room, after, "domain") == DOMAINS
    assert len(after.added) == 1


def test_cells_that_changed_while_it_ran_keep_what_they_got(
    room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    edited(0, city="Krems")
    edited(2, city="Steyr")
    run = Run(room, newest_version(room, ana, table), {}, {"city": dict(enumerate(["A", "B", "C", "D"]))})
    edited(1, city="Melk")
    edited(2, city=None)
    after = run.publish(ana)
    # An edit of before is replaced as planned; those made meanwhile are not, also where a cell was emptied.
    assert shown(room, after, "city") == ["A", "Melk", None, "D"]


def test_an_undo_while_it_ran_is_such_a_change(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    edited(0, city="Krems")
    run = Run(room, newest_version(room, ana, table), {}, {"city": {0: "A", 1: "B"}})
    undo(reading, ana, table.table_id)
    assert shown(room, run.publish(ana), "city") == ["Graz", "B", None, None]


def test_rows_that_joined_while_it_ran_are_empty_in_new_columns(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    run = Run(room, table, {"domain": DOMAINS}, {"city": {3: "Linz"}})
    append(room, ana, table, {"email": ["e@v.org"], "city": ["Enns"]})
    after = run.publish(ana)
    assert shown(room, after, "domain") == [*DOMAINS, None]
    assert shown(room, after, "city") == ["Graz", None, None, "Linz", "Enns"]


def test_two_runs_at_once_both_stay(room: TablesRoom, ana: Principal, table: Manifest) -> None:
    one = Run(room, table, {"domain": DOMAINS}, {"city": {1: "Wien", 2: "Bern"}})
    two = Run(room, table, {"size": ["1", "2", "3", "4"]}, {"city": {2: "Ulm", 3: "Hof"}})
    one.publish(ana)
    after = two.publish(ana)
    assert shown(room, after, "domain") == DOMAINS
    assert shown(room, after, "size") == ["1", "2", "3", "4"]
    assert shown(room, after, "city") == ["Graz", "Wien", "Bern", "Hof"]
    assert [column.group for column in after.columns] == [0, 0, 1, 2]


def test_a_new_column_whose_name_was_taken_meanwhile_fills_what_is_empty_there(
    room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    run = Run(room, table, {"domain": DOMAINS, "size": ["1", "2", "3", "4"]})
    enrich(room, ana, table, {"domain": [None, "other.org", None, "gone.org"]})
    append(room, ana, table, {"email": ["e@v.org"], "domain": ["v.org"]})
    edited(3, domain=None)
    after = run.publish(ana)
    assert shown(room, after, "domain") == ["x.org", "other.org", None, None, "v.org"]
    assert shown(room, after, "size") == ["1", "2", "3", "4", None]
    assert [column.name for column in after.columns] == ["email", "city", "domain", "size"]


def test_a_table_made_anew_takes_no_results_of_the_old_one(
    room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    run = Run(room, table, {"domain": DOMAINS})
    part = replace(table.groups[0].parts[0], sha256="another")
    anew = replace(table, version=2, parent=1, groups=(replace(table.groups[0], parts=(part,)),))
    with room.db.begin() as connection:
        publish(room, connection, ana.user_id, anew)
    with pytest.raises(Conflict, match="made anew") as refusal:
        run.publish(ana)
    assert refusal.value.error_code == "table_changed"


def test_a_column_that_was_to_be_filled_and_is_gone_is_a_conflict(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    wide = enrich(room, ana, table, {"domain": DOMAINS})
    run = Run(room, wide, {}, {"domain": {2: "v.org"}})
    undo(reading, ana, table.table_id)
    with pytest.raises(Conflict, match="gone") as refusal:
        run.publish(ana)
    assert refusal.value.error_code == "table_changed"


def test_hidden_rows_stay_hidden(room: TablesRoom, ana: Principal) -> None:
    table = make_table(room, ana, [LEADS], hidden=[1])
    after = enrich(room, ana, table, {"domain": DOMAINS}, city={1: "Wien", 3: "Linz"})
    assert shown(room, after, "domain") == ["x.org", None, "z.org"]
    assert shown(room, after, "city") == ["Graz", None, "Linz"]
    assert after.visible_rows == 3


def test_a_user_without_a_table_is_told_that_it_was_deleted(room: TablesRoom, table: Manifest) -> None:
    run = Run(room, table, {"domain": DOMAINS})
    nobody = Principal(UserId("usr_nobody"), frozenset(), "cli")
    with pytest.raises(Conflict, match="deleted"):
        run.publish(nobody)


def test_undo_takes_columns_and_cells_back_and_keeps_what_others_did(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    edited(1, city="Melk")
    one = enrich(room, ana, table, {"size": ["1", "2", "3", "4"]}, city={2: "Ulm"})
    two = enrich(room, ana, table, {"domain": DOMAINS}, city={1: "Wien", 3: "Linz"})
    assert shown(room, two, "city") == ["Graz", "Wien", "Ulm", "Linz"]
    back = undo(reading, ana, table.table_id)
    now = newest_version(room, ana, table)
    assert now.version == back.version
    assert replace(now, version=0, parent=0, made_by="") == replace(one, version=0, parent=0, made_by="")
    undo(reading, ana, table.table_id)
    now = newest_version(room, ana, table)
    assert [column.name for column in now.columns] == ["email", "city"]
    assert len(now.groups) == 1
    assert now.added == ()
    assert shown(room, now, "city") == ["Graz", "Melk", None, None]


def test_edits_of_what_was_enriched_are_undone_first(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    enrich(room, ana, table, {"domain": DOMAINS}, city={1: "Wien"})
    (change,) = changes(reading, ana, table.table_id, 10, None).changes
    edited(2, domain="v.org", city="Enns")
    with pytest.raises(Conflict) as refusal:
        undo(reading, ana, table.table_id, change.id)
    assert refusal.value.error_code == "change_not_newest"
    undo(reading, ana, table.table_id)
    undo(reading, ana, table.table_id, change.id)
    assert shown(room, newest_version(room, ana, table), "city") == LEADS["city"]


def test_rows_that_joined_later_stay_with_all_they_brought_and_are_no_obstacle(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest, edited: Callable[..., Edited]
) -> None:
    edited(0, city="Krems")
    enrich(room, ana, table, {"domain": DOMAINS, "size": ["1", "2", "3", "4"]}, city={1: "Wien"})
    append(room, ana, table, {"email": ["e@v.org"], "city": ["Enns"], "domain": ["v.org"]})
    retry = changes(reading, ana, table.table_id, 10, None).changes[0]
    with pytest.raises(Conflict, match="added rows") as refusal:
        undo(reading, ana, table.table_id, retry.id)
    assert refusal.value.error_code == "change_not_undoable"
    undo(reading, ana, table.table_id)
    now = newest_version(room, ana, table)
    assert [(column.name, column.group) for column in now.columns] == [
        ("email", 0),
        ("city", 0),
        ("domain", 0),
    ]
    assert shown(room, now, "domain") == [None, None, None, None, "v.org"]
    assert shown(room, now, "city") == ["Krems", None, None, None, "Enns"]
    undo(reading, ana, table.table_id)
    assert shown(room, newest_version(room, ana, table), "city")[0] == "Graz"
    more = append(room, ana, table, {"email": ["f@u.org"], "domain": ["u.org"]})
    assert shown(room, more, "domain") == [None, None, None, None, "v.org", "u.org"]


def test_an_enrichment_of_a_table_made_anew_is_not_undone(
    reading: ReadingRoom, room: TablesRoom, ana: Principal, table: Manifest
) -> None:
    wide = enrich(room, ana, table, {"domain": DOMAINS})
    with room.db.begin() as connection:
        publish(room, connection, ana.user_id, replace(table, version=wide.version + 1, parent=wide.version))
    with pytest.raises(Conflict, match="made anew") as refusal:
        undo(reading, ana, table.table_id)
    assert refusal.value.error_code == "change_not_undoable"
