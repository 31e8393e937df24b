"""The list of one's own browsers, and ending one of them."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from muster.accounts.model import User
from muster.accounts.room import AccountsRoom
from muster.db.schema import sessions as sessions_table
from tests.accounts.conftest import PASSWORD, SAME_ORIGIN, bearer
from tests.support.clock import SettableClock

SESSIONS = "/api/auth/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOUR = 3600


def a_browser(app: FastAPI, user: User, *, agent: str = FIREFOX, address: str = "192.0.2.7") -> TestClient:
    """A browser in which this user has just signed in."""
    browser = TestClient(
        app,
        base_url="https://muster.example.org",
        headers={**SAME_ORIGIN, "user-agent": agent},
        client=(address, 50000),
    )
    signed_in = browser.post("/api/auth/sign-in", json={"email": user.email, "password": PASSWORD})
    assert signed_in.status_code == 200
    return browser


def test_each_session_says_where_and_when_it_began_and_which_is_this_one(
    app: FastAPI, owner: User, clock: SettableClock
) -> None:
    first = a_browser(app, owner, address="2001:db8::1")
    clock.advance(HOUR)
    second = a_browser(app, owner, agent="curl/8.5.0 (someone@example.org)")
    listed = second.get(SESSIONS)
    assert listed.headers["cache-control"] == "no-store"
    found = listed.json()["sessions"]
    assert [(s["user_agent"], s["address"], s["is_current"]) for s in found] == [
        ("curl/8.5.0", "192.0.2.7", True),
        ("Firefox on Linux", "2001:db8::1", False),
    ]
    assert found[1]["created_at"] == "2025-01-15T10:30:00Z"
    assert found[0]["expires_at"] == "2025-01-29T11:30:00Z"
    assert [s["is_current"] for s in first.get(SESSIONS).json()["sessions"]] == [False, True]


def test_the_id_of_a_session_opens_nothing_and_its_secret_is_not_told(
    app: FastAPI, owner: User, room: AccountsRoom
) -> None:
    browser = a_browser(app, owner)
    answer = browser.get(SESSIONS)
    token = browser.cookies["__Host-muster"]
    with room.db.read() as connection:
        stored = connection.execute(select(sessions_table.c.token_hash)).scalar_one()
    assert token not in answer.text
    assert stored not in answer.text
    session_id = answer.json()["sessions"][0]["id"]
    stranger = TestClient(app, base_url="https://muster.example.org")
    assert stranger.get(SESSIONS, headers={"Cookie": f"__Host-muster={session_id}"}).status_code == 401


def test_nobody_sees_or_ends_another_users_sessions(app: FastAPI, owner: User, other: User) -> None:
    mine, theirs = a_browser(app, owner), a_browser(app, other)
    [session] = theirs.get(SESSIONS).json()["sessions"]
    assert session["id"] not in mine.get(SESSIONS).text
    refused = mine.delete(f"{SESSIONS}/{session['id']}")
    assert refused.status_code == 403
    assert theirs.get(SESSIONS).status_code == 200


@pytest.mark.parametrize("session_id", ["ssn_" + "A" * 22, "x", "%00", "..%2F..", "x" * 5000, "' OR 1=1 --"])
def test_an_id_nobody_has_is_404(app: FastAPI, owner: User, session_id: str) -> None:
    answer = a_browser(app, owner).delete(f"{SESSIONS}/{session_id}")
    assert answer.status_code == 404


def test_a_key_can_neither_list_nor_end_sessions(
    app: FastAPI, client: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    [session] = a_browser(app, owner).get(SESSIONS).json()["sessions"]
    headers = bearer(new_key(owner))
    for answer in (
        client.get(SESSIONS, headers=headers),
        client.delete(f"{SESSIONS}/{session['id']}", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "session_required")


def test_another_site_cannot_end_a_session(app: FastAPI, owner: User) -> None:
    browser = a_browser(app, owner)
    [session] = browser.get(SESSIONS).json()["sessions"]
    refused = browser.delete(f"{SESSIONS}/{session['id']}", headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")


def test_a_session_is_ended_from_another_browser_at_once(app: FastAPI, owner: User) -> None:
    lost, here = a_browser(app, owner), a_browser(app, owner)
    [other] = [s for s in here.get(SESSIONS).json()["sessions"] if not s["is_current"]]
    assert here.delete(f"{SESSIONS}/{other['id']}").json()["sessions_ended"] == 1
    assert lost.get("/api/auth/me").status_code == 401
    assert here.delete(f"{SESSIONS}/{other['id']}").status_code == 404
    assert [s["is_current"] for s in here.get(SESSIONS).json()["sessions"]] == [True]


def test_a_browser_may_end_its_own_session(app: FastAPI, owner: User) -> None:
    browser = a_browser(app, owner)
    [session] = browser.get(SESSIONS).json()["sessions"]
    assert browser.delete(f"{SESSIONS}/{session['id']}").status_code == 200
    assert browser.get("/api/auth/me").status_code == 401


def test_sessions_that_ended_by_themselves_are_not_listed(
    app: FastAPI, owner: User, clock: SettableClock
) -> None:
    a_browser(app, owner)
    clock.advance(72 * HOUR)
    assert len(a_browser(app, owner).get(SESSIONS).json()["sessions"]) == 1


def test_an_endless_or_odd_header_keeps_nobody_out(app: FastAPI, owner: User) -> None:
    for agent in ("x" * 8000, "\x01", "<b>", ""):
        [*_, last] = a_browser(app, owner, agent=agent, address="a" * 200).get(SESSIONS).json()["sessions"]
        assert len(last["user_agent"] or "") <= 60
        assert len(last["address"]) <= 45


def test_the_first_run_is_told_until_somebody_came(
    app: FastAPI, client: TestClient, room: AccountsRoom
) -> None:
    from muster.accounts import links
    from muster.accounts.first_run import first_run

    def is_first_run() -> bool:
        answer = client.get("/api/auth/methods")
        assert "@" not in answer.text
        told: bool = answer.json()["first_run"]
        return told

    assert is_first_run()
    token = first_run(room)
    assert token is not None
    assert is_first_run()  # the owner is there, and nobody has come in yet
    links.sign_in(room, token)
    assert not is_first_run()


def test_a_user_with_a_password_is_no_first_run(client: TestClient, owner: User) -> None:
    assert client.get("/api/auth/methods").json()["first_run"] is False
