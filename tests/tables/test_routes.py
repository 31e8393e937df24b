"""Windows, profile and edits over HTTP: what a stranger tries, then what a grid does."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from muster.accounts import users
from muster.accounts.model import Scope
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Person, RunningApp, bearer, running
from tests.tables.making import Cells, make_table

LEADS: Cells = {
    "email": ["ana@example.com", "bob@example.com", "cyd@example.org", None, "eve@example.org"],
    "employees": ["10", "9", None, "100", "2"],
    'odd, "name".x': ["", "x\x00y", "😀", "'; DROP TABLE uploads; --", "%"],
}
ODD = 'odd, "name".x'


@dataclass(frozen=True)
class Table:
    """Ana's upload with its table, and Bob who has one of his own."""

    app: RunningApp
    ana: Person
    bob: Person
    id: str
    link: str
    other_link: str

    @property
    def url(self) -> str:
        return f"{BATCH}/{self.id}"

    def rows(self, **query: Any) -> dict[str, Any]:
        answer = self.app.client.get(f"{self.url}/rows", params=query, headers=self.ana.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, status: int, **query: Any) -> dict[str, Any]:
        answer = self.app.client.get(f"{self.url}/rows", params=query, headers=self.ana.headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        return self.app.client.request(
            method, f"{self.url}{path}", json=body, headers={**self.ana.headers, **headers}
        )

    def edit(self, row: int, **values: Any) -> dict[str, Any]:
        answer = self.send("PATCH", "/rows", {"edits": [{"row": row, "set": values}]})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def table(tmp_path: Path, database_url: str) -> Iterator[Table]:
    with running(tmp_path / "data", database_url) as app:
        ana, bob = app.person("ana@example.com"), app.person("bob@example.com")
        receipt, other = app.upload(ana), app.upload(ana, "other")
        owner = users.by_command_line(ana.user)
        make_table(
            app.house.tables, owner, [LEADS], table_id=receipt["upload_id"],
            issues=[(1, "email", "email_invalid"), (4, "employees", "number_invalid"), (4, "email", "other")],
        )  # fmt: skip
        yield Table(app, ana, bob, receipt["upload_id"], receipt["session_token"], other["session_token"])


ROUTES = [
    ("GET", "/rows"), ("POST", "/rows/query"), ("GET", "/profile"), ("GET", "/changes"), ("PATCH", "/rows"),
    ("POST", "/undo"),
]  # fmt: skip


def test_nobody_else_gets_in(table: Table) -> None:
    segments_only = bearer(table.app.key(table.ana.user, [Scope.SEGMENTS_READ]))
    read_only = bearer(table.app.key(table.ana.user, [Scope.UPLOADS_READ]))
    for method, path in ROUTES:
        is_writing = (method, path) in {("PATCH", "/rows"), ("POST", "/undo")}

        def status(headers: dict[str, str], upload_id: str = table.id) -> int:
            body = {"edits": [{"row": 0, "set": {"email": "stolen"}}]} if method == "PATCH" else {}  # noqa: B023
            return table.app.client.request(
                method,  # noqa: B023
                f"{BATCH}/{upload_id}{path}",  # noqa: B023
                json=None if method == "GET" else body,  # noqa: B023
                headers=headers,
            ).status_code

        assert status({}) == 401
        assert status(bearer("nonsense")) == 401
        assert status(table.bob.headers) == 403
        assert status(bearer(table.other_link)) == 403
        assert status(bearer(table.link)) == (403 if is_writing else 404 if path == "/profile" else 200)
        assert status(segments_only) == 403
        assert not is_writing or status(read_only) == 403
        assert status(table.ana.headers, UNKNOWN_UPLOAD) == 404
        assert status(table.ana.headers, "x' OR 1=1 --") == 404
    assert table.rows()["rows"][0]["values"][0] == "ana@example.com"


def test_an_upload_without_a_table_yet_says_so(table: Table) -> None:
    fresh = table.app.upload(table.ana)["upload_id"]
    answer = table.app.client.get(f"{BATCH}/{fresh}/rows", headers=table.ana.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "table_not_ready")


REFUSED_WINDOWS: list[tuple[dict[str, Any], str]] = [
    ({"limit": 0}, "parameter_invalid"),
    ({"limit": 1001}, "parameter_invalid"),
    ({"offset": -1}, "parameter_invalid"),
    ({"offset": 10**30}, "parameter_invalid"),
    ({"view": "everything"}, "parameter_invalid"),
    ({"columns": "emial"}, "column_unknown"),
    ({"columns": "_row_id"}, "column_unknown"),
    ({"columns": "c0"}, "column_unknown"),
    ({"columns": '["email"'}, "parameter_invalid"),
    ({"sort": "email; DROP TABLE uploads"}, "sort_invalid"),
    ({"sort": "c0"}, "sort_invalid"),
    ({"filter": "1 = 1"}, "filter_invalid"),
    ({"filter": '{"field": "c0", "op": "eq", "value": "x"}'}, "filter_invalid"),
    ({"filter": '{"field": "email", "op": "eq) OR (1=1", "value": "x"}'}, "filter_invalid"),
    ({"filter": "[" * 5000}, "filter_invalid"),
]


def test_what_cannot_be_meant_is_refused_with_a_reason(table: Table) -> None:
    for query, code in REFUSED_WINDOWS:
        refusal = table.refused(400, **query)
        assert refusal["code"] == code, query
        assert refusal["errors"], query


def test_an_unknown_column_names_the_close_one(table: Table) -> None:
    assert "`email`" in table.refused(400, columns="emial")["errors"][0]["message"]


def test_values_that_look_like_queries_are_only_values(table: Table) -> None:
    for value in ["' OR ''='", "%", "_", "x\x00y", '"', "\\", "😀", "'; DROP TABLE uploads; --"]:
        for op in ("eq", "contains", "starts_with"):
            found = table.rows(filter=json.dumps({"field": ODD, "op": op, "value": value}))
            expected = [
                cell for cell in LEADS[ODD] if cell and (value == cell if op == "eq" else value in cell)
            ]
            assert [row["values"][2] for row in found["rows"]] == expected
    assert table.rows()["total"] == 5


def test_a_window_has_the_shape_the_contract_tells(table: Table) -> None:
    found = table.rows(limit=2)
    assert found["columns"] == [
        {"name": "email", "type": "text", "origin": "upload"},
        {"name": "employees", "type": "integer", "origin": "upload"},
        {"name": ODD, "type": "text", "origin": "upload"},
    ]
    assert {**found, "columns": [], "rows": []} == {
        "status": "success", "upload_id": table.id, "version": 1, "offset": 0, "limit": 2, "total": 5,
        "total_exact": True, "columns": [], "rows": [],
    }  # fmt: skip
    first, second = found["rows"]
    assert first == {"_row_id": 0, "_row": 0, "values": ["ana@example.com", "10", ""]}
    assert second["_issues"] == [
        {
            "field": "email", "code": "email_invalid", "severity": "warn", "message": "email_invalid here",
            "fixed": None,
        }
    ]  # fmt: skip


def test_beyond_the_end_there_are_no_rows_but_the_total(table: Table) -> None:
    assert (table.rows(offset=5)["rows"], table.rows(offset=10**12)["total"]) == ([], 5)
    assert len(table.rows(offset=4, limit=1000)["rows"]) == 1


def test_numbers_sort_as_numbers_and_nothing_comes_last(table: Table) -> None:
    assert [row["_row_id"] for row in table.rows(sort="employees")["rows"]] == [4, 1, 0, 3, 2]
    assert [row["_row_id"] for row in table.rows(sort="-employees")["rows"]] == [3, 0, 1, 4, 2]
    odd = json.dumps([{"field": ODD, "descending": True}])
    assert table.rows(sort=odd)["rows"][0]["_row_id"] == 2


def test_columns_come_in_the_order_asked_for_and_names_may_hold_commas(table: Table) -> None:
    found = table.rows(columns=json.dumps([ODD, "email"]), limit=3)
    assert [column["name"] for column in found["columns"]] == [ODD, "email"]
    assert found["rows"][2]["values"] == ["😀", "cyd@example.org"]
    assert table.rows(columns="employees, email", limit=1)["rows"][0]["values"] == ["10", "ana@example.com"]


def test_the_issues_view_has_only_rows_with_issues_and_obeys_filter_and_sort(table: Table) -> None:
    assert [row["_row_id"] for row in table.rows(view="issues")["rows"]] == [1, 4]
    found = table.rows(view="issues", sort="-employees", filter='{"field": "email", "op": "is_not_empty"}')
    assert [row["_row_id"] for row in found["rows"]] == [1, 4]
    assert found["total"] == 2
    assert [issue["field"] for issue in found["rows"][1]["_issues"]] == ["employees", "email"]


def test_a_long_filter_goes_in_a_body(table: Table) -> None:
    many = {
        "field": "email",
        "op": "in",
        "value": [f"{n}@example.com" for n in range(900)] + ["eve@example.org"],
    }
    body = {
        "filter": many,
        "sort": ["-employees"],
        "limit": 10,
        "columns": ["employees"],
        "exact_total": True,
    }
    answer = table.send("POST", "/rows/query", body)
    assert answer.status_code == 200, answer.text
    assert [row["values"] for row in answer.json()["rows"]] == [["2"]]
    wrongs: list[Any] = [
        {"limit": 0},
        {"offset": -1},
        {"offset": 10**40},
        {"sorted": "email"},
        [],
        {"filter": 5},
    ]
    for wrong in wrongs:
        assert table.send("POST", "/rows/query", wrong).status_code == 400
    headers = {**table.ana.headers, "Content-Type": "text/plain"}
    assert table.app.client.post(f"{table.url}/rows/query", content="{}", headers=headers).status_code == 415


def test_the_same_window_of_the_same_version_is_not_sent_twice(table: Table) -> None:
    url = f"{table.url}/rows?limit=2&sort=email"
    first = table.app.client.get(url, headers=table.ana.headers)
    tag = first.headers["etag"]
    again = table.app.client.get(url, headers={**table.ana.headers, "If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = table.app.client.get(f"{url}&offset=1", headers={**table.ana.headers, "If-None-Match": tag})
    assert other.status_code == 200
    table.edit(0, email="new@example.com")
    changed = table.app.client.get(url, headers={**table.ana.headers, "If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    stranger = table.app.client.get(url, headers={**table.bob.headers, "If-None-Match": tag})
    assert stranger.status_code == 403


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
