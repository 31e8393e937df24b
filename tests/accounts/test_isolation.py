"""Two users: neither sees, counts, changes or learns anything of the other's, by session or by key."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from muster.accounts.model import User
from tests.accounts.conftest import PASSWORD, SAME_ORIGIN, bearer


@pytest.fixture(params=["session", "key"])
def as_other(
    request: pytest.FixtureRequest, client: TestClient, other: User, new_key: Callable[..., str]
) -> TestClient:
    """A client signed in as the other user."""
    if request.param == "key":
        client.headers.update(bearer(new_key(other, name="mine")))
    else:
        new_key(other, name="mine")
        client.post("/api/auth/sign-in", json={"email": other.email, "password": PASSWORD})
        client.headers.update(SAME_ORIGIN)
    return client


def test_lists_hold_only_ones_own(
    as_other: TestClient, owner: User, other: User, new_key: Callable[..., str]
) -> None:
    key = new_key(owner, name="theirs")
    keys = as_other.get("/api/keys").json()
    assert ([entry["name"] for entry in keys["keys"]], keys["total"]) == (["mine"], 1)
    audit = as_other.get("/api/audit")
    assert key[7:15] not in audit.text
    assert owner.id not in audit.text
    assert audit.json()["total"] == len(audit.json()["lines"])
    me = as_other.get("/api/auth/me").json()
    assert me["user"]["id"] == other.id


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/keys/{}"), ("POST", "/api/keys/{}/roll")])
def test_anothers_key_is_403_without_detail_and_unknown_ones_404(
    as_other: TestClient, owner: User, new_key: Callable[..., str], method: str, path: str
) -> None:
    key = new_key(owner, name="theirs")
    refused = as_other.request(method, path.format(key[7:15]))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "theirs" not in refused.text
    for unknown in ("AAAAAAAA", "x", "a" * 500, "%F0%9F%98%80", "..%2f"):
        assert as_other.request(method, path.format(unknown)).status_code == 404, unknown
    # Nothing happened to it.
    assert as_other.get("/probe/any", headers=bearer(key)).status_code == 200


def test_a_cursor_of_anothers_list_opens_nothing(
    as_other: TestClient, owner: User, new_key: Callable[..., str]
) -> None:
    keys = [new_key(owner, name=f"theirs {number}") for number in range(3)]
    theirs = as_other.get("/api/keys?limit=1", headers=bearer(keys[0])).json()
    assert theirs["next_cursor"]
    mine = as_other.get("/api/keys", params={"cursor": theirs["next_cursor"]}).json()
    assert all(entry["name"] == "mine" for entry in mine["keys"])
    assert mine["total"] == 1


def test_signing_out_everywhere_leaves_others_signed_in(
    client: TestClient, app: object, owner: User, other: User
) -> None:
    mine = TestClient(client.app, base_url="https://muster.example.org", headers=SAME_ORIGIN)
    theirs = TestClient(client.app, base_url="https://muster.example.org", headers=SAME_ORIGIN)
    mine.post("/api/auth/sign-in", json={"email": owner.email, "password": PASSWORD})
    theirs.post("/api/auth/sign-in", json={"email": other.email, "password": PASSWORD})
    assert mine.post("/api/auth/sign-out", json={"everywhere": True}).json()["sessions_ended"] == 1
    assert theirs.get("/api/auth/me").status_code == 200
