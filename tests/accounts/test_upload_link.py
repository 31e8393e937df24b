"""The link of an upload in a browser: it opens one upload, signs nobody in, and nobody out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.accounts.model import Role
from tests.support.app import (
    BATCH,
    SAME_ORIGIN,
    UNKNOWN_UPLOAD,
    Person,
    RunningApp,
    bearer,
    build_now,
    running,
)

OPEN = "/api/auth/open"
ME = "/api/auth/me"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running(tmp_path_factory.mktemp("links") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.org", Role.OWNER)


@pytest.fixture(scope="module")
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.org")


@pytest.fixture(scope="module")
def receipt(app: RunningApp, ana: Person) -> dict[str, Any]:
    """An upload of Ana's whose table is built."""
    made = app.upload(ana)
    build_now(app, ana, made["upload_id"])
    return made


@pytest.fixture(autouse=True)
def a_browser_without_cookies(app: RunningApp) -> Iterator[None]:
    app.client.cookies.clear()
    yield
    app.client.cookies.clear()


def opened(app: RunningApp, token: str) -> Any:
    answer = app.client.post(OPEN, json={"token": token}, headers=SAME_ORIGIN)
    assert answer.status_code == 200, answer.text
    return answer


def reads(upload_id: str) -> list[str]:
    """Every address the page of a table reads with GET."""
    one = f"{BATCH}/{upload_id}"
    return [
        one,
        *(f"{one}/{part}" for part in ("rows", "profile", "rejects", "results", "changes", "events")),
    ]


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("", 401, "link_refused"),
        ("muster_AAAAAAAA_" + "A" * 43, 401, "link_refused"),
        ("sess_1737000000_" + "A" * 43, 401, "link_refused"),
        ("sess_1737000000_" + "A" * 43 + "\r\nSet-Cookie: x=y", 401, "link_refused"),
        ("x" * 201, 400, "member_invalid"),
    ],
)
def test_a_token_that_opens_nothing_sets_no_cookie(
    app: RunningApp, token: str, status: int, code: str
) -> None:
    answer = app.client.post(OPEN, json={"token": token}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "set-cookie" not in answer.headers
    assert not token or token not in answer.text


def test_a_page_of_another_site_can_neither_open_nor_close_a_link(
    app: RunningApp, receipt: dict[str, Any]
) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}):
        for method, body in (("POST", {"token": receipt["session_token"]}), ("DELETE", None)):
            answer = app.client.request(method, OPEN, json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused"), (method, headers)
            assert "set-cookie" not in answer.headers


def test_the_cookie_is_locked_away_and_ends_with_the_token(app: RunningApp, receipt: dict[str, Any]) -> None:
    answer = opened(app, receipt["session_token"])
    body = answer.json()
    assert set(body) == {"status", "upload_id", "expires_at"}
    assert body["upload_id"] == receipt["upload_id"]
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("muster_link=")  # plain http on loopback; elsewhere __Host-
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    seconds = int(cookie.partition("max-age=")[2].partition(";")[0])
    assert 24 * 3600 - 60 < seconds <= 24 * 3600
    assert answer.headers["cache-control"] == "no-store"


def test_a_link_reads_all_that_the_page_of_a_table_shows(app: RunningApp, receipt: dict[str, Any]) -> None:
    opened(app, receipt["session_token"])
    for path in reads(receipt["upload_id"]):
        answer = app.client.get(path)
        assert answer.status_code in {200, 204}, (path, answer.text)
    query = app.client.post(f"{BATCH}/{receipt['upload_id']}/rows/query", json={}, headers=SAME_ORIGIN)
    assert query.status_code == 200
    assert query.json()["total"] == 2


def test_a_link_reads_no_other_upload_of_the_same_owner_and_none_of_others(
    app: RunningApp, ana: Person, ben: Person, receipt: dict[str, Any]
) -> None:
    opened(app, receipt["session_token"])
    for upload_id in (app.upload(ana)["upload_id"], app.upload(ben)["upload_id"]):
        for path in reads(upload_id):
            assert app.client.get(path).status_code == 403, path
        query = app.client.post(f"{BATCH}/{upload_id}/rows/query", json={}, headers=SAME_ORIGIN)
        assert query.status_code == 403
    assert app.client.get(f"{BATCH}/{UNKNOWN_UPLOAD}").status_code in {403, 404}


def test_a_link_writes_nothing_and_lists_nothing(app: RunningApp, receipt: dict[str, Any]) -> None:
    opened(app, receipt["session_token"])
    one = f"{BATCH}/{receipt['upload_id']}"
    for method, path, body in (
        ("PATCH", one, {"upload_name": "taken over"}),
        ("DELETE", one, None),
        ("PATCH", f"{one}/rows", {"edits": []}),
        ("POST", f"{one}/undo", {}),
        ("POST", f"{one}/cancel", {}),
        ("POST", f"{one}/retry", {}),
        ("POST", BATCH, {"upload_name": "x", "records": [{"email": "a@example.com"}]}),
        ("GET", BATCH, None),
        ("GET", "/api/keys", None),
        ("POST", "/api/keys", {"name": "mine now"}),
        ("GET", "/api/audit", None),
        ("GET", "/api/requests", None),
        ("GET", "/api/auth/sessions", None),
        ("POST", "/api/auth/password", {"new_password": "taken over now"}),
    ):
        answer = app.client.request(method, path, json=body, headers=SAME_ORIGIN)
        assert (answer.status_code, answer.json()["code"]) == (403, "upload_token_refused"), (method, path)


def test_every_route_that_lets_links_in_only_reads(app: RunningApp) -> None:
    # A walk over the whole table: a write route that took links by mistake would stand out here.
    lets_in = {
        (method, route.path)
        for route in app.routes
        for method in route.methods or ()
        for part in route.dependant.dependencies
        if getattr(part.call, "muster_upload_token", False)
    }
    writes = {pair for pair in lets_in if pair[0] not in {"GET", "HEAD"}}
    assert writes == {("POST", f"{BATCH}/{{upload_id}}/rows/query")}
    for path in reads("{upload_id}"):
        assert ("GET", path) in lets_in, path


def test_a_page_of_another_site_cannot_ride_on_a_link(app: RunningApp, receipt: dict[str, Any]) -> None:
    opened(app, receipt["session_token"])
    answer = app.client.post(
        f"{BATCH}/{receipt['upload_id']}/rows/query", json={}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


def test_the_bearer_of_a_link_learns_nothing_about_the_owner(
    app: RunningApp, ana: Person, receipt: dict[str, Any]
) -> None:
    opened(app, receipt["session_token"])
    for headers in ({}, bearer(receipt["session_token"])):
        answer = app.client.get(ME, headers=headers)
        assert answer.json() == {
            "status": "success",
            "user": None,
            "scopes": ["uploads:read"],
            "actor": "link",
            "has_password": False,
            "only_upload": receipt["upload_id"],
        }
        app.client.cookies.clear()


def test_opening_a_link_leaves_the_person_who_is_signed_in_signed_in(
    app: RunningApp, ben: Person, receipt: dict[str, Any]
) -> None:
    session = app.session(ben.user)
    own = app.upload(ben)["upload_id"]
    link = f"muster_link={receipt['session_token']}"
    both = {**session, "Cookie": f"{session['Cookie']}; {link}"}
    assert app.client.post(OPEN, json={"token": receipt["session_token"]}, headers=session).status_code == 200
    app.client.cookies.clear()
    # Their own things as before, the linked upload too, and still not the right to change it.
    assert app.client.get(ME, headers=both).json()["user"]["id"] == ben.user.id
    assert app.client.get(f"{BATCH}/{own}", headers=both).status_code == 200
    assert app.client.patch(f"{BATCH}/{own}", json={"upload_name": "b"}, headers=both).status_code == 200
    assert app.client.get(f"{BATCH}/{receipt['upload_id']}", headers=both).status_code == 200
    assert app.client.get(f"{BATCH}/{receipt['upload_id']}", headers=session).status_code == 403
    refused = app.client.patch(f"{BATCH}/{receipt['upload_id']}", json={"upload_name": "b"}, headers=both)
    assert (refused.status_code, refused.json()["code"]) == (403, "upload_not_yours")


def test_the_owner_with_a_link_open_keeps_all_rights(
    app: RunningApp, ana: Person, receipt: dict[str, Any]
) -> None:
    session = app.session(ana.user)
    both = {**session, "Cookie": f"{session['Cookie']}; muster_link={receipt['session_token']}"}
    one = f"{BATCH}/{receipt['upload_id']}"
    assert app.client.patch(one, json={"upload_name": "mine"}, headers=both).status_code == 200
    other = app.upload(ana)["upload_id"]
    assert app.client.get(f"{BATCH}/{other}", headers=both).status_code == 200


def test_an_ended_session_says_401_where_the_link_is_of_no_use(
    app: RunningApp, receipt: dict[str, Any]
) -> None:
    both = {"Cookie": f"muster_session=ended; muster_link={receipt['session_token']}", **SAME_ORIGIN}
    assert app.client.get(BATCH, headers=both).status_code == 401
    assert app.client.get("/api/keys", headers=both).status_code == 401
    assert app.client.get(f"{BATCH}/{receipt['upload_id']}", headers=both).status_code == 200
    assert app.client.get(ME, headers=both).json()["only_upload"] == receipt["upload_id"]


def test_a_header_counts_alone_whatever_cookies_come_with_it(
    app: RunningApp, ben: Person, receipt: dict[str, Any]
) -> None:
    headers = {**ben.headers, "Cookie": f"muster_link={receipt['session_token']}"}
    assert app.client.get(f"{BATCH}/{receipt['upload_id']}", headers=headers).status_code == 403


def test_an_api_key_or_a_session_in_the_links_cookie_is_nothing(app: RunningApp, ana: Person) -> None:
    session = app.session(ana.user)["Cookie"].partition("=")[2]
    for value in (ana.key, session, "x", ""):
        answer = app.client.get(ME, headers={"Cookie": f"muster_link={value}"})
        assert answer.status_code == 401, value[:8]


def test_closing_a_link_or_signing_out_takes_its_cookie_away(
    app: RunningApp, ana: Person, receipt: dict[str, Any]
) -> None:
    opened(app, receipt["session_token"])
    closed = app.client.delete(OPEN, headers=SAME_ORIGIN)
    assert closed.status_code == 200
    assert app.client.get(ME).status_code == 401
    out = app.client.post("/api/auth/sign-out", json={}, headers=app.session(ana.user))
    assert out.status_code == 200
    cleared = [line for line in out.headers.get_list("set-cookie") if "Max-Age=0" in line]
    assert {line.partition("=")[0] for line in cleared} == {"muster_session", "muster_link"}


def test_a_deleted_upload_takes_its_link_with_it(app: RunningApp, ana: Person) -> None:
    made = app.upload(ana)
    opened(app, made["session_token"])
    one = f"{BATCH}/{made['upload_id']}"
    assert app.client.get(one).status_code == 200
    assert app.client.delete(one, headers=ana.headers).status_code == 200
    assert app.client.get(one).status_code == 401
    assert app.client.get(ME).status_code == 401
    again = app.client.post(OPEN, json={"token": made["session_token"]}, headers=SAME_ORIGIN)
    assert (again.status_code, again.json()["code"]) == (401, "link_refused")


def test_a_disabled_owner_takes_the_link_with_them(app: RunningApp) -> None:
    from muster.accounts import users

    cleo = app.person("cleo@example.org")
    made = app.upload(cleo)
    opened(app, made["session_token"])
    users.disable(app.house.accounts, "cleo@example.org")
    assert app.client.get(f"{BATCH}/{made['upload_id']}").status_code == 401


def test_an_expired_link_is_401(tmp_path: Path) -> None:
    with running(tmp_path / "data") as app:
        made = app.upload(app.person("dora@example.org"))
        opened(app, made["session_token"])
        with app.house.db.begin() as connection:
            connection.exec_driver_sql("UPDATE upload_tokens SET expires_at = '2025-01-15T10:30:00.000000Z'")
        assert app.client.get(f"{BATCH}/{made['upload_id']}").status_code == 401
        again = app.client.post(OPEN, json={"token": made["session_token"]}, headers=SAME_ORIGIN)
        assert again.status_code == 401


def test_where_cookies_are_secure_the_links_cookie_has_the_host_prefix(tmp_path: Path) -> None:
    with running(tmp_path / "data", public_url="https://muster.example.org") as app:
        made = app.upload(app.person("eva@example.org"))
        cookie = opened(app, made["session_token"]).headers["set-cookie"]
        assert cookie.startswith("__Host-muster_link=")
        assert "secure" in cookie.lower()
        assert "domain" not in cookie.lower()
        plain = {"Cookie": f"muster_link={made['session_token']}"}
        app.client.cookies.clear()
        assert app.client.get(ME, headers=plain).status_code == 401
