"""Rules as clients see them: hostile questions first, then keeping, ordering and trying rules."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from muster.accounts.model import Scope, User
from muster.db.database import Database
from muster.records.rules import Email, Rule, Severity
from muster.rules.keep import load_rules
from tests.support.clock import SettableClock

RULES = "/api/audience/rules"
UNKNOWN = "rul_0123456789abcdefghijkl"
EMAIL = {"name": "Mail", "field": "email", "test": {"kind": "email"}}
PHONE = {"name": "Phone", "field": "phone", "test": {"kind": "phone", "region": "DE"}, "severity": "fix"}

ClientOf = Callable[..., TestClient]


def made(client: TestClient, rule: dict[str, Any] = EMAIL, **members: Any) -> dict[str, Any]:
    answer = client.post(RULES, json={**rule, **members})
    assert answer.status_code == 201, answer.text
    kept: dict[str, Any] = answer.json()["rule"]
    return kept


def names(client: TestClient) -> list[str]:
    return [rule["name"] for rule in client.get(RULES).json()["rules"]]


DOORS = [
    ("GET", RULES),
    ("POST", RULES),
    ("POST", f"{RULES}/try"),
    ("PUT", f"{RULES}/order"),
    ("GET", f"{RULES}/{UNKNOWN}"),
    ("PATCH", f"{RULES}/{UNKNOWN}"),
    ("DELETE", f"{RULES}/{UNKNOWN}"),
]


def test_without_a_token_it_is_401_and_without_the_scope_403(
    app: FastAPI, client_of: ClientOf, ana: User
) -> None:
    stranger = TestClient(app)
    readers, writers = client_of(ana, Scope.UPLOADS_READ), client_of(ana, Scope.UPLOADS_WRITE)
    for method, path in DOORS:
        assert stranger.request(method, path, json={}).status_code == 401, (method, path)
        reads = method == "GET" or path.endswith("/try")
        lesser = writers if reads else readers
        assert lesser.request(method, path, json={}).status_code == 403, (method, path)


def test_anothers_rule_is_403_without_detail_and_an_unknown_one_404(
    client_of: ClientOf, ana: User, ben: User
) -> None:
    hers, his = client_of(ana), client_of(ben)
    rule = made(hers, name="secret-name")
    for method, body in (
        ("GET", None),
        ("PATCH", {"name": "mine"}),
        ("PATCH", {"name": ""}),
        ("DELETE", None),
    ):
        refused = his.request(method, f"{RULES}/{rule['id']}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "rule_not_yours")
        assert "secret-name" not in refused.text
        for unknown in (UNKNOWN, "x", "a" * 500, "%F0%9F%98%80", "rul_" + "%00" * 22):
            answer = his.request(method, f"{RULES}/{unknown}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "rule_not_found"), unknown
    assert his.put(f"{RULES}/order", json={"rule_ids": [rule["id"]]}).status_code == 403
    assert his.put(f"{RULES}/order", json={"rule_ids": [UNKNOWN]}).status_code == 404
    assert names(his) == []
    assert hers.get(f"{RULES}/{rule['id']}").json()["rule"] == rule


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("POST", "/try"), ("PUT", "/order")])
def test_a_body_that_is_wrong_is_400_in_the_one_error_shape(
    client_of: ClientOf, ana: User, method: str, path: str
) -> None:
    client = client_of(ana)
    for body in (
        b"", b"{", b"null", b"[]", b"5", b"\xff", b"{}", b'{"name":"a\\ud800"}', b"[" * 50_000, b'{"test":{"kind":5}}',
        b'{"name":"x","field":"e","test":{"kind":"pattern","pattern":"("}}', b'{"a":NaN}',
    ):  # fmt: skip
        answer = client.request(
            method, RULES + path, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400, (body[:50], answer.text)
        assert answer.json()["status"] == "error"
        assert answer.json()["errors"], body[:50]


def test_every_mistake_of_a_rule_is_listed_with_its_pointer(client_of: ClientOf, ana: User) -> None:
    client = client_of(ana)
    wrong = {"name": "", "field": "f", "test": {"kind": "length", "min": "x", "max": -1}, "severity": "no"}
    answer = client.post(RULES, json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "rule_invalid")
    assert {issue["pointer"] for issue in answer.json()["errors"]} == {
        "/name",
        "/test/min",
        "/test/max",
        "/severity",
    }
    assert names(client) == []


def test_a_rule_is_kept_shown_changed_and_deleted(
    client_of: ClientOf, ana: User, clock: SettableClock
) -> None:
    client = client_of(ana)
    rule = made(client, PHONE)
    assert rule == {
        "id": rule["id"],
        "name": "Phone",
        "field": "phone",
        "test": {"kind": "phone", "region": "DE"},
        "severity": "fix",
        "otherwise": "reject",
        "enabled": True,
        "position": 0,
        "created_at": "2025-01-15T10:30:00Z",
        "updated_at": "2025-01-15T10:30:00Z",
    }
    clock.advance(60)
    changed = client.patch(f"{RULES}/{rule['id']}", json={"enabled": False, "test": {"kind": "phone"}})
    expected = {
        **rule,
        "enabled": False,
        "test": {"kind": "phone", "region": None},
        "updated_at": "2025-01-15T10:31:00Z",
    }
    assert (changed.status_code, changed.json()["rule"]) == (200, expected)
    assert client.get(f"{RULES}/{rule['id']}").json() == {"status": "success", "rule": expected}
    assert client.get(RULES).json() == {
        "status": "success", "rules": [expected], "total": 1, "next_cursor": None,
    }  # fmt: skip
    refused = client.patch(f"{RULES}/{rule['id']}", json={"test": {"kind": "required"}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/severity")
    assert client.delete(f"{RULES}/{rule['id']}").json()["status"] == "success"
    assert client.delete(f"{RULES}/{rule['id']}").status_code == 404
    assert names(client) == []


def test_rules_keep_their_order_without_gaps(client_of: ClientOf, ana: User) -> None:
    client = client_of(ana)
    ids = [made(client, name=name)["id"] for name in "abcd"]
    turned = [ids[2], ids[0], ids[3], ids[1]]
    answer = client.put(f"{RULES}/order", json={"rule_ids": turned})
    assert [rule["id"] for rule in answer.json()["rules"]] == turned
    client.delete(f"{RULES}/{ids[0]}")
    assert [(rule["name"], rule["position"]) for rule in client.get(RULES).json()["rules"]] == [
        ("c", 0), ("d", 1), ("b", 2),
    ]  # fmt: skip
    assert made(client, name="e")["position"] == 3
    for wrong in ([], ids[1:2], [ids[1], ids[1], ids[2]], [*ids[1:], ids[1]]):
        answer = client.put(f"{RULES}/order", json={"rule_ids": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "rule_order_invalid")
    assert names(client) == ["c", "d", "b", "e"]


def test_the_hundred_and_first_rule_is_refused(client_of: ClientOf, ana: User, ben: User) -> None:
    client = client_of(ana)
    for number in range(100):
        made(client, name=str(number))
    answer = client.post(RULES, json=EMAIL)
    assert (answer.status_code, answer.json()["code"]) == (409, "rules_too_many")
    made(client_of(ben))


def test_the_same_idempotency_key_makes_one_rule(client_of: ClientOf, ana: User) -> None:
    client = client_of(ana)
    answers = [client.post(RULES, json=EMAIL, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len(names(client)) == 1
    other = client.post(RULES, json=PHONE, headers={"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert (
        client.post(f"{RULES}/try", json={}, headers={"Idempotency-Key": "\u00e9".encode()}).status_code
        == 400
    )


def test_what_was_done_to_rules_is_in_the_audit_log_without_names(
    client_of: ClientOf, ana: User, database: Database
) -> None:
    client = client_of(ana)
    rule = made(client, name="marker-name", field="marker-field")
    client.patch(f"{RULES}/{rule['id']}", json={"enabled": False})
    client.patch(f"{RULES}/{rule['id']}", json={"enabled": False})  # changes nothing
    client.put(f"{RULES}/order", json={"rule_ids": [rule["id"]]})
    client.delete(f"{RULES}/{rule['id']}")
    with database.read() as connection:
        lines = connection.execute(
            text("SELECT action, subject, details FROM audit_log WHERE action LIKE 'rule.%' ORDER BY id")
        ).all()
    assert [line.action for line in lines] == ["rule.created", "rule.changed", "rule.ordered", "rule.deleted"]
    assert {line.subject for line in lines} == {rule["id"], ana.id}
    assert "marker" not in str(lines)


def test_who_applies_rules_gets_the_enabled_ones_in_order(
    client_of: ClientOf, ana: User, ben: User, database: Database
) -> None:
    client = client_of(ana)
    last, _, first = (made(client, name=name, enabled=name != "off") for name in ("last", "off", "first"))
    made(client_of(ben), name="not hers")
    off = client.get(RULES).json()["rules"][1]["id"]
    client.put(f"{RULES}/order", json={"rule_ids": [first["id"], off, last["id"]]})
    with database.read() as connection:
        assert load_rules(connection, ana.id) == [
            Rule(first["id"], "first", "email", Email(), Severity.REJECT),
            Rule(last["id"], "last", "email", Email(), Severity.REJECT),
        ]


def test_rules_go_with_their_user(client_of: ClientOf, ana: User, database: Database) -> None:
    made(client_of(ana))
    with database.begin() as connection:
        connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": ana.id})
    with database.read() as connection:
        assert load_rules(connection, ana.id) == []


# Trying -----------------------------------------------------------------------------------------------------


def tried(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{RULES}/try", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    shown: dict[str, Any] = answer.json()
    return shown


NONSENSE: list[dict[str, Any]] = [
    {"rule": EMAIL},
    {"rule": EMAIL, "values": []},
    {"rule": EMAIL, "values": ["a"], "records": [{}]},
    {"rule": EMAIL, "rules": [EMAIL], "records": [{}]},
    {"rules": [EMAIL], "values": ["a"]},
    {"rule": EMAIL, "values": [["a"]]},
    {"rule": EMAIL, "values": "abc"},
    {"rule": EMAIL, "values": ["a"] * 1001},
    {"rule": EMAIL, "records": ["a"]},
    {"rule": EMAIL, "records": [{"a": {}}]},
    {"rule": EMAIL, "upload_id": 5},
    {"rule": {**EMAIL, "name": ""}, "values": ["a"]},
    {"rules": {}, "records": [{}]},
    {"rules": [EMAIL] * 101, "records": [{}]},
    {"rule": {"field": "a", "test": {"kind": "equal", "other": "b"}}, "values": ["x"]},
    {"rule": {"test": {"kind": "any_of", "fields": ["b"]}}, "values": ["x"]},
    {"rule": EMAIL, "values": ["a"], "colour": "red"},
]


def test_a_trial_that_makes_no_sense_is_refused(client_of: ClientOf, ana: User) -> None:
    client = client_of(ana)
    for body in NONSENSE:
        answer = client.post(f"{RULES}/try", json=body)
        assert answer.status_code == 400, (str(body)[:100], answer.text)
        assert answer.json()["errors"], str(body)[:100]


def test_a_rule_is_tried_on_values(client_of: ClientOf, ana: User) -> None:
    rule = {name: value for name, value in PHONE.items() if name != "name"}
    answer = tried(
        client_of(ana), rule={**rule, "enabled": False}, values=["030 901820", "hello", None, 4930]
    )
    assert [one["outcome"] for one in answer["results"]] == [
        "accepted_with_warnings", "rejected", "accepted", "rejected",
    ]  # fmt: skip
    assert answer["results"][0] == {
        "row": 0,
        "outcome": "accepted_with_warnings",
        "record": {"phone": "+4930901820"},
        "findings": [
            {
                "field": "phone",
                "code": "phone_normalised",
                "severity": "fix",
                "value": "030 901820",
                "fixed": "+4930901820",
                "message": "The phone number was written in international form (E.164).",
            }
        ],
    }
    assert answer["results"][1]["record"] == {"phone": "hello"}
    assert answer["results"][3]["findings"][0]["value"] == "4930"


def test_rules_are_tried_on_records_with_each_other_and_with_uniqueness(
    client_of: ClientOf, ana: User
) -> None:
    rules = [
        {"field": "email", "test": {"kind": "email"}, "severity": "fix", "otherwise": "warn"},
        {"test": {"kind": "unique", "fields": ["email"], "ignore_case": True}},
        {"test": {"kind": "any_of", "fields": ["email", "domain"]}},
    ]
    records = [
        {"email": "ana@Example.com"},
        {"email": "ANA@example.com", "domain": "x"},
        {"email": "", "domain": None},
        {"email": "nobody"},
        {},
        {"domain": "b.co"},
    ]
    results = tried(client_of(ana), rules=rules, records=records)["results"]
    assert [(one["outcome"], [finding["code"] for finding in one["findings"]]) for one in results] == [
        ("accepted_with_warnings", ["email_normalised"]),
        ("rejected", ["duplicate"]),
        ("rejected", ["field_any_of"]),
        ("accepted_with_warnings", ["email_at_missing"]),
        ("rejected", ["field_any_of"]),
        ("accepted", []),
    ]
    assert results[0]["record"] == {"email": "ana@example.com"}
    assert results[1]["record"] == {"email": "ANA@example.com", "domain": "x"}


def test_without_rules_the_saved_ones_are_tried(client_of: ClientOf, ana: User, ben: User) -> None:
    client = client_of(ana)
    made(client)
    made(client, PHONE, enabled=False)
    made(client_of(ben), field="domain", test={"kind": "required"})
    results = tried(client, records=[{"email": "x", "phone": "y"}, {"email": "a@b.co", "phone": "y"}])[
        "results"
    ]
    assert [one["outcome"] for one in results] == ["rejected", "accepted"]
    assert names(client) == ["Mail", "Phone"], "trying keeps nothing"
