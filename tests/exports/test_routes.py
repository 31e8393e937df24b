"""Exports as clients see them: hostile questions first, then making, following, downloading and steering."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.accounts import users
from muster.accounts.model import Scope
from muster.exports.connections import _settings_of, get_connection
from muster.exports.erase_job import erase_export_kind
from tests.exports.exporting import Exports, numbered
from tests.support.app import Person, RunningApp, bearer, running
from tests.support.inline_run import InlineRun

EXPORTS = "/api/audience/exports"
LIST = "/api/audience/suppressions"
ONE = f"{EXPORTS}/exp_0123456789abcdefghijkl"
SCHEDULE = f"{EXPORTS}/schedules/xsc_0123456789abcdefghijkl"
CONNECTION = f"{EXPORTS}/connections/xcn_0123456789abcdefghijkl"
ENTRY = f"{LIST}/sup_0123456789abcdefghijkl"
READS = [
    ("GET", f"{EXPORTS}/destinations"), ("POST", f"{EXPORTS}/preview"), ("GET", EXPORTS), ("GET", ONE),
    ("GET", f"{ONE}/events"), ("GET", f"{ONE}/download"), ("GET", f"{ONE}/outcomes"), ("GET", f"{EXPORTS}/schedules"),
    ("GET", SCHEDULE), ("GET", f"{EXPORTS}/connections"), ("GET", CONNECTION), ("GET", LIST), ("POST", f"{LIST}/check"),
]  # fmt: skip
WRITES = [
    ("POST", EXPORTS), ("POST", f"{ONE}/retry-failed"), ("POST", f"{ONE}/dismiss"), ("POST", f"{ONE}/cancel"),
    ("DELETE", ONE), ("POST", f"{EXPORTS}/schedules"), ("PATCH", SCHEDULE), ("DELETE", SCHEDULE),
    ("POST", f"{SCHEDULE}/run"), ("POST", f"{EXPORTS}/connections"), ("PATCH", CONNECTION), ("DELETE", CONNECTION),
    ("POST", f"{CONNECTION}/try"), ("POST", LIST), ("DELETE", LIST), ("DELETE", ENTRY),
]  # fmt: skip
BODIES: dict[str, Any] = {"dismiss": {"all": True}}


def body_for(path: str) -> dict[str, Any]:
    return BODIES.get(path.rpartition("/")[2], {})


@pytest.fixture
def app(tmp_path: Path) -> Iterator[RunningApp]:
    with running(tmp_path / "data", export_dir=tmp_path / "out", allow_private_addresses=True) as made:
        yield made


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.org")


@pytest.fixture
def exports(app: RunningApp, ana: Person) -> Exports:
    return Exports(app.house, users.by_command_line(ana.user))


def made(app: RunningApp, who: Person, **asked: Any) -> dict[str, Any]:
    answer = app.client.post(EXPORTS, json=asked, headers=who.headers)
    assert answer.status_code == 202, answer.text
    export: dict[str, Any] = answer.json()["export"]
    return export


def test_without_a_token_it_is_401_and_without_the_scope_403(app: RunningApp, ana: Person) -> None:
    reader = bearer(app.key(ana.user, [Scope.EXPORTS_READ]))
    writer = bearer(app.key(ana.user, [Scope.EXPORTS_WRITE]))
    for doors, lesser in ((READS, writer), (WRITES, reader)):
        for method, path in doors:
            assert app.client.request(method, path, json=body_for(path)).status_code == 401, (method, path)
            answer = app.client.request(method, path, json=body_for(path), headers=lesser)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), (method, path)


def test_another_persons_things_are_403_and_unknown_ones_404(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    bob = app.person("bob@example.org")
    upload_id = exports.table(numbered(3))
    export = exports.done(upload_id)
    connection = app.client.post(
        f"{EXPORTS}/connections",
        json={"destination": "http", "name": "CRM", "settings": {"url": "https://crm.example.com/x"}},
        headers=ana.headers,
    ).json()["connection"]["id"]
    schedule = app.client.post(
        f"{EXPORTS}/schedules",
        json={"every_minutes": 60, "export": {"upload_id": upload_id}},
        headers=ana.headers,
    ).json()["schedule"]["schedule_id"]
    app.client.post(LIST, json={"values": ["a@x.de"]}, headers=ana.headers)
    entry = app.client.get(LIST, headers=ana.headers).json()["suppressions"][0]["id"]
    ids = {ONE: export.id, SCHEDULE: schedule, CONNECTION: connection, ENTRY: entry}
    for method, path in READS + WRITES:
        found = next((known for known in ids if path.startswith(known)), None)
        if found is None:
            continue
        theirs = path.replace(found.rpartition("/")[2], ids[found])
        answer = app.client.request(method, theirs, json=body_for(path), headers=bob.headers)
        assert answer.status_code == 403, (method, path, answer.text)
        answer = app.client.request(method, path, json=body_for(path), headers=ana.headers)
        assert answer.status_code == 404, (method, path, answer.text)
    upload = app.client.post(EXPORTS, json={"upload_id": upload_id}, headers=bob.headers)
    assert upload.status_code == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "selection_unclear"),
        ({"upload_id": "a", "segment_id": "b"}, "selection_unclear"),
        ({"segment_id": "a", "filter": {}}, "selection_unclear"),
        ({"upload_id": "a", "formats": "csv"}, "body_invalid"),
        ({"upload_id": "a", "format": "pdf"}, "body_invalid"),
        ({"upload_id": "a", "hashing": {"platform": "google", "region": "USA"}}, "body_invalid"),
        ([], "body_invalid"),
    ],
)
def test_what_is_no_export_is_400_with_the_member(app: RunningApp, ana: Person, body: Any, code: str) -> None:
    answer = app.client.post(EXPORTS, json=body, headers=ana.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_whatever_a_request_may_list_it_may_list_in_full(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    upload_id = exports.table(numbered(2))
    columns = [{"column": "email", "as": f"address number {at}", "field": "email"} for at in range(5_000)]
    asked = {
        "upload_id": upload_id,
        "columns": columns,
        "filter": {"field": "email", "op": "in", "value": ["x" * 200] * 1_000},
    }
    assert app.client.post(f"{EXPORTS}/preview", json=asked, headers=ana.headers).status_code == 200
    export = made(app, ana, **asked)
    assert len(export["columns"]) == 5_000
    schedule = {"every_minutes": 60, "export": asked}
    assert app.client.post(f"{EXPORTS}/schedules", json=schedule, headers=ana.headers).status_code == 201
    values = [f"{'x' * 50}{at}@{'y' * 60}.example.com" for at in range(1_000)]
    added = app.client.post(LIST, json={"values": values}, headers=ana.headers)
    assert (added.status_code, added.json()["added"]) == (201, 1_000)
    exports.carry_out(export["export_id"])
    positions = {"positions": list(range(10**6, 10**6 + 10_000))}
    answer = app.client.post(f"{EXPORTS}/{export['export_id']}/dismiss", json=positions, headers=ana.headers)
    assert (answer.status_code, answer.json()["dismissed"]) == (200, 0)
    beyond = {**asked, "name": "x" * 3_000_000}
    assert app.client.post(EXPORTS, json=beyond, headers=ana.headers).status_code == 413


def test_destinations_say_what_they_need(app: RunningApp, ana: Person) -> None:
    found = app.client.get(f"{EXPORTS}/destinations", headers=ana.headers).json()["destinations"]
    by_id = {each["id"]: each for each in found}
    assert next(iter(by_id)) == "download"
    assert by_id["postgresql"]["needs_key"] is True
    assert by_id["meta_custom_audiences"]["hashing"] == "meta"
    assert by_id["http"]["connection"]["properties"]["url"]["title"] == "Address"
    assert by_id["download"]["connection"] is None


def test_an_export_is_made_followed_downloaded_and_deleted(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    upload_id = exports.table(numbered(5), name="Spring leads")
    export = made(app, ana, upload_id=upload_id, columns=["email"])
    assert export["status"] == "queued"
    assert export["source"]["name"] == "Spring leads"
    assert export["actions"] == ["cancel"]
    one = f"{EXPORTS}/{export['export_id']}"
    assert app.client.get(f"{one}/download", headers=ana.headers).json()["code"] == "export_not_ready"
    exports.carry_out(export["export_id"])
    answer = app.client.get(one, headers=ana.headers)
    shown = answer.json()["export"]
    assert shown["status"] == "done"
    assert shown["rows"] == shown["written"] + shown["failed"] + shown["left_out"] + shown["pending"] == 5
    assert shown["file"]["name"] == "spring-leads.csv"
    assert (
        app.client.get(one, headers={**ana.headers, "If-None-Match": answer.headers["etag"]}).status_code
        == 304
    )
    file = app.client.get(shown["file"]["href"], headers=ana.headers)
    assert file.content.startswith(b"email\r\nperson0@example.com\r\n")
    assert file.headers["content-disposition"] == 'attachment; filename="spring-leads.csv"'
    assert int(file.headers["content-length"]) == shown["file"]["size_bytes"] == len(file.content)
    listed = app.client.get(EXPORTS, params={"upload_id": upload_id}, headers=ana.headers).json()
    assert [each["export_id"] for each in listed["exports"]] == [export["export_id"]]
    assert app.client.delete(one, headers=ana.headers).status_code == 200
    assert app.client.get(one, headers=ana.headers).status_code == 404
    assert app.client.delete(one, headers=ana.headers).status_code == 404


def test_a_download_goes_on_where_it_broke_off(app: RunningApp, ana: Person, exports: Exports) -> None:
    export = exports.done(exports.table(numbered(400), numbered(50, 400)))
    whole = exports.file(export)
    path = f"{EXPORTS}/{export.id}/download"

    def ask(**headers: str) -> Any:
        return app.client.get(
            path, headers={**ana.headers, **{n.replace("_", "-"): v for n, v in headers.items()}}
        )

    first = ask()
    tag = first.headers["etag"]
    assert first.headers["accept-ranges"] == "bytes"
    for start, stop in ((0, 10), (1000, 1001), (len(whole) - 5, len(whole)), (17, len(whole))):
        part = ask(Range=f"bytes={start}-{stop - 1}", If_Range=tag)
        assert part.status_code == 206
        assert part.content == whole[start:stop]
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert ask(Range="bytes=-7").content == whole[-7:]
    assert ask(Range="bytes=1000-").content == whole[1000:]
    assert ask(Range=f"bytes=10-{10**12}").content == whole[10:]
    other = ask(Range="bytes=10-20", If_Range='"another"')
    assert (other.status_code, other.content) == (200, whole)
    beyond = ask(Range=f"bytes={len(whole)}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    assert beyond.json()["code"] == "range_unusable"
    for odd in ("bytes=5-2,7-9", "bytes=", "bytes=a-b", "lines=1-2", "bytes=--1"):
        assert ask(Range=odd).content == whole
    assert ask(If_None_Match=tag).status_code == 304
    head = app.client.head(path, headers=ana.headers)
    assert (head.content, int(head.headers["content-length"])) == (b"", len(whole))


def test_a_download_is_never_compressed_on_the_way_and_other_answers_are(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    export = exports.done(exports.table(numbered(2000)))
    zipped = {**ana.headers, "Accept-Encoding": "gzip"}
    file = app.client.get(f"{EXPORTS}/{export.id}/download", headers=zipped)
    assert "content-encoding" not in file.headers
    assert int(file.headers["content-length"]) == len(exports.file(export))
    listed = app.ask("GET", f"{EXPORTS}/destinations", {**zipped})
    assert listed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(listed.body))["status"] == "success"


def test_a_dry_run_and_a_preview_store_nothing_and_show_every_guess(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    upload_id = exports.table(
        {
            "Business Email": ["Ada@Example.com", "nonsense"],
            "Telefon": ["+1 800 555 0100", None],
            "note": ["x", "y"],
        }
    )
    asked = {"upload_id": upload_id, "hashing": {"platform": "google"}}
    dry = app.client.post(EXPORTS, json={**asked, "dry_run": True}, headers=ana.headers)
    assert dry.status_code == 200
    shown = dry.json()["definition"]
    assert [(each["column"], each["as"], each["field"]) for each in shown["columns"]] == [
        ("Business Email", "Email", "email"),
        ("Telefon", "Phone", "phone"),
    ]
    assert shown["key"] == ["Email"]
    preview = app.client.post(f"{EXPORTS}/preview", json=asked, headers=ana.headers).json()
    assert preview["rows_total"] == 2
    assert len(preview["rows"]) == 1
    assert preview["left_out"] == {"nothing_to_match": 1}
    assert preview["unhashed"] == [{"column": "Business Email", "code": "email_invalid", "cells": 1}]
    assert app.client.get(EXPORTS, headers=ana.headers).json()["total"] == 0


def test_the_same_key_makes_one_export(app: RunningApp, ana: Person, exports: Exports) -> None:
    asked = {"upload_id": exports.table(numbered(1))}
    headers = {**ana.headers, "Idempotency-Key": "once"}
    first, second = (app.client.post(EXPORTS, json=asked, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert app.client.get(EXPORTS, headers=ana.headers).json()["total"] == 1


def test_outcomes_come_in_pages_and_as_lines(app: RunningApp, ana: Person, exports: Exports) -> None:
    upload_id = exports.table(numbered(30))
    export = exports.done(upload_id, columns=["email"], consent={"column": "consent"})
    path = f"{EXPORTS}/{export.id}/outcomes"
    seen: list[int] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"limit": 4, "outcome": "left_out", **({"cursor": cursor} if cursor else {})}
        page = app.client.get(path, params=params, headers=ana.headers).json()
        assert page["total"] == 10
        seen += [row["position"] for row in page["outcomes"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(range(0, 30, 3))
    csv = app.client.get(path, headers={**ana.headers, "Accept": "text/csv"}).text.splitlines()
    assert csv[0] == "position,upload_id,row_id,outcome,code,message,column,change,dismissed"
    assert csv[1] == f"0,{upload_id},0,left_out,no_consent,,,,false"
    assert len(csv) == 11
    lines = app.client.get(path, headers={**ana.headers, "Accept": "application/x-ndjson"}).text.splitlines()
    assert json.loads(lines[1])["row_id"] == 3
    assert (
        app.client.get(path, params={"cursor": "!"}, headers=ana.headers).json()["code"] == "cursor_invalid"
    )
    assert app.client.get(path, params={"code": "none"}, headers=ana.headers).json()["total"] == 0


def test_secrets_of_connections_are_never_given_back_and_null_keeps_them(
    app: RunningApp, ana: Person
) -> None:
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    settings = {"url": "https://crm.example.com/x", "secret": secret}
    made = app.client.post(
        f"{EXPORTS}/connections",
        json={"destination": "http", "name": "CRM", "settings": settings},
        headers=ana.headers,
    ).json()["connection"]
    assert made["settings"]["secret"] is None
    assert made["settings"]["url"] == "https://crm.example.com/x"
    path = f"{EXPORTS}/connections/{made['id']}"
    changed = {"settings": {"url": "https://crm.example.com/y", "secret": None}}
    assert app.client.patch(path, json=changed, headers=ana.headers).status_code == 200
    owner = users.by_command_line(ana.user)
    kept = get_connection(app.house.exports, owner, made["id"])
    opened = _settings_of(app.house.exports.seal, kept)
    assert (opened.url, opened.secret.get_secret_value()) == ("https://crm.example.com/y", secret)  # type: ignore[attr-defined]
    assert secret not in app.client.get(f"{EXPORTS}/connections", headers=ana.headers).text
    taken = app.client.post(
        f"{EXPORTS}/connections",
        json={"destination": "http", "name": "CRM", "settings": settings},
        headers=ana.headers,
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "connection_name_taken")
    wrong = {
        "destination": "http",
        "name": "x",
        "settings": {"url": "ftp://x", "secret": "whsec_eA==", "more": 1},
    }
    refused = app.client.post(f"{EXPORTS}/connections", json=wrong, headers=ana.headers).json()
    assert {each["pointer"] for each in refused["errors"]} == {
        "/settings/url",
        "/settings/secret",
        "/settings/more",
    }
    assert "whsec_eA" not in json.dumps(refused)


def test_kept_secrets_do_not_move_to_another_place(app: RunningApp, ana: Person) -> None:
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    settings = {"url": "https://crm.example.com/x", "secret": secret}
    body = {"destination": "http", "name": "CRM", "settings": settings}
    made = app.client.post(f"{EXPORTS}/connections", json=body, headers=ana.headers).json()["connection"]
    path = f"{EXPORTS}/connections/{made['id']}"
    for url in ("https://other.example.com/x", "https://crm.example.com:8443/x"):
        moved = {"settings": {"url": url, "secret": None}}
        refused = app.client.patch(path, json=moved, headers=ana.headers)
        assert refused.status_code == 400
        assert [each["pointer"] for each in refused.json()["errors"]] == ["/settings/secret"]
        anew = {"settings": {"url": url, "secret": secret}}
        assert app.client.patch(path, json=anew, headers=ana.headers).status_code == 200
    without = {"settings": {"url": "https://third.example.com/x"}}
    assert app.client.patch(path, json=without, headers=ana.headers).status_code == 200


def test_trying_a_connection_says_why_it_would_take_nothing(app: RunningApp, ana: Person) -> None:
    made = app.client.post(
        f"{EXPORTS}/connections",
        json={"destination": "http", "name": "nobody", "settings": {"url": "http://127.0.0.1:1234/x"}},
        headers=ana.headers,
    ).json()["connection"]
    tried = app.client.post(f"{EXPORTS}/connections/{made['id']}/try", json={}, headers=ana.headers).json()
    assert (tried["ok"], tried["code"]) == (False, "destination_unavailable")


def test_deleting_an_upload_names_what_was_made_from_it_and_takes_it_along_when_told(
    app: RunningApp, ana: Person, exports: Exports
) -> None:
    upload_id = exports.table(numbered(3))
    export = exports.done(upload_id, name="My export", since="last", key=["email"])
    asked = {"every_minutes": 60, "name": "Nightly", "export": {"upload_id": upload_id, "name": "My export"}}
    assert app.client.post(f"{EXPORTS}/schedules", json=asked, headers=ana.headers).status_code == 201
    path = f"/api/audience/batch-upload/{upload_id}"
    refused = app.client.delete(path, headers=ana.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "upload_in_use")
    assert {each["field"] for each in refused.json()["errors"]} == {"export", "schedule"}
    assert app.client.delete(path, params={"cascade": "true"}, headers=ana.headers).status_code == 200
    assert app.client.get(f"{EXPORTS}/{export.id}", headers=ana.headers).status_code == 404
    assert app.client.get(f"{EXPORTS}/schedules", headers=ana.headers).json()["total"] == 0
    _erase(app, exports, export.id)
    assert list(app.house.objects.list("exports/")) == []
    assert list(app.house.objects.list("export-states/")) == []


def _erase(app: RunningApp, exports: Exports, export_id: str) -> None:
    """Do what a worker would: delete the objects of a deleted export."""
    job = exports.job(export_id)
    assert job.kind == "erase_export"
    erase_export_kind(app.house.exports).run(InlineRun(job))
