"""Sign in and out, keys, audit and the page, as clients see them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from muster.accounts import links, users
from muster.accounts.model import Scope, User
from muster.accounts.room import AccountsRoom
from tests.accounts.conftest import PASSWORD, SAME_ORIGIN, bearer
from tests.support.clock import SettableClock

SIGN_IN = "/api/auth/sign-in"


@pytest.fixture
def signed_in(client: TestClient, owner: User) -> TestClient:
    answer = client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    client.headers.update(SAME_ORIGIN)
    return client


def test_a_body_that_is_wrong_is_400_in_the_one_error_shape(client: TestClient) -> None:
    for body in (b"", b"{", b"null", b"\xff", b"{}", b'{"email": 5}', b"[" * 50_000):
        answer = client.post(SIGN_IN, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, body[:20]
        assert answer.json()["status"] == "error"
    answer = client.post(SIGN_IN, json={"email": 5, "password": "x"})
    assert [issue["pointer"] for issue in answer.json()["errors"]] == ["/email"]


def test_a_body_over_64_kib_is_413_and_a_form_is_415(client: TestClient) -> None:
    big = json.dumps({"email": "x" * 70_000, "password": "y"})
    assert client.post(SIGN_IN, content=big, headers={"Content-Type": "application/json"}).status_code == 413
    for media_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        answer = client.post(SIGN_IN, content=b"{}", headers={"Content-Type": media_type})
        assert answer.status_code == 415, media_type


def test_a_wrong_password_is_401_and_the_eleventh_guess_429(client: TestClient, owner: User) -> None:
    for _ in range(10):
        answer = client.post(SIGN_IN, json={"email": owner.email, "password": "a wrong password"})
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")
        assert "set-cookie" not in answer.headers
    answer = client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_another_sites_page_cannot_sign_its_visitor_in(client: TestClient, owner: User) -> None:
    for headers in ({"Origin": "https://evil.example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


def test_the_session_cookie_is_locked_to_this_host_and_to_http(client: TestClient, owner: User) -> None:
    answer = client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD})
    assert answer.json() == {
        "status": "success",
        "user": {
            "id": owner.id,
            "email": owner.email,
            "role": "owner",
            "created_at": "2025-01-15T10:30:00Z",
        },
    }
    name_and_value, *attributes = answer.headers["set-cookie"].split("; ")
    assert name_and_value.startswith("__Host-muster=")
    assert len(name_and_value) >= len("__Host-muster=") + 43
    assert {part.lower() for part in attributes} == {
        "httponly", "secure", "samesite=lax", "path=/", f"max-age={14 * 24 * 3600}",
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"


def test_on_plain_http_loopback_the_cookie_goes_without_secure(
    room: AccountsRoom, owner: User, app: FastAPI
) -> None:
    import dataclasses

    from muster.accounts.guard import Guard
    from muster.accounts.routes import router
    from tests.accounts.conftest import CountingLimiter, idempotency_of

    local = dataclasses.replace(room, base_url="http://localhost:3000", secure_cookies=False)
    local_app = FastAPI()
    local_app.include_router(router(local, Guard(local, CountingLimiter()), idempotency_of(local)))
    client = TestClient(local_app, base_url="http://localhost:3000")
    cookie = client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("muster_session=")
    assert "secure" not in cookie.lower()
    assert client.get("/api/auth/me").status_code == 200


def test_a_link_signs_in_once(client: TestClient, room: AccountsRoom, owner: User) -> None:
    token = links.issue_for(room, owner, users.by_command_line(owner))
    assert client.post(SIGN_IN, json={"token": token}).json()["user"]["id"] == owner.id
    assert client.get("/api/auth/me").json()["actor"] == "session"
    again = client.post(SIGN_IN, json={"token": token}, headers=SAME_ORIGIN)
    assert (again.status_code, again.json()["code"]) == (401, "link_refused")


def test_signing_in_again_gives_a_new_id_and_ends_the_old(signed_in: TestClient, owner: User) -> None:
    old = signed_in.cookies["__Host-muster"]
    signed_in.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD})
    assert signed_in.cookies["__Host-muster"] != old
    signed_in.cookies.clear()
    assert signed_in.get("/api/auth/me", headers={"Cookie": f"__Host-muster={old}"}).status_code == 401


def test_me_says_who_and_what(
    signed_in: TestClient, client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    me = signed_in.get("/api/auth/me")
    assert me.headers["cache-control"] == "no-store"
    assert me.json()["user"]["email"] == owner.email
    assert me.json()["has_password"] is True
    assert "admin" in me.json()["scopes"]
    key = new_key(owner, scopes=frozenset({Scope.UPLOADS_READ}))
    by_key = client.get("/api/auth/me", headers=bearer(key)).json()
    assert by_key["scopes"] == ["uploads:read"]
    assert by_key["actor"] == f"key:{key[7:15]}"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"everywhere": false}'])
def test_signing_out_kills_the_session_on_the_server(signed_in: TestClient, body: bytes) -> None:
    token = signed_in.cookies["__Host-muster"]
    answer = signed_in.post("/api/auth/sign-out", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["sessions_ended"] == 1
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert signed_in.get("/api/auth/me", headers={"Cookie": f"__Host-muster={token}"}).status_code == 401


def test_signing_out_everywhere_ends_the_other_browsers_too(app: FastAPI, owner: User) -> None:
    browsers = [TestClient(app, base_url="https://muster.example.org", headers=SAME_ORIGIN) for _ in range(3)]
    for browser in browsers:
        browser.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD})
    assert browsers[0].post("/api/auth/sign-out", json={"everywhere": True}).json()["sessions_ended"] == 3
    assert [browser.get("/api/auth/me").status_code for browser in browsers] == [401, 401, 401]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/sign-out", {"everywhere": True}),
        ("/api/auth/password", {"new_password": "taken over now"}),
    ],
)
def test_a_key_can_neither_set_the_password_nor_end_sessions(
    client: TestClient, owner: User, new_key: Callable[..., str], path: str, body: dict[str, Any]
) -> None:
    answer = client.post(path, json=body, headers=bearer(new_key(owner)))
    assert (answer.status_code, answer.json()["code"]) == (403, "session_required")
    assert client.post(SIGN_IN, json={"email": owner.email, "password": PASSWORD}).status_code == 200


def test_the_password_is_changed_with_the_current_one(signed_in: TestClient, owner: User) -> None:
    wrong = signed_in.post("/api/auth/password", json={"new_password": "a new password"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    short = signed_in.post("/api/auth/password", json={"new_password": "short", "current_password": PASSWORD})
    assert short.status_code == 400
    assert short.json()["errors"][0]["field"] == "new_password"
    done = signed_in.post(
        "/api/auth/password", json={"new_password": "a new password", "current_password": PASSWORD}
    )
    assert done.json()["sessions_ended"] == 0
    assert signed_in.get("/api/auth/me").status_code == 200


def test_a_key_that_makes_no_sense_is_400_naming_the_member(
    client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    headers = bearer(new_key(owner))
    for body, field in (
        ({}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"name": "k", "scopes": ["root"]}, "scopes"),
        ({"name": "k", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "k", "row_quota": 10**30}, "row_quota"),
    ):
        answer = client.post("/api/keys", json=body, headers=headers)
        assert answer.status_code == 400, answer.text
        assert {issue["field"] for issue in answer.json()["errors"]} == {field}


def test_a_key_is_shown_once_and_works(signed_in: TestClient, client: TestClient) -> None:
    body = {"name": "importer", "scopes": ["uploads:read"], "expires_in_days": 30, "row_quota": 1000}
    answer = signed_in.post("/api/keys", json=body)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made["api_key"] == {
        "id": made["key"][7:15],
        "name": "importer",
        "scopes": ["uploads:read"],
        "state": "active",
        "created_at": "2025-01-15T10:30:00Z",
        "expires_at": "2025-02-14T10:30:00Z",
        "revoked_at": None,
        "last_used_at": None,
        "last_used_address": None,
        "row_quota": 1000,
        "rows_used": 0,
    }
    assert client.get("/probe/read", headers=bearer(made["key"])).status_code == 200
    listed = signed_in.get("/api/keys")
    assert made["key"] not in listed.text
    assert made["key"].rpartition("_")[2] not in listed.text
    assert listed.json()["keys"][0]["last_used_at"] == "2025-01-15T10:30:00Z"
    assert (listed.json()["total"], listed.json()["next_cursor"]) == (1, None)


def test_the_same_key_request_twice_makes_one_key_and_stores_no_secret(
    signed_in: TestClient, room: AccountsRoom
) -> None:
    headers = {"Idempotency-Key": "once"}
    first = signed_in.post("/api/keys", json={"name": "importer"}, headers=headers)
    again = signed_in.post("/api/keys", json={"name": "importer"}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["cache-control"] == "no-store"
    assert signed_in.get("/api/keys").json()["total"] == 1
    with room.db.read() as connection:
        stored = connection.exec_driver_sql("SELECT body FROM idempotency_keys").scalar_one()
    assert first.json()["key"].rpartition("_")[2].encode() not in bytes(stored)


def test_a_revoked_or_expired_key_says_so_in_the_list(
    signed_in: TestClient, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    new_key(owner, name="old", expires_at=clock() + timedelta(seconds=10))
    revoked = new_key(owner, name="gone")
    for _ in range(2):
        assert signed_in.delete(f"/api/keys/{revoked[7:15]}").status_code == 200
    clock.advance(10)
    states = {key["name"]: key["state"] for key in signed_in.get("/api/keys").json()["keys"]}
    assert states == {"old": "expired", "gone": "revoked"}


def test_rolling_gives_a_new_text_and_kills_the_old(
    signed_in: TestClient, client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    old = new_key(owner, name="importer")
    rolled = signed_in.post(f"/api/keys/{old[7:15]}/roll")
    assert rolled.status_code == 201
    assert rolled.json()["api_key"]["name"] == "importer"
    client.cookies.clear()
    assert client.get("/probe/any", headers=bearer(old)).status_code == 401
    assert client.get("/probe/any", headers=bearer(rolled.json()["key"])).status_code == 200


def test_rolling_with_an_overlap_leaves_the_old_key_a_while(
    signed_in: TestClient, client: TestClient, owner: User, new_key: Callable[..., str], clock: SettableClock
) -> None:
    old = new_key(owner, name="importer")
    roll = f"/api/keys/{old[7:15]}/roll"
    for wrong in (-1, 604_801, 1.5, "60", None):
        assert signed_in.post(roll, json={"overlap_seconds": wrong}).status_code == 400, wrong
    assert signed_in.post(roll, json={"overlap": 60}).status_code == 400
    headers = {"Idempotency-Key": "roll"}
    rolled = signed_in.post(roll, json={"overlap_seconds": 60}, headers=headers)
    assert rolled.status_code == 201
    assert signed_in.post(roll, json={"overlap_seconds": 60}, headers=headers).json() == rolled.json()
    other_body = signed_in.post(roll, json={"overlap_seconds": 61}, headers=headers)
    assert (other_body.status_code, other_body.json()["code"]) == (409, "idempotency_key_reused")
    ends = {key["id"]: key["expires_at"] for key in signed_in.get("/api/keys").json()["keys"]}
    assert ends == {old[7:15]: "2025-01-15T10:31:00Z", rolled.json()["api_key"]["id"]: None}
    client.cookies.clear()
    assert client.get("/probe/any", headers=bearer(old)).status_code == 200
    clock.advance(60)
    assert client.get("/probe/any", headers=bearer(old)).status_code == 401


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"", {}), (b"", {"Content-Type": "application/json"}), (b"{}", {"Content-Type": "application/json"})],
)
def test_rolling_without_a_word_stops_the_old_key_at_once(
    signed_in: TestClient, owner: User, new_key: Callable[..., str], body: bytes, headers: dict[str, str]
) -> None:
    old = new_key(owner)
    assert signed_in.post(f"/api/keys/{old[7:15]}/roll", content=body, headers=headers).status_code == 201
    signed_in.cookies.clear()
    assert signed_in.get("/probe/any", headers=bearer(old)).status_code == 401


def test_a_key_is_renamed(signed_in: TestClient, owner: User, new_key: Callable[..., str]) -> None:
    key_id = new_key(owner, name="importer")[7:15]
    renamed = signed_in.patch(f"/api/keys/{key_id}", json={"name": "nightly"})
    assert (renamed.status_code, renamed.json()["api_key"]["name"]) == (200, "nightly")
    assert signed_in.get("/api/keys").json()["keys"][0]["name"] == "nightly"
    for wrong in ({}, {"name": ""}, {"name": "x", "scopes": ["admin"]}, {"name": "nul\0"}):
        assert signed_in.patch(f"/api/keys/{key_id}", json=wrong).status_code == 400, wrong
    assert signed_in.patch("/api/keys/AAAAAAAA", json={"name": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["/api/keys", "/api/audit"])
def test_lists_come_in_pages_without_gaps_or_repeats(
    signed_in: TestClient, owner: User, new_key: Callable[..., str], path: str
) -> None:
    for number in range(5):
        new_key(owner, name=f"k{number}")
    name = "keys" if path == "/api/keys" else "lines"
    whole = signed_in.get(path).json()
    pieces: list[Any] = []
    cursor = None
    while True:
        page = signed_in.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert page["total"] == whole["total"] == len(whole[name])
        pieces += page[name]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pieces == whole[name]


FOREIGN_CURSORS = (  # of another list, or of none: an id that is no number, and one beyond 64 bits
    "MjAyNS0wMS0xNVQxMDozMDowMCswMDowMHxhYmM",
    "MjAyNS0wMS0xNVQxMDozMDowMCswMDowMHw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk",
)


def test_an_odd_page_is_400_or_empty_never_a_failure(signed_in: TestClient) -> None:
    odd = ("limit=0", "limit=1001", "limit=x", "cursor=", "cursor=x", "cursor=%00", "cursor=" + "A" * 5000)
    for query in odd:
        for path in ("/api/keys", "/api/audit"):
            assert signed_in.get(f"{path}?{query}").status_code == 400, (path, query)
    for cursor in FOREIGN_CURSORS:
        assert signed_in.get(f"/api/audit?cursor={cursor}").status_code == 400
        assert signed_in.get(f"/api/keys?cursor={cursor}").json()["keys"] == []


def test_the_audit_log_tells_what_was_done_without_personal_data(signed_in: TestClient, owner: User) -> None:
    key = signed_in.post("/api/keys", json={"name": "Secret project"}).json()
    signed_in.delete(f"/api/keys/{key['api_key']['id']}")
    answer = signed_in.get("/api/audit")
    lines = answer.json()["lines"]
    assert [(line["action"], line["actor"]) for line in lines] == [
        ("key.revoked", "session"),
        ("key.created", "session"),
        ("session.began", "session"),
        ("user.created", "cli"),
    ]
    assert lines[0]["subject"] == key["api_key"]["id"]
    for secret in (owner.email, "Secret project", PASSWORD, key["key"]):
        assert secret not in answer.text


def test_openapi_names_the_bodies_that_are_read_raw(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    schema = paths["/api/keys"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["name"]
    assert set(schema["properties"]) == {"name", "scopes", "expires_at", "expires_in_days", "row_quota"}
    assert paths["/api/auth/sign-out"]["post"]["requestBody"]["required"] is False
    assert "201" in paths["/api/keys"]["post"]["responses"]
    assert "/sign-in" not in paths
    assert "#/$defs" not in json.dumps(paths)
