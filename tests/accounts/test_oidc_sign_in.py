"""Signing in at the issuer with a browser: there and back, and every way to come back wrong."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from muster.accounts import users
from muster.accounts.guard import Guard
from muster.accounts.model import User
from muster.accounts.oidc_exchange import Client
from muster.accounts.oidc_sign_in import ATTEMPT_LIFE, OidcSignIn, own_path
from muster.accounts.room import AccountsRoom
from muster.accounts.routes import router
from muster.errors import InputError
from muster.settings import Settings
from muster.web import errors as web_errors
from muster.wiring import accounts_room
from tests.accounts.conftest import CountingLimiter, idempotency_of
from tests.accounts.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, PrivateKey, running_issuer
from tests.support.databases import on_sqlite

START = "/api/auth/oidc/start"
CALLBACK = "/api/auth/oidc/callback"
HOME = "https://muster.example.org"
HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def private_keys() -> dict[str, PrivateKey]:
    return {"rsa": rsa.generate_private_key(65537, 2048)}


@pytest.fixture
def issuer(private_keys: dict[str, PrivateKey]) -> Iterator[Issuer]:
    with running_issuer(private_keys) as started:
        yield started


Browser = Callable[..., TestClient]


@pytest.fixture
def browser(room: AccountsRoom, issuer: Issuer) -> Browser:
    """Makes a browser on a house that has this issuer; it follows no redirect by itself."""
    import dataclasses

    def make(secret: str | None = CLIENT_SECRET) -> TestClient:
        door = OidcSignIn(
            issuer.url, Client(CLIENT_ID, secret), name="Example SSO", base_url=HOME, cache_seconds=300
        )
        house = dataclasses.replace(room, oidc_sign_in=door)
        app = FastAPI()
        web_errors.install(app)
        app.include_router(router(house, Guard(house, CountingLimiter()), idempotency_of(house)))
        return TestClient(app, base_url=HOME, follow_redirects=False)

    return make


def begun(client: TestClient, next_path: str | None = None) -> str:
    """Begin a sign-in; the address at the issuer."""
    answer = client.get(START, params={} if next_path is None else {"next": next_path})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def came_back(client: TestClient, issuer: Issuer, **changed: str | None) -> Any:
    """Sign in at the issuer and come back, with parts of the address changed; None takes one away."""
    parts = urlsplit(issuer.agree(begun(client)))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    sent = {name: value for name, value in {**query, **changed}.items() if value is not None}
    return client.get(f"{parts.path}?{urlencode(sent)}")


def signed_in(client: TestClient) -> bool:
    return client.get("/api/auth/me").status_code == 200


def test_somebody_new_comes_back_signed_in_and_where_they_wanted_to_go(
    browser: Browser, issuer: Issuer
) -> None:
    client = browser()
    back = issuer.agree(begun(client, "/uploads/upl_1?sort=-a"))
    assert back.startswith(f"{HOME}{CALLBACK}?")
    answer = client.get(back)
    assert (answer.status_code, answer.headers["location"]) == (302, "/uploads/upl_1?sort=-a")
    assert answer.headers["cache-control"] == "no-store"
    me = client.get("/api/auth/me").json()
    assert (me["user"]["email"], me["user"]["role"], me["actor"]) == (
        "person@example.org",
        "member",
        "session",
    )
    assert client.get(START).status_code == 302  # and nothing is left that stands in the way of another


def test_somebody_the_issuer_vouches_for_gets_their_own_account(
    browser: Browser, issuer: Issuer, owner: User
) -> None:
    issuer.id_claims = {"email": owner.email}
    client = browser()
    assert came_back(client, issuer).status_code == 302
    assert client.get("/api/auth/me").json()["user"]["id"] == owner.id


def test_an_address_the_issuer_does_not_vouch_for_takes_nobodys_account(
    browser: Browser, issuer: Issuer, owner: User
) -> None:
    for vouched in (False, None):
        issuer.id_claims = {"email": owner.email, "email_verified": vouched}
        client = browser()
        answer = came_back(client, issuer)
        assert (answer.status_code, answer.json()["code"]) == (403, "oidc_email_unverified")
        assert not signed_in(client)


def test_a_disabled_person_stays_outside(browser: Browser, issuer: Issuer, room: AccountsRoom) -> None:
    came_back(browser(), issuer)
    users.disable(room, "person@example.org")
    client = browser()
    answer = came_back(client, issuer)
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc_refused")
    assert not signed_in(client)


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"state": "x" * 43}, "oidc_state_mismatch"),
        ({"state": ""}, "oidc_state_mismatch"),
        ({"state": None}, "oidc_state_mismatch"),
        ({"state": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")}, "oidc_state_mismatch"),
        ({"iss": "https://evil.example.org"}, "oidc_refused"),
        ({"code": None}, "oidc_refused"),
        ({"code": ""}, "oidc_refused"),
        ({"code": "x" * 5000}, "oidc_refused"),
        ({"code": "never given"}, "oidc_refused"),
        ({"error": "access_denied", "code": None}, "oidc_refused"),
        ({"error": "access_denied"}, "oidc_refused"),
    ],
    ids=str,
)
def test_an_address_that_was_tampered_with_signs_nobody_in(
    browser: Browser, issuer: Issuer, changed: dict[str, str | None], code: str
) -> None:
    client = browser()
    answer = came_back(client, issuer, **changed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not signed_in(client)


def test_an_issuer_that_does_not_name_itself_in_the_address_is_fine(browser: Browser, issuer: Issuer) -> None:
    assert came_back(browser(), issuer, iss=None).status_code == 302


def test_somebody_elses_callback_address_signs_nobody_in(browser: Browser, issuer: Issuer) -> None:
    # The trick: begin a sign-in oneself, and have the victim's browser finish it.
    attacker, victim = browser(), browser()
    back = issuer.agree(begun(attacker))
    answer = victim.get(back)
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc_state_mismatch")
    begun(victim)  # nor with a sign-in of their own under way
    assert victim.get(back).json()["code"] == "oidc_state_mismatch"
    assert not signed_in(victim)
    assert "/token" not in issuer.requests


def test_a_callback_works_once(browser: Browser, issuer: Issuer) -> None:
    client = browser()
    back = issuer.agree(begun(client))
    cookie = client.cookies["__Host-muster_oidc"]
    assert client.get(back).status_code == 302
    client.cookies.clear()
    assert client.get(back).json()["code"] == "oidc_state_mismatch"
    # Even for whoever kept the cookie: the issuer's code is spent.
    again = client.get(back, headers={"Cookie": f"__Host-muster_oidc={cookie}"})
    assert (again.status_code, again.json()["code"]) == (401, "oidc_refused")


@on_sqlite
@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 5},
        {"aud": "another application"},
        {"aud": [CLIENT_ID, "another application"]},
        {"aud": [CLIENT_ID, "another application"], "azp": "another application"},
        {"azp": "another application"},
        {"iss": "https://evil.example.org"},
        {"exp": 1},
        {"sub": None},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    browser: Browser, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.id_claims = claims
    client = browser()
    assert came_back(client, issuer).status_code == 401
    assert not signed_in(client)


def test_an_id_token_for_several_that_names_us_is_fine(browser: Browser, issuer: Issuer) -> None:
    issuer.id_claims = {"aud": [CLIENT_ID, "another application"], "azp": CLIENT_ID}
    assert came_back(browser(), issuer).status_code == 302


def test_the_challenge_belongs_to_the_verifier_and_neither_leaves_the_browser_early(
    browser: Browser, issuer: Issuer
) -> None:
    client = browser()
    address = begun(client)
    kept = client.cookies["__Host-muster_oidc"]
    attempt = json.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
    assert attempt["verifier"] not in address
    assert len(attempt["verifier"]) == 43  # RFC 7636, 4.1
    assert len({attempt["state"], attempt["nonce"], attempt["verifier"]}) == 3
    other = begun(client)
    assert parse_qs(urlsplit(other).query)["state"] != parse_qs(urlsplit(address).query)["state"]


def test_the_cookie_of_an_attempt_is_locked_away_and_short_lived(browser: Browser, issuer: Issuer) -> None:
    cookie = browser().get(START).headers["set-cookie"].lower()
    for part in ("__host-muster_oidc=", "secure", "httponly", "samesite=lax", "path=/"):
        assert part in cookie
    assert f"max-age={int(ATTEMPT_LIFE.total_seconds())}" in cookie


@on_sqlite
@pytest.mark.parametrize(
    "cookie", ["", "x", "e30", "bnVsbA", "!!!", "A" * 5000, base64.urlsafe_b64encode(b"\xff\xfe").decode()]
)
def test_a_cookie_nobody_issued_is_no_attempt(browser: Browser, cookie: str) -> None:
    answer = browser().get(f"{CALLBACK}?state=x&code=y", headers={"Cookie": f"__Host-muster_oidc={cookie}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc_state_mismatch")


OUTSIDE = (
    "https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "\\\\evil.example.org",
    "/\t/evil.example.org", "/\n/evil.example.org", "javascript:alert(1)", "evil", "", " /uploads", "/a b",
    "/\u2028", "http:/evil", "/" + "x" * 2000, "/ok\r\nSet-Cookie: a=b",
)  # fmt: skip


@on_sqlite
@pytest.mark.parametrize("path", OUTSIDE, ids=repr)
def test_nobody_is_sent_to_another_site_afterwards(browser: Browser, issuer: Issuer, path: str) -> None:
    with pytest.raises(InputError):
        own_path(path)
    answer = browser().get(START, params={"next": path})
    assert answer.status_code == 400
    assert "location" not in answer.headers
    # Nor by a cookie that was put together by hand.
    client = browser()
    begun(client)
    kept = client.cookies["__Host-muster_oidc"]
    attempt = json.loads(base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps({**attempt, "next": path}).encode()).decode().rstrip("=")
    back = issuer.agree(begun(client))
    state = parse_qs(urlsplit(back).query)["state"][0]
    client.cookies.clear()
    sent = client.get(
        back.replace(state, attempt["state"]), headers={"Cookie": f"__Host-muster_oidc={forged}"}
    )
    assert sent.headers.get("location", "/").startswith("/")
    assert "evil" not in sent.headers.get("location", "")


@pytest.mark.parametrize("path", ["/", "/uploads", "/uploads/upl_1?f=%7B%22a%22%3A1%7D&sort=-a#row-5"])
def test_paths_of_our_own_are_fine(path: str) -> None:
    assert own_path(path) == path


def test_a_person_sees_the_sign_in_page_with_a_code_and_a_script_the_error(
    browser: Browser, issuer: Issuer
) -> None:
    client = browser()
    answer = client.get(f"{CALLBACK}?error=access_denied&state=x", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in?error=oidc_state_mismatch")
    assert client.get(START, params={"next": "//evil"}, headers=HTML).headers["location"] == (
        "/sign-in?error=next_invalid"
    )


def test_without_an_issuer_there_is_no_door(client: TestClient) -> None:
    for path in (START, CALLBACK):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "oidc_not_configured")


def test_a_public_client_signs_in_with_pkce_alone(browser: Browser, issuer: Issuer) -> None:
    issuer.secret = None
    assert came_back(browser(secret=None), issuer).status_code == 302


def test_an_issuer_that_takes_secrets_only_in_the_form_gets_them_there(
    browser: Browser, issuer: Issuer
) -> None:
    issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert came_back(browser(), issuer).status_code == 302


@on_sqlite
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (200, b"not json"),
        (200, b'{"id_token": 5}'),
        (200, b"{}"),
        (401, b'{"error": "invalid_client"}'),
        (302, b""),
        (200, b"x" * (1024 * 1024 + 1)),
    ],
    ids=["500", "no json", "no text", "no token", "unknown client", "redirect", "endless"],
)
def test_an_issuer_that_answers_nonsense_is_503_and_signs_nobody_in(
    browser: Browser, issuer: Issuer, answer: tuple[int, bytes]
) -> None:
    issuer.answers["/token"] = answer
    client = browser()
    failed = came_back(client, issuer)
    assert (failed.status_code, failed.json()["code"]) == (503, "issuer_unavailable")
    assert int(failed.headers["retry-after"]) > 0
    assert not signed_in(client)


@on_sqlite
@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example.org"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
    ids=str,
)
def test_a_discovery_document_that_leads_astray_is_not_followed(
    browser: Browser, issuer: Issuer, changed: dict[str, Any]
) -> None:
    issuer.discovery = changed
    answer = browser().get(START)
    assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unavailable")


def test_the_session_knows_how_it_began_and_ends_the_one_before(
    browser: Browser, issuer: Issuer, room: AccountsRoom
) -> None:
    client = browser()
    came_back(client, issuer)
    came_back(client, issuer)
    sessions = client.get("/api/auth/sessions").json()["sessions"]
    assert len(sessions) == 1
    lines = client.get("/api/audit").json()["lines"]
    assert [line["details"] for line in lines if line["action"] == "session.began"] == [{"how": "oidc"}] * 2


def test_the_methods_name_the_issuer_and_nobody_else(
    browser: Browser, client: TestClient, owner: User
) -> None:
    answer = browser().get("/api/auth/methods")
    assert answer.json() == {
        "status": "success", "password": True, "oidc": {"name": "Example SSO"}, "first_run": False,
    }  # fmt: skip
    assert client.get("/api/auth/methods").json()["oidc"] is None


def test_settings_make_a_door_for_browsers_for_bearers_or_both(room: AccountsRoom) -> None:
    issuer = "https://issuer.example.org"

    def doors(**settings: object) -> tuple[bool, bool]:
        made = accounts_room(Settings(**settings), room.db)  # type: ignore[arg-type]
        return made.oidc is not None, made.oidc_sign_in is not None

    assert doors() == (False, False)
    assert doors(oidc_issuer=issuer, oidc_audience="a") == (True, False)
    assert doors(oidc_issuer=issuer, oidc_client_id="c") == (False, True)
    assert doors(oidc_issuer=issuer, oidc_audience="a", oidc_client_id="c", oidc_client_secret="s") == (
        True,
        True,
    )
    for wrong in ({"oidc_issuer": issuer}, {"oidc_client_id": "c"}):
        with pytest.raises(InputError) as refused:
            doors(**wrong)
        assert refused.value.error_code == "settings_invalid"
