"""Windows over HTTP: what a stranger tries, then what a grid does."""

import json
from typing import Any

from muster.accounts.model import Scope
from tests.support.app import BATCH, UNKNOWN_UPLOAD, bearer
from tests.tables.served import LEADS, ODD, Table

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
