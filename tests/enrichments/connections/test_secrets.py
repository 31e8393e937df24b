"""Secrets of connections: where they never show, when they stay, and when they must be given anew."""

import logging
from dataclasses import replace

import pytest
from sqlalchemy import text

from muster.accounts.model import Principal
from muster.db.seal import Seal
from muster.enrichments.connection_routes import CONNECTIONS
from muster.enrichments.room import EnrichmentsRoom
from muster.errors import Conflict
from muster.wiring import House
from tests.enrichments.connections.conftest import HUSH, ClientOf, app_of, made, settings_for, whole


def test_secrets_never_leave_not_in_answers_logs_or_the_database(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(ana)
    url = "https://api.example.com/{domain}?key={secret:key}"
    kept = made(client, url=url, secrets={"key": HUSH}, headers={"X-Key": "{secret:key}"})
    assert kept["settings"]["secrets"] == {"key": None}
    path = f"{CONNECTIONS}/{kept['id']}"
    seen = [
        client.get(CONNECTIONS).text,
        client.get(path).text,
        client.patch(path, json={"settings": {**kept["settings"], "timeout_seconds": "soon"}}).text,
        client.patch(path, json={"settings": {"url": HUSH}}).text,
        client.patch(path, json={"settings": kept["settings"]}).text,
        caplog.text,
    ]
    with room.db.read() as connection:
        seen.extend(
            str(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608
            for table in ("enrichment_connections", "audit_log", "idempotency_keys")
        )
    assert all(HUSH not in each for each in seen)
    assert whole(room, ana, kept["id"]).secrets["key"].get_secret_value() == HUSH


def test_a_secret_that_is_null_stays_another_replaces_it_and_one_left_out_goes(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom
) -> None:
    client = client_of(ana)
    kept = made(client, secrets={"a": "one", "b": "two"})
    path = f"{CONNECTIONS}/{kept['id']}"

    def secrets() -> dict[str, str]:
        found = whole(room, ana, kept["id"])
        return {name: secret.get_secret_value() for name, secret in found.secrets.items()}

    same = client.patch(path, json={"settings": kept["settings"]})
    assert same.json()["connection"] == kept
    assert secrets() == {"a": "one", "b": "two"}
    changed = {**kept["settings"], "secrets": {"a": None, "b": "new", "c": "three"}}
    shown = client.patch(path, json={"settings": changed}).json()["connection"]
    assert shown["settings"]["secrets"] == {"a": None, "b": None, "c": None}
    assert secrets() == {"a": "one", "b": "new", "c": "three"}
    client.patch(path, json={"settings": {**kept["settings"], "secrets": {"a": None}}})
    assert secrets() == {"a": "one"}
    # Null for a secret that was never given is a mistake like any other.
    answer = client.patch(path, json={"settings": {**kept["settings"], "secrets": {"z": None}}})
    assert [issue["pointer"] for issue in answer.json()["errors"]] == ["/settings/secrets/z"]
    assert secrets() == {"a": "one"}


ELSEWHERE = [
    "https://evil.example/{domain}",
    "http://api.example.com/{domain}",
    "https://api.example.com:8443/{domain}",
]


def test_kept_secrets_do_not_follow_a_connection_to_another_service(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom
) -> None:
    client = client_of(ana)
    kept = made(client)
    path = f"{CONNECTIONS}/{kept['id']}"
    for url in ELSEWHERE:
        answer = client.patch(path, json={"settings": {**kept["settings"], "url": url}})
        assert (answer.status_code, answer.json()["code"]) == (400, "settings_invalid")
        assert [issue["pointer"] for issue in answer.json()["errors"]] == ["/settings/auth/token"]
        assert client.get(path).json()["connection"] == kept
    # Another path of the same service is fine, and so is another service with its own secret.
    within = {**kept["settings"], "url": "https://API.example.com/v2/{domain}"}
    assert client.patch(path, json={"settings": within}).status_code == 200
    anew = {**kept["settings"], "url": ELSEWHERE[0], "auth": {"kind": "bearer", "token": "new-one"}}
    assert client.patch(path, json={"settings": anew}).status_code == 200
    auth = whole(room, ana, kept["id"]).auth
    assert auth.kind == "bearer"
    assert auth.token.get_secret_value() == "new-one"


def test_a_kept_secret_cannot_be_read_by_putting_its_null_where_no_secret_is(
    client_of: ClientOf, ana: Principal
) -> None:
    client = client_of(ana)
    kept = made(client, auth={"kind": "header", "name": "X-Key", "value": HUSH}, secrets={"name": HUSH})
    path = f"{CONNECTIONS}/{kept['id']}"
    for change in (
        {"auth": {"kind": "basic", "username": None, "password": "x", "value": None}},
        {"auth": {"kind": "header", "name": None, "value": "x"}},
        {
            "secrets": {"name": None},
            "body": {"auth": {"value": None}},
            "method": "POST",
            "auth": {"kind": "none"},
        },
    ):
        answer = client.patch(path, json={"settings": {**kept["settings"], **change}})
        assert HUSH not in answer.text
        assert HUSH not in client.get(path).text


def test_with_another_key_of_the_server_a_connection_is_listed_and_can_be_mended(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom, house: House
) -> None:
    kept = made(client_of(ana))
    lost = replace(room, seal=Seal(b"another key of thirty-two bytes."))
    client = client_of(ana, app=app_of(lost, house))
    path = f"{CONNECTIONS}/{kept['id']}"
    [listed] = client.get(CONNECTIONS).json()["connections"]
    assert (listed["usable"], listed["needs"], listed["settings"]) == (False, [], kept["settings"])
    answer = client.post(f"{path}/try", json={"input": {"domain": "example.org"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_secrets_lost")
    again = client.patch(path, json={"settings": settings_for()})
    assert again.json()["connection"]["usable"]
    assert whole(lost, ana, kept["id"]).auth.kind == "bearer"


def test_a_connection_of_a_provider_that_is_gone_is_listed_and_says_so(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom, house: House
) -> None:
    kept = made(client_of(ana))
    without = replace(room, providers={})
    client = client_of(ana, app=app_of(without, house))
    assert not client.get(CONNECTIONS).json()["connections"][0]["usable"]
    path = f"{CONNECTIONS}/{kept['id']}"
    assert client.patch(path, json={"name": "still mine"}).status_code == 200
    for answer in (
        client.patch(path, json={"settings": settings_for()}),
        client.post(f"{path}/try", json={"input": {"domain": "x"}}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "connection_outdated")
    assert client.delete(path).status_code == 200


def test_settings_a_provider_no_longer_takes_are_told_as_such(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom
) -> None:
    kept = made(client_of(ana))
    with room.db.begin() as connection:
        connection.execute(text("""UPDATE enrichment_connections SET settings = '{"url": 5}'"""))
    assert not client_of(ana).get(CONNECTIONS).json()["connections"][0]["usable"]
    with pytest.raises(Conflict) as refused:
        whole(room, ana, kept["id"])
    assert refused.value.error_code == "connection_outdated"
    assert HUSH not in str(refused.value)


def test_what_was_done_stands_in_the_audit_log_without_names_and_values(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom
) -> None:
    client = client_of(ana)
    kept = made(client, name="somebody's registry")
    path = f"{CONNECTIONS}/{kept['id']}"
    client.patch(path, json={"name": "y"})
    client.delete(path)
    with room.db.read() as connection:
        lines = connection.execute(
            text("SELECT action, details FROM audit_log WHERE subject = :id ORDER BY id"), {"id": kept["id"]}
        ).all()
    assert [line.action for line in lines] == [
        "connection.created",
        "connection.changed",
        "connection.deleted",
    ]
    assert "somebody" not in str(lines)


def test_connections_go_with_their_user(client_of: ClientOf, ana: Principal, room: EnrichmentsRoom) -> None:
    made(client_of(ana))
    with room.db.begin() as connection:
        connection.execute(text("DELETE FROM users WHERE id = :id"), {"id": ana.user_id})
        assert connection.execute(text("SELECT count(*) FROM enrichment_connections")).scalar_one() == 0
