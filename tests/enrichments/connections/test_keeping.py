"""Connections as clients see them: hostile questions first, then keeping, changing and deleting them."""

from dataclasses import replace

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from muster.accounts.model import Principal, Scope
from muster.enrichments.connection_routes import CONNECTIONS
from muster.enrichments.connections import MAX_CONNECTIONS
from muster.enrichments.room import EnrichmentsRoom
from muster.wiring import House
from tests.enrichments.connections.conftest import UNKNOWN, ClientOf, app_of, made, settings_for
from tests.support.clock import SettableClock

DOORS = [
    ("GET", CONNECTIONS),
    ("POST", CONNECTIONS),
    ("GET", f"{CONNECTIONS}/{UNKNOWN}"),
    ("PATCH", f"{CONNECTIONS}/{UNKNOWN}"),
    ("DELETE", f"{CONNECTIONS}/{UNKNOWN}"),
    ("POST", f"{CONNECTIONS}/{UNKNOWN}/try"),
]


def test_without_a_token_it_is_401_and_without_the_scope_403(
    app: FastAPI, client_of: ClientOf, ana: Principal
) -> None:
    stranger = TestClient(app)
    readers = client_of(ana, Scope.ENRICHMENTS_READ)
    writers = client_of(ana, Scope.ENRICHMENTS_WRITE)
    for method, path in DOORS:
        assert stranger.request(method, path, json={}).status_code == 401, (method, path)
        lesser = writers if method == "GET" else readers
        refused = lesser.request(method, path, json={})
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), (method, path)


def test_anothers_connection_is_403_without_detail_and_an_unknown_one_404(
    client_of: ClientOf, ana: Principal, ben: Principal
) -> None:
    hers, his = client_of(ana), client_of(ben)
    kept = made(hers, name="secret-name")
    for method, rest, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "mine"}),
        ("PATCH", "", {"settings": settings_for(url="https://evil.example/{domain}")}),
        ("DELETE", "", None),
        ("POST", "/try", {"input": {"domain": "example.org"}}),
    ):
        refused = his.request(method, f"{CONNECTIONS}/{kept['id']}{rest}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "connection_not_yours"), method
        assert "secret-name" not in refused.text
        for unknown in (UNKNOWN, "x", "a" * 500, "%F0%9F%98%80", "con_" + "%00" * 22):
            answer = his.request(method, f"{CONNECTIONS}/{unknown}{rest}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "connection_not_found"), unknown
    assert his.get(CONNECTIONS).json()["connections"] == []
    assert hers.get(f"{CONNECTIONS}/{kept['id']}").json()["connection"] == kept


BODIES = [
    b"", b"{", b"null", b"[]", b"\xff", b"{}", b'{"name": "x"}', b'{"provider": 5, "name": "x", "settings": {}}',
    b'{"provider": "http_json", "name": "", "settings": {}}', b'{"provider": "http_json", "name": "x", "settings": []}',
    b'{"provider": "http_json", "name": "a\\u0000b", "settings": {}}', b'{"provider": "http_json", "name": "x", "settings": {}, "y": 1}',
    b'{"provider": "nobody", "name": "x", "settings": {}}', b'{"provider": "email_hygiene", "name": "x", "settings": {}}',
    b'{"provider": "http_json", "name": "x", "settings": {}}', b"[" * 50_000,
]  # fmt: skip


def test_a_body_that_is_wrong_is_400_in_the_one_error_shape(client_of: ClientOf, ana: Principal) -> None:
    client = client_of(ana)
    for body in BODIES:
        answer = client.post(CONNECTIONS, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, (body[:50], answer.text)
        assert answer.json()["status"] == "error"
        assert answer.json()["errors"], body[:50]
    assert client.get(CONNECTIONS).json()["total"] == 0


def test_every_mistake_in_settings_is_told_with_its_pointer_and_no_value(
    client_of: ClientOf, ana: Principal
) -> None:
    wrong = settings_for(
        url="ftp://hush-url/",
        auth={"kind": "hush-kind"},
        secrets={"a/b": "hush\nx", "key": None},
        needs=[{"name": "hush-Need", "title": "x"}],
        outputs=[{"name": "a", "path": "hush-path"}, {"path": "$.a"}],
        confidence={"most": 0},
        surprise="hush",
    )
    sent = {"provider": "http_json", "name": "x", "settings": wrong}
    answer = client_of(ana).post(CONNECTIONS, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "settings_invalid")
    issues = {issue["pointer"]: issue for issue in answer.json()["errors"]}
    assert issues.keys() >= {
        "/settings/url",
        "/settings/auth",
        "/settings/secrets/a~1b",
        "/settings/secrets/key",
        "/settings/needs/0/name",
        "/settings/outputs/0/path",
        "/settings/outputs/1/name",
        "/settings/confidence/path",
        "/settings/confidence/most",
        "/settings/surprise",
    }
    assert issues["/settings/outputs/1/name"]["field"] == "name"
    assert {issue["code"] for issue in issues.values()} == {"settings_invalid"}
    assert "hush" not in answer.text
    assert "bearer" in issues["/settings/auth"]["message"]


def test_what_the_operator_does_not_allow_is_refused_when_it_is_kept(
    room: EnrichmentsRoom, house: House, client_of: ClientOf, ana: Principal
) -> None:
    strict = client_of(ana, app=app_of(replace(room, allow_private_addresses=False), house))
    for url in (
        "http://api.example.com/{domain}",
        "https://127.0.0.1/{domain}",
        "https://db.internal/{domain}",
    ):
        sent = {"provider": "http_json", "name": "x", "settings": settings_for(url=url)}
        answer = strict.post(CONNECTIONS, json=sent)
        assert answer.status_code == 400
        assert [issue["pointer"] for issue in answer.json()["errors"]] == ["/settings/url"]
    made(client_of(ana), url="http://10.0.0.5/{domain}")


def test_a_connection_is_kept_shown_changed_and_deleted(
    client_of: ClientOf, ana: Principal, clock: SettableClock
) -> None:
    client = client_of(ana)
    kept = made(client, price=0.002, price_per="found", rate={"calls": 10})
    assert kept == {
        "id": kept["id"],
        "provider": "http_json",
        "name": "Registry",
        "settings": {**settings_for(price=0.002, price_per="found", rate={"calls": 10}), "auth": {"kind": "bearer", "token": None}},
        "usable": True,
        "needs": [
            {"name": "domain", "title": "Domain", "description": "", "fields": [], "form": "folded", "required": True}
        ],
        "needs_one": False,
        "gives": [
            {"name": "company", "title": "company", "description": "", "column": "company", "kind": "text"}
        ],
        "price": 0.002,
        "price_per": "found",
        "rate": {"calls": 10, "seconds": 1},
        "cached_days": {"found": 90, "empty": 7},
        "created_at": kept["created_at"],
        "updated_at": kept["created_at"],
    }  # fmt: skip
    path = f"{CONNECTIONS}/{kept['id']}"
    assert client.get(path).json() == {"status": "success", "connection": kept}
    clock.advance(60)
    renamed = client.patch(path, json={"name": "  Other "}).json()["connection"]
    assert (renamed["name"], renamed["settings"]) == ("Other", kept["settings"])
    assert renamed["updated_at"] > kept["updated_at"]
    clock.advance(60)
    assert client.patch(path, json={"name": "Other"}).json()["connection"] == renamed
    assert client.patch(path, json={}).json()["connection"] == renamed
    assert client.delete(path).json()["status"] == "success"
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


def test_names_are_ones_own_and_told_apart_without_case(
    client_of: ClientOf, ana: Principal, ben: Principal
) -> None:
    client = client_of(ana)
    first, second = made(client, "Registry"), made(client, "other")
    made(client_of(ben), "Registry")
    sent = {"provider": "http_json", "name": " REGISTRY", "settings": settings_for()}
    for answer in (
        client.post(CONNECTIONS, json=sent),
        client.patch(f"{CONNECTIONS}/{second['id']}", json={"name": "registry"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "connection_name_taken")
    assert client.patch(f"{CONNECTIONS}/{first['id']}", json={"name": "REGISTRY"}).status_code == 200
    listed = client.get(CONNECTIONS).json()
    assert [each["name"] for each in listed["connections"]] == ["other", "REGISTRY"]
    assert (listed["total"], listed["next_cursor"]) == (2, None)


def test_there_is_an_end_to_connections(client_of: ClientOf, ana: Principal, room: EnrichmentsRoom) -> None:
    client = client_of(ana)
    made(client, "first")
    others = text(
        "INSERT INTO enrichment_connections (id, user_id, provider, name, settings, created_at, updated_at) "
        "SELECT :id, user_id, provider, :name, settings, created_at, updated_at FROM enrichment_connections "
        "WHERE name = 'first'"
    )
    with room.db.begin() as connection:
        for number in range(1, MAX_CONNECTIONS):
            connection.execute(others, {"id": f"con_{number:022}", "name": f"c{number}"})
    sent = {"provider": "http_json", "name": "one more", "settings": settings_for()}
    answer = client.post(CONNECTIONS, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "connections_too_many")
    assert client.get(CONNECTIONS).json()["total"] == MAX_CONNECTIONS


def test_the_same_idempotency_key_makes_one_connection(client_of: ClientOf, ana: Principal) -> None:
    client = client_of(ana)
    sent = {"provider": "http_json", "name": "x", "settings": settings_for()}
    answers = [client.post(CONNECTIONS, json=sent, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert client.get(CONNECTIONS).json()["total"] == 1
