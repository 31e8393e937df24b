"""Idempotency-Key over HTTP, on every POST that remembers its answer and on those that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.app import BATCH, Person, RunningApp, bearer, running

KEY = "order-4711-of-the-client"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url) as started:
        yield started


@pytest.fixture
def person(app: RunningApp) -> Person:
    return app.person("owner@example.com")


BATCH_BODY = {"upload_name": "once", "records": [{"email": "ana@example.com"}]}


def test_a_batch_sent_twice_is_one_upload(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": KEY}
    first = app.client.post(BATCH, json=BATCH_BODY, headers=headers)
    second = app.client.post(BATCH, json=BATCH_BODY, headers=headers)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (
        False,
        "true",
    )
    assert app.client.get(BATCH, headers=person.headers).json()["total"] == 1
    # The token of the replayed answer opens the upload.
    opened = app.client.get(
        f"{BATCH}/{second.json()['upload_id']}", headers=bearer(second.json()["session_token"])
    )
    assert opened.status_code == 200
    other = app.client.post(BATCH, json={**BATCH_BODY, "upload_name": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_a_refused_batch_leaves_its_key_free(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": KEY}
    assert app.client.post(BATCH, json={**BATCH_BODY, "records": []}, headers=headers).status_code == 400
    assert app.client.post(BATCH, json=BATCH_BODY, headers=headers).status_code == 200


def test_an_api_key_is_made_once_and_its_text_comes_again(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": KEY}
    first = app.client.post("/api/keys", json={"name": "ci"}, headers=headers)
    second = app.client.post("/api/keys", json={"name": "ci"}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert app.client.get("/api/keys", headers=person.headers).json()["total"] == 2
    assert app.client.get("/api/auth/me", headers=bearer(second.json()["key"])).status_code == 200
    other = app.client.post("/api/keys", json={"name": "cd"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    # The key may be used for other things than the answer only through its own request.
    rolled = app.client.post(f"/api/keys/{second.json()['api_key']['id']}/roll", headers=headers)
    assert (rolled.status_code, rolled.json()["code"]) == (409, "idempotency_key_reused")


def test_a_key_is_rolled_once(app: RunningApp, person: Person) -> None:
    made = app.client.post("/api/keys", json={"name": "ci"}, headers=person.headers).json()
    headers = {**person.headers, "Idempotency-Key": KEY}
    path = f"/api/keys/{made['api_key']['id']}/roll"
    first = app.client.post(path, headers=headers)
    second = app.client.post(path, headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.json()["key"] == second.json()["key"] != made["key"]
    assert app.client.post(path, headers=person.headers).json()["code"] == "key_not_usable"
    assert app.client.get("/api/keys", headers=person.headers).json()["total"] == 3
    assert app.client.get("/api/auth/me", headers=bearer(first.json()["key"])).status_code == 200


def test_a_bulk_delete_sent_twice_tells_the_same(app: RunningApp, person: Person) -> None:
    upload = app.upload(person)["upload_id"]
    headers = {**person.headers, "Idempotency-Key": KEY}
    body = {"operation": "delete", "upload_ids": [upload]}
    answers = [app.client.post(f"{BATCH}/bulk", json=body, headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].json()["succeeded"] == 1


def test_validating_and_signing_in_have_nothing_to_replay(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": KEY}
    for name in ("one", "two"):
        answer = app.client.post(
            "/api/audience/validate", json={**BATCH_BODY, "upload_name": name}, headers=headers
        )
        assert answer.status_code == 200
        assert "idempotency-replayed" not in answer.headers
    for _ in range(2):
        answer = app.client.post("/api/auth/sign-in", json={"token": "x"}, headers={"Idempotency-Key": KEY})
        assert answer.status_code == 401
    with app.house.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM idempotency_keys")).scalar_one() == 0


def test_an_unusable_key_is_refused_before_anything_is_done(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Idempotency-Key": "x" * 256}
    for path, body in ((BATCH, BATCH_BODY), ("/api/keys", {"name": "ci"})):
        refused = app.client.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert app.client.get("/api/keys", headers=person.headers).json()["total"] == 1
