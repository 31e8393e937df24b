"""Edits by several processes at once, what is left behind, and what can no longer be undone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, Forbidden, NotFound
from muster.objects.local import LocalStore
from muster.predicates.model import Leaf, Operator
from muster.predicates.sort import SortKey
from muster.tables.edit import CellEdits, Edited, FilterEdit, edit
from muster.tables.erase import erase_table, withdraw
from muster.tables.hot import copied_tables
from muster.tables.ids import Question
from muster.tables.manifest import load_manifest
from muster.tables.model import Column, ColumnType, Manifest
from muster.tables.publish import publish
from muster.tables.reading import ReadingRoom, open_reading
from muster.tables.room import TablesRoom
from muster.tables.sweep import sweep
from muster.tables.undo import changes, undo
from muster.tables.window import WindowWish, newest_layout, window
from tests.tables.making import make_table

EVERY = Leaf("email", Operator.IS_NOT_EMPTY)


@pytest.fixture
def other(room: TablesRoom, tmp_path: Path) -> Iterator[ReadingRoom]:
    """Another process: the same database and objects, nothing else in common."""
    opened = open_reading(room, tmp_path / "other-hot")
    yield opened
    opened.close()


@pytest.fixture
def manifest(reading: ReadingRoom, ana: Principal) -> Manifest:
    return make_table(reading.tables, ana, [{"email": [f"{n}@x.org" for n in range(12)], "n": ["1"] * 12}])


def column(reading: ReadingRoom, principal: Principal, manifest: Manifest, name: str) -> list[object]:
    shape = newest_layout(reading, principal, manifest.table_id)
    return list(window(reading, shape, WindowWish(Question(), columns=(name,))).page.values[0])


def cell(row: int, **values: str | None) -> CellEdits:
    return CellEdits(((row, values),))


def test_another_user_can_neither_edit_nor_undo_nor_see_the_log(
    reading: ReadingRoom, ana: Principal, ben: Principal, manifest: Manifest
) -> None:
    edit(reading, ana, manifest.table_id, cell(0, email="mine"))
    for attempt in (
        lambda: edit(reading, ben, manifest.table_id, cell(0, email="stolen")),
        lambda: edit(reading, ben, manifest.table_id, FilterEdit(EVERY, {"email": "stolen"})),
        lambda: undo(reading, ben, manifest.table_id),
        lambda: changes(reading, ben, manifest.table_id, 10, None),
    ):
        with pytest.raises((Forbidden, NotFound)):
            attempt()
    assert column(reading, ana, manifest, "email")[0] == "mine"


def test_two_processes_that_edit_at_once_lose_nothing_and_leave_nothing(
    reading: ReadingRoom, other: ReadingRoom, ana: Principal, manifest: Manifest, objects: LocalStore
) -> None:
    def one(row: int) -> Edited:
        return edit((reading, other)[row % 2], ana, manifest.table_id, cell(row, email=f"e{row}"))

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(one, range(8)))
    expected = [f"e{n}" for n in range(8)] + [f"{n}@x.org" for n in range(8, 12)]
    assert column(reading, ana, manifest, "email") == expected
    assert column(other, ana, manifest, "email") == expected
    assert len({edited.version for edited in made}) == 8
    log = changes(reading, ana, manifest.table_id, 100, None).changes
    assert {change.from_version for change in log[:-1]} == {change.to_version for change in log[1:]}
    prefix = f"tables/{manifest.table_id[-2:]}/{manifest.table_id}/"
    named = {
        overlay.key
        for change in log
        for overlay in load_manifest(reading.tables, manifest.table_id, change.to_version).overlays
    }
    left = {info.key for info in objects.list(prefix) if "/edit-" in info.key}
    assert left == named


def test_what_fails_with_the_edit_leaves_the_table_as_it_was(
    reading: ReadingRoom, ana: Principal, manifest: Manifest
) -> None:
    def also(*_: object) -> None:
        raise RuntimeError("the answer could not be remembered")

    with pytest.raises(RuntimeError):
        edit(reading, ana, manifest.table_id, cell(0, email="lost"), also=also)
    assert newest_layout(reading, ana, manifest.table_id).manifest.version == 1
    assert changes(reading, ana, manifest.table_id, 10, None).changes == []
    # The version nobody points to is in nobody's way.
    assert edit(reading, ana, manifest.table_id, cell(0, email="kept")).version == 3
    assert column(reading, ana, manifest, "email")[0] == "kept"


def test_a_later_edit_of_the_same_cell_wins_and_one_request_counts_rows(
    reading: ReadingRoom, ana: Principal, manifest: Manifest
) -> None:
    both = CellEdits(((0, {"email": "first"}), (0, {"email": "second", "n": "5"}), (1, {"n": None})))
    assert edit(reading, ana, manifest.table_id, both).rows_changed == 2
    assert column(reading, ana, manifest, "email")[0] == "second"
    assert column(reading, ana, manifest, "n")[:3] == ["5", None, "1"]


def test_a_chain_of_edits_is_undone_step_by_step_also_with_new_edits_in_between(
    reading: ReadingRoom, ana: Principal, manifest: Manifest
) -> None:
    table_id, before = manifest.table_id, column(reading, ana, manifest, "email")
    edit(reading, ana, table_id, FilterEdit(EVERY, {"email": "all"}))
    edit(reading, ana, table_id, cell(3, email="three", n="3"))
    undo(reading, ana, table_id)
    assert column(reading, ana, manifest, "email") == ["all"] * 12
    edit(reading, ana, table_id, cell(4, n="4"))
    edit(reading, ana, table_id, FilterEdit(EVERY, {"n": None}))
    for expected in (["1"] * 4 + ["4"] + ["1"] * 7, ["1"] * 12):
        undo(reading, ana, table_id)
        assert column(reading, ana, manifest, "n") == expected
    undo(reading, ana, table_id)
    assert column(reading, ana, manifest, "email") == before
    with pytest.raises(NotFound, match="left to undo"):
        undo(reading, ana, table_id)


def test_a_change_of_a_table_made_anew_is_not_undone(
    reading: ReadingRoom, ana: Principal, manifest: Manifest
) -> None:
    edit(reading, ana, manifest.table_id, cell(0, email="edited"))
    anew = replace(manifest, version=3, parent=2)
    with reading.tables.db.begin() as connection:
        publish(reading.tables, connection, ana.user_id, anew)
    with pytest.raises(Conflict, match="made anew") as refusal:
        undo(reading, ana, manifest.table_id)
    assert refusal.value.error_code == "change_not_undoable"
    assert newest_layout(reading, ana, manifest.table_id).manifest.version == 3


def test_the_twin_of_every_type_follows_an_edit(reading: ReadingRoom, ana: Principal) -> None:
    made = make_table(
        reading.tables,
        ana,
        [
            {
                "day": ["2024-01-03", "2024-01-01", "2024-01-02"],
                "at": ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00+01:00", "2024-01-01 05:00"],
                "yes": ["true", "false", "true"],
                "x": ["1.5", "2", "-1"],
            }
        ],
    )
    kinds = [ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.BOOLEAN, ColumnType.NUMBER]
    assert [entry.type for entry in made.columns] == kinds
    values = {"day": "2023-05-05", "at": "2023-01-01T00:00:00Z", "yes": "True", "x": "-7"}
    edit(reading, ana, made.table_id, cell(1, **values))
    edit(reading, ana, made.table_id, cell(2, day="soon", x="7e", at=None))
    shape = newest_layout(reading, ana, made.table_id)

    def order(name: str) -> list[int]:
        return list(window(reading, shape, WindowWish(Question(None, (SortKey(name),)))).page.row_ids)

    assert [order(name) for name in ("day", "at", "x")] == [[1, 0, 2], [1, 0, 2], [1, 0, 2]]
    truly = Question(Leaf("yes", Operator.EQ, (True,)))
    assert window(reading, shape, WindowWish(truly)).total == 3


def test_a_column_name_that_is_a_pointer_is_escaped(reading: ReadingRoom, ana: Principal) -> None:
    made = make_table(reading.tables, ana, [{"a/b": ["x"]}])
    assert isinstance(made.columns[0], Column)
    edited = edit(reading, ana, made.table_id, CellEdits(((0, {"a/b": "y"}),)))
    assert edited.rows_changed == 1


def test_a_deleted_table_leaves_no_copy_even_when_one_is_made_meanwhile(
    reading: ReadingRoom, ana: Principal, manifest: Manifest, tmp_path: Path
) -> None:
    room, table_id = replace(reading.tables, hot=tmp_path / "hot"), manifest.table_id
    edit(reading, ana, table_id, cell(0, email="secret@x.org"))
    assert column(reading, ana, manifest, "email")[0] == "secret@x.org"
    late = newest_layout(reading, ana, table_id)
    with room.db.begin() as connection:
        assert withdraw(connection, ana.user_id, table_id)
    erase_table(room, table_id)
    assert copied_tables(tmp_path / "hot") == []
    (tmp_path / "hot" / table_id).mkdir()
    (tmp_path / "hot" / table_id / f"{late.groups[0].name}.arrow").write_bytes(b"secret")
    sweep(room, lambda _: ())
    assert copied_tables(tmp_path / "hot") == []
