"""Previews, mappings and templates over HTTP, the hostile requests first."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from muster.accounts.model import Scope
from muster.jobs.read import newest_job
from muster.uploads.build_table import build_table
from muster.uploads.file_store import FileStore
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Answer, Person, RunningApp, bearer, running
from tests.support.databases import on_sqlite
from tests.support.inline_run import InlineRun

FILES = "/api/audience/files"
MAPPINGS = "/api/audience/mappings"
CSV = "E-Mail;Nachname;Größe\r\na@example.org;King;1,80\r\nb@example.org;Ünal;1,75\r\n"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url, jobs_inside=False) as started:
        yield started


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.com")


@pytest.fixture
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.com")


def send(app: RunningApp, person: Person, content: bytes, name: str = "p.csv", auto: bool = False) -> str:
    query = f"?file_name={name}&auto={'true' if auto else 'false'}"
    answer = app.ask("POST", FILES + query, person.headers, [content])
    assert answer.status == 202, answer.body
    upload_id: str = answer.json["upload_id"]
    return upload_id


def see(app: RunningApp, person: Person, upload_id: str, query: str = "") -> Answer:
    return app.ask("GET", f"{BATCH}/{upload_id}/preview{query}", person.headers)


def decide(app: RunningApp, person: Person, upload_id: str, body: object, query: str = "") -> Answer:
    headers = {**person.headers, "Content-Type": "application/json"}
    return app.ask("PUT", f"{BATCH}/{upload_id}/mapping{query}", headers, [json.dumps(body).encode()])


def build(app: RunningApp, person: Person, upload_id: str) -> dict[str, Any]:
    room = app.house.uploads
    with room.db.read() as connection:
        job = newest_job(connection, person.user.id, upload_id)
    assert job is not None
    build_table(room, InlineRun(job))
    _end(app, job.id)
    shown: dict[str, Any] = app.ask("GET", f"{BATCH}/{upload_id}?include=none", person.headers).json
    return shown


def _end(app: RunningApp, job_id: str) -> None:
    """What the engine notes when a job is done."""
    from sqlalchemy import update

    from muster.db.schema import jobs

    with app.house.db.begin() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(state="done"))


def test_strangers_other_users_and_keys_without_the_scope_see_and_decide_nothing(
    app: RunningApp, ana: Person, ben: Person
) -> None:
    upload_id = send(app, ana, CSV.encode())
    reader = bearer(app.key(ana.user, {Scope.UPLOADS_READ}))
    for method, path in (("GET", "preview"), ("PUT", "mapping")):
        assert app.ask(method, f"{BATCH}/{upload_id}/{path}").status == 401
        other = app.ask(method, f"{BATCH}/{upload_id}/{path}?auto=true", ben.headers, [b""])
        assert (other.status, other.json["code"]) == (403, "upload_not_yours"), path
        unknown = app.ask(method, f"{BATCH}/{UNKNOWN_UPLOAD}/{path}?auto=true", ana.headers, [b""])
        assert unknown.status == 404
    assert app.ask("PUT", f"{BATCH}/{upload_id}/mapping?auto=true", reader, [b""]).status == 403
    assert app.ask("GET", f"{BATCH}/{upload_id}/preview", reader).status == 200


def test_a_session_token_opens_the_preview_of_its_upload_and_decides_nothing(
    app: RunningApp, ana: Person
) -> None:
    receipt = app.ask("POST", f"{FILES}?file_name=p.csv&auto=false", ana.headers, [CSV.encode()]).json
    other = send(app, ana, CSV.encode())
    link = bearer(receipt["session_token"])
    assert app.ask("GET", f"{BATCH}/{receipt['upload_id']}/preview", link).status == 200
    assert app.ask("GET", f"{BATCH}/{other}/preview", link).status == 403
    assert app.ask("PUT", f"{BATCH}/{receipt['upload_id']}/mapping?auto=true", link, [b""]).status == 403
    assert app.ask("GET", MAPPINGS, link).status == 403


def test_an_unfinished_file_and_a_batch_have_nothing_to_decide(app: RunningApp, ana: Person) -> None:
    headers = {**ana.headers, "Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    upload_id = app.ask("POST", f"{FILES}/tus", headers).headers["location"].rpartition("/")[2]
    for answer in (see(app, ana, upload_id), decide(app, ana, upload_id, {}, "?auto=true")):
        assert (answer.status, answer.json["code"]) == (409, "upload_not_complete")
    batch = app.upload(ana)["upload_id"]
    assert see(app, ana, batch).json["code"] == "not_a_file"


def test_a_preview_says_what_was_guessed_how_surely_and_why(app: RunningApp, ana: Person) -> None:
    more = "m@example.org;Müller;1,68\r\nj@example.org;Jäger;1,90\r\nw@example.org;Weiß;1,72\r\n"
    upload_id = send(app, ana, (CSV + more * 10).encode("cp1252"))
    first = see(app, ana, upload_id).json
    assert {name: guess["value"] for name, guess in first["layout"].items()} == {
        "format": "csv",
        "compression": "none",
        "encoding": "cp1252",
        "delimiter": ";",
        "quote": '"',
        "escape": '"',
        "header_row": 0,
        "decimal_comma": True,
    }
    assert all(0 <= guess["confidence"] <= 1 and guess["reason"] for guess in first["layout"].values())
    assert first["rows"][:2] == [["a@example.org", "King", "1,80"], ["b@example.org", "Ünal", "1,75"]]
    assert [(each["name"], each["field"]) for each in first["columns"]][:2] == [
        ("E-Mail", "email"),
        ("Nachname", "last_name"),
    ]
    assert (first["problem"], first["decision"], first["mapping_by"]) == (None, None, "auto")
    with app.house.db.read() as connection:
        kept = FileStore(connection, ana.user.id).detected(upload_id)
    assert "King" not in json.dumps(kept), "what is in a file does not go into the database"
    again = see(app, ana, upload_id).json
    assert again == first, "the second look takes the first one's word"


def test_what_is_overruled_shows_at_once_and_nothing_is_kept(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"list of May\n" + CSV.encode())
    wrong = see(app, ana, upload_id, "?encoding=cp1252&header_row=1").json
    assert [column["name"] for column in wrong["columns"]][2] != "Größe"
    assert wrong["layout"]["encoding"] == {"value": "cp1252", "confidence": 1.0, "reason": "You said so."}
    nameless = see(app, ana, upload_id, "?header_row=none&delimiter=;").json
    assert nameless["columns"][0]["name"] == "column 1"
    assert nameless["layout"]["header_row"]["value"] is None
    whole = see(app, ana, upload_id, "?header_row=1&delimiter=%2C").json
    assert [column["name"] for column in whole["columns"]] == ["E-Mail;Nachname;Größe"]
    assert see(app, ana, upload_id).json["layout"]["delimiter"]["value"] == ";"


@on_sqlite
@pytest.mark.parametrize(
    "query",
    [
        "format=pdf",
        "format=batch",
        "encoding=klingon",
        "delimiter=%0A",
        "quote=ab",
        "header_row=-1",
        "header_row=1001",
        "header_row=99999999999999",
        "delimiter=%00%00%00%00%00",
        "decimal_comma=perhaps",
    ],
)
def test_what_is_no_layout_is_refused(app: RunningApp, ana: Person, query: str) -> None:
    answer = see(app, ana, send(app, ana, CSV.encode()), f"?{query}")
    assert (answer.status, bool(answer.json["message"])) == (400, True)


@on_sqlite
@pytest.mark.parametrize("query", ["?format=parquet", "?format=xlsx", "?compression=gzip", "?format=json"])
def test_a_file_that_cannot_be_read_as_told_says_so_and_is_not_started(
    app: RunningApp, ana: Person, query: str
) -> None:
    upload_id = send(app, ana, CSV.encode())
    answer = see(app, ana, upload_id, query)
    assert answer.status == 200
    problem = answer.json["problem"]
    assert problem["code"]
    assert problem["message"]
    member, _, value = query[1:].partition("=")
    refused = decide(app, ana, upload_id, {"layout": {member: value}}, "?auto=true")
    assert (refused.status, refused.json["code"]) == (400, problem["code"])
    assert see(app, ana, upload_id).json["upload_status"] == "uploaded"


def test_a_file_of_another_kind_has_its_problem_in_the_preview(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"%PDF-1.7 and so on", "list.pdf")
    for _ in range(2):
        assert see(app, ana, upload_id).json["problem"]["code"] == "format_unknown"
    assert decide(app, ana, upload_id, {}, "?auto=true").json["code"] == "format_unknown"


def test_sheets_are_listed_and_chosen(app: RunningApp, ana: Person) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        for name, rows in (
            ("One", [["email"], ["a@b.org"]]),
            ("Two", [["Title"], ["Mail", "n"], ["x@y.org", 1]]),
        ):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    upload_id = send(app, ana, made.getvalue(), "two.xlsx")
    assert see(app, ana, upload_id).json["sheets"] == ["One", "Two"]
    second = see(app, ana, upload_id, "?sheet=Two&header_row=1").json
    assert [column["name"] for column in second["columns"]] == ["Mail", "n"]
    assert second["rows"] == [["x@y.org", "1"]]
    assert see(app, ana, upload_id, "?sheet=Three").json["problem"]["code"] == "sheet_not_found"
    wish = {
        "layout": {"sheet": "Two", "header_row": 1},
        "mapping": {"columns": [{"from": "Mail", "to": "email"}]},
    }
    assert decide(app, ana, upload_id, wish).status == 202
    assert build(app, ana, upload_id)["fields"] == ["email", "n"]


@on_sqlite
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "body_invalid"),
        ({}, "mapping_missing"),
        ({"mapping": {}, "use_template": "x"}, "mapping_invalid"),
        ({"mapping": {"columns": 5}}, "mapping_invalid"),
        ({"mapping": {"columns": [{"from": "E-Mail", "to": "a\x00b"}]}}, "mapping_invalid"),
        (
            {"mapping": {"columns": [{"from": "E-Mail", "to": "x"}, {"from": "Nachname", "to": "x"}]}},
            "mapping_invalid",
        ),
        ({"mapping": {}, "layout": []}, "layout_invalid"),
        ({"mapping": {}, "layout": {"color": "red"}}, "layout_invalid"),
        ({"mapping": {}, "layout": {"header_row": "one"}}, "layout_invalid"),
        ({"mapping": {}, "template": ""}, "name_invalid"),
        ({"mapping": {}, "template": "a\x00"}, "name_invalid"),
        ({"mapping": {}, "template": "x" * 101}, "name_invalid"),
        ({"mapping": {}, "surprise": 1}, "body_invalid"),
    ],
)
def test_a_decision_that_is_none_is_refused_and_nothing_starts(
    app: RunningApp, ana: Person, body: object, code: str
) -> None:
    upload_id = send(app, ana, CSV.encode())
    answer = decide(app, ana, upload_id, body)
    assert (answer.status, answer.json["code"]) == (400, code)
    shown = see(app, ana, upload_id).json
    assert (shown["upload_status"], shown["decision"]) == ("uploaded", None)


def test_broken_json_and_another_media_type_are_refused(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, CSV.encode())
    path = f"{BATCH}/{upload_id}/mapping"
    json_type = {**ana.headers, "Content-Type": "application/json"}
    assert app.ask("PUT", path, json_type, [b'{"mapping": {"keep']).json["code"] == "malformed_json"
    assert app.ask("PUT", path, json_type, [b"\xff\xfe"]).status == 400
    assert app.ask("PUT", path, {**ana.headers, "Content-Type": "text/csv"}, [b"{}"]).status == 415


def test_a_source_the_file_lacks_is_named_with_what_may_be_meant(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, CSV.encode())
    answer = decide(
        app, ana, upload_id, {"mapping": {"columns": [{"from": ["Nachnam"], "to": ["last_name"]}]}}
    )
    assert (answer.status, answer.json["code"]) == (400, "mapping_invalid")
    (issue,) = answer.json["errors"]
    assert issue["pointer"] == "/mapping/columns/0/from"
    assert "`Nachname`" in issue["message"]


def test_a_decision_is_stored_and_the_table_is_made_by_it(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, CSV.encode())
    steps = [{"from": "E-Mail", "to": "email"}, {"from": "Größe", "to": "height"}]
    answer = decide(app, ana, upload_id, {"mapping": {"columns": steps, "keep_others": False}})
    assert (answer.status, answer.json["upload_status"]) == (202, "uploaded")
    busy = decide(app, ana, upload_id, {}, "?auto=true")
    assert (busy.status, busy.json["code"]) == (409, "upload_busy")
    assert see(app, ana, upload_id).json["decision"]["by"] == "user"
    shown = build(app, ana, upload_id)
    assert (shown["upload_status"], shown["fields"]) == ("ready", ["email", "height"])
    assert decide(app, ana, upload_id, {"mapping": {}}).status == 202, "a table that rests is made anew"
    assert build(app, ana, upload_id)["fields"] == ["E-Mail", "Nachname", "Größe"]


def test_auto_needs_no_body_and_goes_by_what_was_seen(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, gzip.compress(CSV.encode()), "p.csv.gz")
    answer = app.ask("PUT", f"{BATCH}/{upload_id}/mapping?auto=true", ana.headers)
    assert answer.status == 202
    assert build(app, ana, upload_id)["fields"] == ["email", "last_name", "Größe"]
    assert see(app, ana, upload_id).json["decision"]["by"] == "auto"
    assert app.ask("GET", MAPPINGS, ana.headers).json["total"] == 0, "a guess is no decision"


def test_the_same_key_decides_once(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, CSV.encode())
    headers = {**ana.headers, "Content-Type": "application/json", "Idempotency-Key": "once"}
    path = f"{BATCH}/{upload_id}/mapping"
    answers = [app.ask("PUT", path, headers, [b'{"mapping": {}}']) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[1].headers["idempotency-replayed"] == "true"
    other = app.ask("PUT", path, headers, [b'{"mapping": {"keep_others": false}}'])
    assert other.json["code"] == "idempotency_key_reused"


def test_a_file_of_five_thousand_columns_is_shown_and_mapped(app: RunningApp, ana: Person) -> None:
    header = ",".join(f"field {at}" for at in range(5000))
    upload_id = send(app, ana, f"{header}\n{'x,' * 4999}a@example.org\n".encode())
    shown = see(app, ana, upload_id).json
    assert (len(shown["columns"]), len(shown["rows"][0])) == (5000, 5000)
    steps = [{"from": f"field {at}", "to": f"f{at}"} for at in range(4999)] + [
        {"from": "field 4999", "to": "email"}
    ]
    assert decide(app, ana, upload_id, {"mapping": {"columns": steps}}).status == 202
    wrong = [{"from": f"feld {at}", "to": f"f{at}"} for at in range(5000)]
    other = send(app, ana, f"{header}\n{'x,' * 4999}a@example.org\n".encode())
    answer = decide(app, ana, other, {"mapping": {"columns": wrong}})
    assert (answer.status, answer.json["errors_total"]) == (400, 5000)


def test_long_values_are_cut_in_the_preview_and_nowhere_else(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"email,note\na@example.org," + b"x" * 5000 + b"\n")
    assert len(see(app, ana, upload_id).json["rows"][0][1]) == 1000
