"""What stands in cells, transformed for every row that matches: one change, undone as one."""

from typing import Any

import pytest

from muster.accounts.model import Principal
from muster.errors import InputError
from muster.predicates.sort import SortKey
from muster.records.transforms import Action, Transform
from muster.tables.edit import CellEdits, edit
from muster.tables.ids import Question, all_ids
from muster.tables.model import ColumnType, Manifest
from muster.tables.page import page
from muster.tables.reading import ReadingRoom
from muster.tables.transform import TransformEdit
from muster.tables.undo import undo
from muster.tables.window import newest_layout
from tests.tables.making import make_table
from tests.tables.served import Table

UPPER = (Transform(Action.UPPER),)


def texts(reading: ReadingRoom, owner: Principal, manifest: Manifest, name: str) -> list[str | None]:
    shape = newest_layout(reading, owner, manifest.table_id)
    ids = all_ids(reading, shape, Question()).array().to_pylist()
    return list(page(reading, shape, ids, [shape.columns[name]]).values[0])


REFUSED: list[tuple[Any, str]] = [
    ({"transform": {}}, "edit_empty"),
    ({"transform": {"email": []}}, "actions_invalid"),
    ({"transform": {"email": {"action": "explode"}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "drop"}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "trim", "field": "email"}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "replace"}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "replace", "find": "(", "regex": True}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "set", "value": [1]}}}, "actions_invalid"),
    ({"transform": {"email": {"action": "trim"}}, "set": {"email": "x"}}, "selection_unclear"),
    (
        {"transform": {"email": {"action": "trim"}}, "edits": [{"row": 0, "set": {"email": "x"}}]},
        "selection_unclear",
    ),
    ({"transform": {"emial": {"action": "trim"}}}, "column_unknown"),
    ({"transform": {"email": {"action": "trim"}}, "filter": {"field": "nope", "op": "is_empty"}}, "filter_invalid"),
    ({"filter": {"field": "email", "op": "is_empty"}, "set": {"email": "x"}, "view": "issues"}, "selection_unclear"),
]  # fmt: skip


def test_what_cannot_be_done_is_refused_and_changes_nothing(table: Table) -> None:
    for body, code in REFUSED:
        answer = table.send("PATCH", "/rows", body)
        assert (answer.status_code, answer.json()["code"]) == (400, code), body
    assert table.rows()["version"] == 1


def test_another_user_transforms_nothing(table: Table) -> None:
    body = {"transform": {"email": {"action": "upper"}}}
    for headers in (table.bob.headers, {"Authorization": f"Bearer {table.link}"}):
        answer = table.app.client.request("PATCH", f"{table.url}/rows", json=body, headers=headers)
        assert answer.status_code == 403


def test_one_change_seen_filtered_logged_and_taken_back(table: Table) -> None:
    body = {
        "filter": {"field": "email", "op": "ends_with", "value": ".com"},
        "transform": {"email": [{"action": "upper"}, {"action": "replace", "find": "EXAMPLE", "replace": "acme"}]},
    }  # fmt: skip
    answer = table.send("PATCH", "/rows", body).json()
    assert (answer["version"], answer["rows_changed"]) == (2, 2)
    found = table.rows(filter='{"field": "email", "op": "eq", "value": "BOB@acme.COM"}')
    assert [row["_row_id"] for row in found["rows"]] == [1]
    assert found["rows"][0]["_edited"] == ["email"]
    (change,) = table.send("GET", "/changes", None).json()["changes"]
    assert (change["kind"], change["columns"], change["rows"]) == ("filter", ["email"], 2)
    assert table.send("POST", "/undo", {}).status_code == 200
    assert [row["values"][0] for row in table.rows()["rows"]][:2] == ["ana@example.com", "bob@example.com"]


def test_only_rows_with_issues_when_asked(table: Table) -> None:
    answer = table.send(
        "PATCH", "/rows", {"view": "issues", "transform": {"email": {"action": "upper"}}}
    ).json()
    assert answer["rows_changed"] == 2
    assert [row["values"][0] for row in table.rows()["rows"]] == [
        "ana@example.com", "BOB@EXAMPLE.COM", "cyd@example.org", None, "EVE@EXAMPLE.ORG",
    ]  # fmt: skip


def test_cells_that_stay_as_they_are_make_no_change(table: Table) -> None:
    answer = table.send("PATCH", "/rows", {"transform": {"email": {"action": "lower"}}}).json()
    assert (answer["version"], answer["rows_changed"], answer["change_id"]) == (1, 0, None)


def test_empty_cells_are_set_and_only_counted_once_for_two_columns(
    reading: ReadingRoom, ana: Principal
) -> None:
    manifest = make_table(
        reading.tables, ana, [{"a": ["x", None, "y"], "b": [None, None, "Y"]}, {"a": [None], "b": ["q"]}]
    )
    wanted = TransformEdit({"a": (Transform(Action.SET, value="y"),), "b": (Transform(Action.LOWER),)})
    edited = edit(reading, ana, manifest.table_id, wanted)
    assert edited.rows_changed == 4
    assert texts(reading, ana, manifest, "a") == ["y"] * 4
    assert texts(reading, ana, manifest, "b") == [None, None, "y", "q"]


def test_edits_of_before_are_seen_and_hidden_rows_are_left_alone(
    reading: ReadingRoom, ana: Principal
) -> None:
    manifest = make_table(reading.tables, ana, [{"a": ["é", "ß", "c", "d"]}], hidden=[2])
    edit(reading, ana, manifest.table_id, CellEdits(((0, {"a": "straße"}), (3, {"a": None}))))
    edited = edit(reading, ana, manifest.table_id, TransformEdit({"a": UPPER}))
    assert edited.rows_changed == 2
    assert texts(reading, ana, manifest, "a") == ["STRASSE", "SS", None]


def test_typed_twins_stay_right(reading: ReadingRoom, ana: Principal) -> None:
    manifest = make_table(
        reading.tables,
        ana,
        [{"day": ["2025-01-31", "2025-03-30", "2025-02-01"], "n": ["1", "2", "3"]}],
    )
    assert [column.type for column in manifest.columns] == [ColumnType.DATE, ColumnType.INTEGER]
    march = (Transform(Action.REPLACE, "-01-", "-02-"), Transform(Action.REPLACE, "2025-03-30", "soon"))
    edit(reading, ana, manifest.table_id, TransformEdit({"day": march}))
    assert texts(reading, ana, manifest, "day") == ["2025-02-31", "soon", "2025-02-01"]
    shape = newest_layout(reading, ana, manifest.table_id)
    found = all_ids(reading, shape, Question(None, (SortKey("day"),)))
    # The calendar has no thirty-first of February: such a cell sorts with the empty ones.
    assert found.array().to_pylist() == [2, 0, 1]
    edit(reading, ana, manifest.table_id, TransformEdit({"n": (Transform(Action.REPLACE, "2", "20"),)}))
    undo(reading, ana, manifest.table_id)
    assert texts(reading, ana, manifest, "n") == ["1", "2", "3"]


def test_a_change_too_large_to_hold_is_refused(reading: ReadingRoom, ana: Principal) -> None:
    manifest = make_table(reading.tables, ana, [{"a": ["x" * 100] * 50}])
    with pytest.raises(InputError) as refused:
        edit(reading, ana, manifest.table_id, TransformEdit({"a": UPPER}, max_bytes=1000))
    assert refused.value.error_code == "edit_too_large"
    assert texts(reading, ana, manifest, "a") == ["x" * 100] * 50
