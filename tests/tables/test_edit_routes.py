"""Edits, undo and the log over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from tests.tables.served import ODD, Table


def test_an_edit_is_seen_marked_filtered_and_logged(table: Table) -> None:
    edited = table.edit(3, email="dan@example.net", employees=7)
    assert (edited["version"], edited["rows_changed"]) == (2, 1)
    found = table.rows(filter='{"field": "employees", "op": "lt", "value": 8}', sort="employees")
    assert [row["_row_id"] for row in found["rows"]] == [4, 3]
    assert found["rows"][1] == {
        "_row_id": 3, "_row": 3, "_edited": ["email", "employees"],
        "values": ["dan@example.net", "7", "'; DROP TABLE uploads; --"],
    }  # fmt: skip
    (change,) = table.send("GET", "/changes", None).json()["changes"]
    assert {**change, "at": "", "actor": "", "change_id": 0} == {
        "change_id": 0, "kind": "cells", "columns": ["email", "employees"], "rows": 1, "actor": "", "at": "",
        "undone_at": None, "from_version": 1, "to_version": 2,
    }  # fmt: skip
    audit = table.app.client.get("/api/audit", headers=table.ana.headers).text
    assert "table.edited" in audit
    assert "dan@example.net" not in audit


KEPT: list[tuple[object, str | None]] = [
    ("x", "x"),
    (7, "7"),
    (1.50, "1.5"),
    (True, "true"),
    (False, "false"),
    (None, None),
    ("", None),
    ("a\x00b", "a\x00b"),
]


def test_a_cell_keeps_what_was_given_as_text(table: Table) -> None:
    for given, kept in KEPT:
        table.edit(0, email=given)
        assert table.rows(limit=1)["rows"][0]["values"][0] == kept


def test_a_number_keeps_its_digits(table: Table) -> None:
    raw = b'{"edits": [{"row": 0, "set": {"email": 12345678901234567890.10}}]}'
    headers = {**table.ana.headers, "Content-Type": "application/json"}
    assert table.app.client.patch(f"{table.url}/rows", content=raw, headers=headers).status_code == 200
    assert table.rows(limit=1)["rows"][0]["values"][0] == "12345678901234567890.10"


def test_text_in_a_column_of_numbers_is_shown_and_sorts_with_the_empty_ones(table: Table) -> None:
    table.edit(1, employees="about nine")
    assert [row["_row_id"] for row in table.rows(sort="employees")["rows"]] == [4, 0, 3, 1, 2]
    assert table.rows(filter='{"field": "employees", "op": "le", "value": 9}')["total"] == 1


REFUSED_EDITS: list[tuple[Any, str]] = [
    ({}, "selection_unclear"),
    ([], "body_invalid"),
    ({"edits": []}, "too_many_edits"),
    ({"edits": [{"row": 0, "set": {"email": "x"}}] * 10_001}, "too_many_edits"),
    ({"edits": [{"row": 0, "set": {}}]}, "edit_empty"),
    ({"edits": [{"row": 0, "set": {"emial": "x"}}]}, "column_unknown"),
    ({"edits": [{"row": 0, "set": {"_row_id": "x"}}]}, "column_unknown"),
    ({"edits": [{"row": 5, "set": {"email": "x"}}]}, "row_unknown"),
    ({"edits": [{"row": -1, "set": {"email": "x"}}]}, "row_unknown"),
    ({"edits": [{"row": 10**30, "set": {"email": "x"}}]}, "row_unknown"),
    ({"edits": [{"row": "0", "set": {"email": "x"}}]}, "body_invalid"),
    ({"edits": [{"row": 0, "set": {"email": ["x"]}}]}, "value_invalid"),
    ({"edits": [{"row": 0, "set": {"email": {"a": 1}}}]}, "value_invalid"),
    ({"set": {"email": "x"}}, "selection_unclear"),
    ({"filter": None, "set": {"email": "x"}}, "selection_unclear"),
    ({"filter": {}, "set": {"email": "x"}}, "filter_invalid"),
    ({"filter": {"field": "nope", "op": "is_empty"}, "set": {"email": "x"}}, "filter_invalid"),
    ({"filter": {"field": "email", "op": "is_empty"}, "set": {"c0": "x"}}, "column_unknown"),
    ({"edits": [{"row": 0, "set": {"email": "x"}}], "if_version": -1}, "parameter_invalid"),
]


def test_an_edit_that_cannot_be_meant_changes_nothing(table: Table) -> None:
    for body, code in REFUSED_EDITS:
        answer = table.send("PATCH", "/rows", body)
        assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert table.rows()["version"] == 1


def test_bytes_that_are_no_text_are_refused(table: Table) -> None:
    headers = {**table.ana.headers, "Content-Type": "application/json"}
    for raw in (
        b'{"edits": [{"row": 0, "set": {"email": "\xff"}}]}',
        b'{"edits": [{"row": 0, "set": {"email": "\\ud800"}}]}',
        b'{"edits": [{"row": 0, "set": {"\\ud800": "x"}}]}',
        b'{"edits": ' + b"[" * 100,
        b"",
        b"nonsense",
    ):
        answer = table.app.client.patch(f"{table.url}/rows", content=raw, headers=headers)
        assert answer.status_code == 400, (raw[:60], answer.text)


def test_an_edit_by_filter_changes_every_match_once(table: Table) -> None:
    body = {
        "filter": {"field": "email", "op": "ends_with", "value": ".org"},
        "set": {ODD: "org", "employees": None},
    }
    answer = table.send("PATCH", "/rows", body).json()
    assert (answer["rows_changed"], answer["version"]) == (2, 2)
    assert [row["values"] for row in table.rows()["rows"] if "_edited" in row] == [
        ["cyd@example.org", None, "org"], ["eve@example.org", None, "org"],
    ]  # fmt: skip
    nothing = {"filter": {"field": "email", "op": "eq", "value": "nobody"}, "set": {"email": "x"}}
    answer = table.send("PATCH", "/rows", nothing).json()
    assert (answer["rows_changed"], answer["version"], answer["change_id"]) == (0, 2, None)


def test_an_edit_for_a_version_that_is_gone_is_refused(table: Table) -> None:
    table.edit(0, email="first")
    body = {"edits": [{"row": 0, "set": {"email": "second"}}], "if_version": 1}
    answer = table.send("PATCH", "/rows", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "table_changed")
    assert table.send("PATCH", "/rows", {**body, "if_version": 2}).status_code == 200
    assert table.rows(limit=1)["rows"][0]["values"][0] == "second"


def test_the_same_key_edits_once(table: Table) -> None:
    body = {"edits": [{"row": 0, "set": {"email": "once"}}]}
    first = table.send("PATCH", "/rows", body, **{"Idempotency-Key": "k1"})
    again = table.send("PATCH", "/rows", body, **{"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert table.rows()["version"] == 2
    undone = table.send("POST", "/undo", {}, **{"Idempotency-Key": "k2"})
    assert table.send("POST", "/undo", {}, **{"Idempotency-Key": "k2"}).json() == undone.json()
    assert table.rows()["version"] == 3


def test_changes_are_undone_from_the_newest_on(table: Table) -> None:
    first, second = table.edit(0, email="one"), table.edit(0, email="two", employees="2")
    wrong = table.send("POST", "/undo", {"change_id": first["change_id"]})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "change_not_newest")
    assert str(second["change_id"]) in wrong.json()["message"]
    assert table.send("POST", "/undo", {"change_id": second["change_id"]}).json()["version"] == 4
    assert table.rows(limit=1)["rows"][0]["values"][:2] == ["one", "10"]
    again = table.send("POST", "/undo", {"change_id": second["change_id"]})
    assert (again.status_code, again.json()["code"]) == (409, "change_undone")
    assert table.send("POST", "/undo", {}).json()["change_id"] == first["change_id"]
    assert "_edited" not in table.rows(limit=1)["rows"][0]
    for body in ({}, {"change_id": 999}, {"change_id": -1}):
        answer = table.send("POST", "/undo", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "change_not_found")
    third = table.edit(0, email="three")
    assert table.send("POST", "/undo", None).json()["change_id"] == third["change_id"]


def test_the_log_comes_in_pages(table: Table) -> None:
    made = [table.edit(0, email=str(n))["change_id"] for n in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        page = table.send(
            "GET", f"/changes?limit=2&cursor={quote(cursor)}" if cursor else "/changes?limit=2", None
        ).json()
        seen += [change["change_id"] for change in page["changes"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]
    assert table.send("GET", "/changes?cursor=x", None).status_code == 400


def test_edits_at_the_same_time_lose_nothing(table: Table) -> None:
    def one(n: int) -> int:
        return int(
            table.send(
                "PATCH", "/rows", {"edits": [{"row": n % 5, "set": {["email", "employees"][n % 2]: f"e{n}"}}]}
            ).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(one, range(10))) == [200] * 10
    rows = table.rows()["rows"]
    for n in range(10):
        assert rows[n % 5]["values"][n % 2] == f"e{n}"
    assert table.rows()["version"] == 11
