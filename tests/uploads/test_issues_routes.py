"""The check before a table is used: issues by cause, one cause at a time, fixed all alike; hostile requests first."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.app import BATCH, UNKNOWN_UPLOAD, Person, RunningApp, bearer, build_now, running
from tests.uploads.test_mapping_routes import decide, send

RULES = "/api/audience/rules"
PEOPLE = b"""E-Mail,Domain,Note
a@acme.com,acme.com,fine
b@@acme.com,https://www.acme.com/p,two
 c@acme.com,acme.com,blanks
,,nobody
e@acme.com,a,b,c
f@acme.com,http://f.org,url
g@@acme.com,g.org,two
"""
MAPPING = {"columns": [{"from": ["E-Mail"], "to": ["email"]}, {"from": ["Domain"], "to": ["domain"]}]}


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url, jobs_inside=False) as started:
        yield started


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.com")


@pytest.fixture
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.com")


@pytest.fixture
def people(app: RunningApp, ana: Person) -> str:
    """An upload with three causes among its rejects and one in its table; its path."""
    for name, test, severity in (("email", "email", "reject"), ("domain", "domain", "warn")):
        rule = {"name": name, "field": name, "test": {"kind": test}, "severity": severity}
        assert app.client.post(RULES, json=rule, headers=ana.headers).status_code == 201
    upload_id = send(app, ana, PEOPLE)
    decide(app, ana, upload_id, {"mapping": MAPPING})
    build_now(app, ana, upload_id)
    return f"{BATCH}/{upload_id}"


def asked(app: RunningApp, person: Person, path: str, **query: Any) -> Any:
    answer = app.client.get(path, params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def fixed(app: RunningApp, person: Person, path: str, actions: list[Any], **which: Any) -> Any:
    answer = app.client.post(
        f"{path}/rejects/fix", json={"actions": actions, **which}, headers=person.headers
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["matched"] == found["accepted"] + found["failed"] + found["discarded"] + found["remaining"]
    assert found["rows_received"] == found["rows_accepted"] + found["rows_rejected"]
    return found


def test_strangers_other_users_and_unknown_ids_see_and_fix_nothing(
    app: RunningApp, ana: Person, ben: Person, people: str
) -> None:
    body = {"code": "email_syntax", "actions": [{"action": "drop"}]}
    for method, path, sent in (
        ("GET", "/issues", None),
        ("POST", "/rejects/fix", body),
        ("POST", "/session-token", None),
        ("GET", "/session-token", None),
        ("DELETE", "/session-token", None),
    ):
        for base, headers, status in (
            (people, {}, 401),
            (people, ben.headers, 403),
            (f"{BATCH}/{UNKNOWN_UPLOAD}", ana.headers, 404),
        ):
            answer = app.client.request(method, f"{base}{path}", json=sent, headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (status, "error"), (method, path)
    assert asked(app, ana, f"{people}/issues")["rows_discarded"] == 0


REFUSED: list[tuple[Any, str]] = [
    ({}, "body_invalid"),
    ({"actions": [{"action": "drop"}]}, "selection_unclear"),
    ({"code": "x", "actions": []}, "actions_invalid"),
    ({"code": "x", "actions": [{"action": "drop"}, {"field": "a", "action": "trim"}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"action": "trim"}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"field": "a", "action": "eval"}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"field": "a", "action": "replace"}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"field": "a", "action": "replace", "find": "(", "regex": True}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"field": "a", "action": "set", "value": {}}]}, "actions_invalid"),
    ({"code": "x", "actions": [{"field": "a", "action": "trim"}] * 21}, "actions_invalid"),
    ({"rows": [], "actions": [{"action": "drop"}]}, "selection_size"),
    ({"rows": [10**30], "actions": [{"action": "drop"}]}, "no_such_rejects"),
    ({"rows": [-1], "actions": [{"action": "drop"}]}, "no_such_rejects"),
    ({"code": "nope", "actions": [{"action": "drop"}]}, "no_such_rejects"),
    ({"code": "email_syntax", "actions": [{"action": "drop"}], "why": 1}, "body_invalid"),
]  # fmt: skip


def test_what_cannot_be_done_is_refused_and_changes_nothing(
    app: RunningApp, ana: Person, people: str
) -> None:
    before = asked(app, ana, f"{people}/issues")
    for body, code in REFUSED:
        answer = app.client.post(f"{people}/rejects/fix", json=body, headers=ana.headers)
        status = 404 if code == "no_such_rejects" else 400
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    assert asked(app, ana, f"{people}/issues") == before


def test_issues_are_grouped_counted_and_shown_by_example(app: RunningApp, ana: Person, people: str) -> None:
    issues = asked(app, ana, f"{people}/issues")
    counts = {name: issues[name] for name in issues if name.startswith("rows_")}
    assert counts == {
        "rows_received": 7, "rows_accepted": 2, "rows_rejected": 5, "rows_discarded": 0, "rows_warned": 1,
        "rows_fixed": 0,
    }  # fmt: skip
    causes = {(group["severity"], group["code"], group["field"]): group for group in issues["groups"]}
    assert {cause: group["rows"] for cause, group in causes.items()} == {
        ("reject", "email_syntax", "email"): 2,
        ("reject", "blanks_around", "email"): 1,
        ("reject", "identity_missing", None): 1,
        ("reject", "too_many_columns", None): 1,
        ("warn", "domain_is_url", "domain"): 1,
    }
    twice = causes["reject", "email_syntax", "email"]
    assert twice["samples"] == [{"row": 1, "value": "b@@acme.com"}, {"row": 6, "value": "g@@acme.com"}]
    assert (twice["suggestion"], "replace" in twice["fixes"]) == (None, True)
    blanks = causes["reject", "blanks_around", "email"]
    assert blanks["fixes"][:2] == ["suggest", "trim"]
    assert causes["reject", "too_many_columns", None]["fixes"] == ["drop"]
    assert causes["reject", "identity_missing", None]["fixes"] == ["set", "drop"]
    url = causes["warn", "domain_is_url", "domain"]
    assert url["samples"] == [{"row": 5, "value": "http://f.org"}]
    assert url["suggestion"] == {
        "action": "suggest", "rows": 1, "rows_exact": True, "before": "http://f.org", "after": "f.org",
    }  # fmt: skip
    assert "drop" not in url["fixes"]


def test_asking_again_costs_nothing_until_something_changed(
    app: RunningApp, ana: Person, people: str
) -> None:
    first = app.client.get(f"{people}/issues", headers=ana.headers)
    known = {**ana.headers, "If-None-Match": first.headers["etag"]}
    assert app.client.get(f"{people}/issues", headers=known).status_code == 304
    body = {"transform": {"domain": {"action": "suggest"}}, "view": "issues"}
    assert app.client.patch(f"{people}/rows", json=body, headers=ana.headers).json()["rows_changed"] == 1
    after = app.client.get(f"{people}/issues", headers=known)
    assert after.status_code == 200
    (url,) = [group for group in after.json()["groups"] if group["code"] == "domain_is_url"]
    assert (url["rows"], url["rows_edited"], url["suggestion"]) == (1, 1, None)


def test_rejects_of_one_cause_in_every_format(app: RunningApp, ana: Person, people: str) -> None:
    path = f"{people}/rejects"
    assert [row["_row"] for row in asked(app, ana, path, code="email_syntax")["rejects"]] == [1, 6]
    page = asked(app, ana, path, field="email", offset=1, limit=1)
    assert (page["total"], [row["_row"] for row in page["rejects"]]) == (3, [2])
    assert [row["_row"] for row in asked(app, ana, path, field="")["rejects"]] == [3, 4]
    assert asked(app, ana, path, code="email_syntax", field="domain")["total"] == 0
    for accept in ("application/x-ndjson", "text/csv"):
        headers = {**ana.headers, "Accept": accept}
        text = app.client.get(path, params={"code": "email_syntax"}, headers=headers).text
        assert ("b@@acme.com" in text, "nobody" in text) == (True, False)


def test_a_dry_run_says_what_would_be_and_changes_nothing(app: RunningApp, ana: Person, people: str) -> None:
    before = asked(app, ana, f"{people}/issues")
    actions = [{"field": "email", "action": "replace", "find": "@@", "replace": "@"}]
    tried = fixed(app, ana, people, actions, field="email", dry_run=True)
    assert (tried["matched"], tried["accepted"], tried["failed"], tried["exact"]) == (3, 2, 1, True)
    assert tried["samples"][0] == {
        "row": 1, "before": {"email": "b@@acme.com"}, "after": {"email": "b@acme.com"},
    }  # fmt: skip
    assert tried["samples"][1]["code"] == "blanks_around"
    assert asked(app, ana, f"{people}/issues") == before


def test_fixed_rows_join_the_table_and_the_others_keep_their_new_reasons(
    app: RunningApp, ana: Person, people: str
) -> None:
    actions = [
        {"field": "E-Mail", "action": "replace", "find": "(.)@@", "replace": r"\1@", "regex": True},
        {"field": "email", "action": "upper"},
    ]
    headers = {**ana.headers, "Idempotency-Key": "fix-1"}
    body = {"actions": actions, "code": "email_syntax", "field": "email", "rows": [1, 3, 6]}
    first = app.client.post(f"{people}/rejects/fix", json=body, headers=headers)
    assert (first.json()["accepted"], first.json()["failed"]) == (2, 0)
    assert app.client.post(f"{people}/rejects/fix", json=body, headers=headers).content == first.content
    emails = [row["values"][0] for row in asked(app, ana, f"{people}/rows", columns="email")["rows"]]
    assert emails == ["a@acme.com", "f@acme.com", "B@ACME.COM", "G@ACME.COM"]
    still = fixed(app, ana, people, [{"field": "email", "action": "replace", "find": " c@", "replace": "c@@"}],
                  code="blanks_around")  # fmt: skip
    assert still["failed"] == 1
    (reject,) = asked(app, ana, f"{people}/rejects", code="email_syntax")["rejects"]
    assert (reject["E-Mail"], reject["_line"]) == ("c@@acme.com", 4)
    cured = fixed(app, ana, people, [{"field": "email", "action": "set", "value": "n@acme.com"}], field="")
    assert (cured["accepted"], cured["failed"]) == (1, 1)  # a shifted row is no value's fault


def test_discarded_rows_still_count_but_their_values_are_gone(
    app: RunningApp, ana: Person, people: str
) -> None:
    for which in ({"field": "email"}, {"rows": [3, 4]}):
        assert fixed(app, ana, people, [{"action": "drop"}], **which)["discarded"] > 0
    upload = asked(app, ana, people, include="none")
    assert (upload["upload_status"], upload["rows_rejected"], upload["rows_accepted"]) == ("ready", 5, 2)
    issues = asked(app, ana, f"{people}/issues")
    assert issues["rows_discarded"] == 5
    assert [(group["code"], group["field"], group["fixes"]) for group in issues["groups"]][:2] == [
        ("discarded_by_user", "email", []),
        ("discarded_by_user", None, []),
    ]
    text = app.client.get(f"{people}/rejects", headers={**ana.headers, "Accept": "text/csv"}).text
    assert ("acme" in text, "nobody" in text, "discarded_by_user" in text) == (False, False, True)
    again = app.client.post(
        f"{people}/rejects/fix", json={"field": "email", "actions": [{"action": "drop"}]}, headers=ana.headers
    )
    assert again.json()["code"] == "no_such_rejects"
    audit = app.client.get("/api/audit", headers=ana.headers).text
    assert ("upload.rejects_discarded" in audit, "acme" in audit) == (True, False)


def test_a_link_is_made_opens_only_reading_and_ends_when_revoked(
    app: RunningApp, ana: Person, people: str
) -> None:
    link = app.client.post(f"{people}/session-token", headers=ana.headers)
    assert link.status_code == 201
    token = link.json()["session_token"]
    assert link.json()["path"] == f"/open#{token}"
    assert app.client.get(f"{people}/issues", headers=bearer(token)).status_code == 200
    for method in ("POST", "GET", "DELETE"):
        answer = app.client.request(method, f"{people}/session-token", headers=bearer(token))
        assert answer.status_code == 403
    assert asked(app, ana, f"{people}/session-token")["links"] == 2  # the receipt had one
    ended = app.client.delete(f"{people}/session-token", headers=ana.headers)
    assert ended.json()["revoked"] == 2
    assert app.client.get(f"{people}/issues", headers=bearer(token)).status_code == 401
