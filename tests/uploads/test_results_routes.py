"""What became of the records, as files, over HTTP; the hostile requests first."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from muster.jobs.model import JobCancelled, JobState
from muster.jobs.read import newest_job
from muster.uploads import build_table as building
from muster.uploads.build_finish import end_upload
from muster.uploads.build_table import build_table
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Answer, Person, RunningApp, bearer, running
from tests.support.databases import on_sqlite
from tests.support.inline_run import InlineContext, InlineRun
from tests.uploads.test_mapping_routes import build, decide, send

EVIL = ["=1+1", "a,b", 'q"q', "two\nlines", "<r><t>x</t></r>", "_x0041_", "é😀", "007", "-5"]


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


def results(app: RunningApp, person: Person, upload_id: str, query: str = "", accept: str = "*/*") -> Answer:
    return app.ask("GET", f"{BATCH}/{upload_id}/results{query}", {**person.headers, "Accept": accept})


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))


def evil_file() -> bytes:
    made = io.StringIO()
    rows = csv.writer(made)
    rows.writerow(["email", "note", "_row"])
    rows.writerows([f"p{at}@example.org", note, "mine"] for at, note in enumerate(EVIL))
    return made.getvalue().encode()


def test_strangers_other_users_and_unknown_ids_get_nothing(app: RunningApp, ana: Person, ben: Person) -> None:
    upload_id = send(app, ana, b"email\na@example.org\n", auto=True)
    build(app, ana, upload_id)
    assert app.ask("GET", f"{BATCH}/{upload_id}/results").status == 401
    assert results(app, ben, upload_id).status == 403
    assert results(app, ana, UNKNOWN_UPLOAD).status == 404
    assert results(app, ana, upload_id, "?part=all").status == 400
    assert results(app, ana, upload_id, "?format=pdf").status == 400
    assert results(app, ana, upload_id, accept="image/png").status == 406
    assert results(app, ana, upload_id, "?format=csv", accept="image/png").status == 200, "format counts more"


def test_a_session_token_opens_the_results_of_its_upload_only(app: RunningApp, ana: Person) -> None:
    receipt = app.upload(ana)
    other = app.upload(ana)["upload_id"]
    link = bearer(receipt["session_token"])
    build(app, ana, receipt["upload_id"])
    assert app.ask("GET", f"{BATCH}/{receipt['upload_id']}/results", link).status == 200
    assert app.ask("GET", f"{BATCH}/{other}/results", link).status == 403


def test_there_are_no_accepted_rows_before_there_is_a_table(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"email\na@example.org\n", auto=True)
    answer = results(app, ana, upload_id)
    assert (answer.status, answer.json["code"]) == (409, "table_not_ready")
    for query in ("?include=records", "?limit=1"):
        window = app.ask("GET", f"{BATCH}/{upload_id}{query}", ana.headers)
        assert (window.status, window.json["code"]) == (409, "table_not_ready"), query
    assert app.ask("GET", f"{BATCH}/{upload_id}", ana.headers).status == 200, "its state can be asked for"


def test_every_format_gives_every_value_back_and_runs_none_of_them(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, evil_file(), auto=True)
    build(app, ana, upload_id)
    names = ["email", "note", "_row (2)", "_row"]
    rows = [[f"p{at}@example.org", note, "mine", at] for at, note in enumerate(EVIL)]
    texts = [[str(cell) for cell in row] for row in rows]
    assert table(results(app, ana, upload_id).body) == [names, *texts]
    lines = results(app, ana, upload_id, "?format=ndjson").body.splitlines()
    assert [list(json.loads(line).items()) for line in lines] == [
        list(zip(names, row, strict=True)) for row in rows
    ]
    parquet = pq.read_table(io.BytesIO(results(app, ana, upload_id, "?format=parquet").body))
    assert (parquet.column_names, [list(row.values()) for row in parquet.to_pylist()]) == (names, rows)
    workbook = results(app, ana, upload_id, "?format=xlsx").body
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0)
    assert sheet.to_python() == [names, *rows]
    assert b"<f>" not in workbook


def test_csv_can_be_made_safe_for_spreadsheets(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, evil_file(), auto=True)
    build(app, ana, upload_id)
    rows = table(results(app, ana, upload_id, "?formula_safe=true").body)
    assert rows[1][1] == "'=1+1"
    assert rows[len(EVIL)][1] == "-5", "a number is none"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Spring", 'attachment; filename="Spring.accepted.csv"'),
        ('a"b\\c/d\r\nSet-Cookie: x', 'attachment; filename="a_b_c_d__Set-Cookie_ x.accepted.csv"'),
        (
            "Müller 😀 100%",
            'attachment; filename="M_ller _ 100_.accepted.csv"; '
            "filename*=UTF-8''M%C3%BCller%20%F0%9F%98%80%20100%25.accepted.csv",
        ),
        ("..", 'attachment; filename="upload.accepted.csv"'),
    ],
)
def test_the_name_of_a_download_is_safe_and_true(
    app: RunningApp, ana: Person, name: str, expected: str
) -> None:
    upload_id = app.upload(ana, name)["upload_id"]
    build(app, ana, upload_id)
    assert results(app, ana, upload_id).headers["content-disposition"] == expected


def test_accept_is_negotiated_and_head_reads_nothing(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"email\na@example.org\n", auto=True)
    build(app, ana, upload_id)
    path = f"{BATCH}/{upload_id}/results"
    for accept, media_type in (
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
    ):
        for method in ("GET", "HEAD"):
            answer = app.ask(method, path, {**ana.headers, "Accept": accept})
            assert (answer.status, answer.headers["content-type"]) == (200, media_type)
            assert bool(answer.body) == (method == "GET")
    for found in list(app.house.objects.list("tables/")):
        if found.key.endswith(".parquet"):
            app.house.objects.delete(found.key)
    assert app.ask("HEAD", path, ana.headers).status == 200, "not one row was read for it"
    assert app.ask("GET", path, ana.headers).status in {404, 503}


def test_rejects_go_out_as_they_came_and_come_back_corrected(app: RunningApp, ana: Person) -> None:
    content = b"E-Mail,Name\na@example.org,Ann\n,Ben\nc@example.org,Cid,extra\n,=evil()\n"
    upload_id = send(app, ana, content, auto=True)
    build(app, ana, upload_id)
    answer = results(app, ana, upload_id, "?part=rejected")
    header, *rows = table(answer.body)
    assert header == ["E-Mail", "Name", "column 3", "_row", "_line", "_field", "_code", "_reason"]
    assert [(row[0], row[1], row[2], row[3], row[4], row[6]) for row in rows] == [
        ("", "Ben", "", "1", "3", "identity_missing"),
        ("c@example.org", "Cid", "extra", "2", "4", "too_many_columns"),
        ("", "=evil()", "", "3", "5", "identity_missing"),
    ]
    assert "'=evil()" in results(app, ana, upload_id, "?part=rejected&formula_safe=true").body.decode()
    for row in rows:
        row[0], row[2] = f"new{row[3]}@example.org", ""
    made = io.StringIO()
    csv.writer(made).writerows([header, *rows])
    back = app.ask(
        "POST",
        f"{BATCH}/{upload_id}/retry",
        {**ana.headers, "Content-Type": "text/csv"},
        [made.getvalue().encode()],
    )
    assert (back.status, back.json["accepted"], back.json["failed"]) == (200, 3, 0), back.body
    accepted = table(results(app, ana, upload_id).body)
    assert accepted[0] == ["email", "full_name", "_row"]
    assert [row[2] for row in accepted[1:]] == ["0", "1", "2", "3"], "in their places again"
    assert accepted[2] == ["new1@example.org", "Ben", "1"]
    assert table(results(app, ana, upload_id, "?part=rejected").body)[1:] == []


def test_rejects_of_a_batch_keep_numbers_and_nested_values(app: RunningApp, ana: Person) -> None:
    records: list[Any] = [{"email": "a@b.org"}, {"n": 1.50, "x": {"y": [1]}}, {"t": "x", "z": None}]
    upload_id = app.upload(ana, records=records, on_invalid="skip")["upload_id"]
    build(app, ana, upload_id)
    lines = results(app, ana, upload_id, "?part=rejected&format=ndjson").body.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["_row"], row["n"], row["x"], row["t"], row["z"]) for row in rows] == [
        (1, "1.5", '{"y":[1]}', None, None),
        (2, None, None, "x", None),
    ]
    sheet = app.ask(
        "GET",
        f"{BATCH}/{upload_id}/rejects?offset=1",
        {**ana.headers, "Accept": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    )
    read = CalamineWorkbook.from_filelike(io.BytesIO(sheet.body)).get_sheet_by_index(0).to_python()
    assert [row[read[0].index("_row")] for row in read[1:]] == [2.0]


def cancelled(app: RunningApp, person: Person, upload_id: str, after: int) -> None:
    room = app.house.uploads
    with room.db.read() as connection:
        job = newest_job(connection, person.user.id, upload_id)
    assert job is not None
    with pytest.raises(JobCancelled):
        build_table(room, InlineRun(job, context=InlineContext(cancel_after=after)))
    with room.db.begin() as connection:
        end_upload(room, connection, job, JobState.CANCELLED)


def test_what_was_never_looked_at_comes_back_as_it_was_sent(
    app: RunningApp, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "_AT_ONCE_BYTES", 0)
    content = b"E-Mail,Name\na@example.org,Ann\nbroken,row,here\nc@example.org,\n"
    upload_id = send(app, ana, content, auto=True)
    assert results(app, ana, upload_id, "?part=unprocessed&format=ndjson").body == b"", (
        "not ended, nothing left"
    )
    cancelled(app, ana, upload_id, 0)
    rows = table(results(app, ana, upload_id, "?part=unprocessed").body)
    assert rows[0][:3] == ["E-Mail", "Name", "_row"]
    assert [row[2] for row in rows[1:]] == ["0", "1", "2"]
    assert rows[1][:2] == ["a@example.org", "Ann"]
    assert rows[3][:2] == ["c@example.org", ""]
    again = app.ask("POST", f"{BATCH}/{upload_id}/reprocess", ana.headers)
    assert again.status in {202, 409}


def test_a_failed_file_that_nobody_can_read_says_so(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, b"%PDF-1.7", auto=True)
    room = app.house.uploads
    with room.db.read() as connection:
        job = newest_job(connection, ana.user.id, upload_id)
    assert job is not None
    with room.db.begin() as connection:
        end_upload(room, connection, job, JobState.FAILED)
    answer = results(app, ana, upload_id, "?part=unprocessed")
    assert (answer.status, answer.json["code"]) == (409, "file_unreadable")


def test_the_records_of_a_file_come_from_its_table(app: RunningApp, ana: Person) -> None:
    content = b"email,n,note\n" + b"".join(b"p%d@example.org,%d.0,\n" % (at, at) for at in range(10))
    upload_id = send(app, ana, content.replace(b"p4@example.org", b""), auto=True)
    build(app, ana, upload_id)
    path = f"{BATCH}/{upload_id}"
    plain = app.ask("GET", path, ana.headers)
    assert "records" not in plain.json, "polling stays cheap"
    assert plain.headers["etag"]
    whole = app.ask("GET", f"{path}?include=records", ana.headers).json
    assert whole["records"][0] == {"email": "p0@example.org", "n": "0.0", "note": None}
    assert len(whole["records"]) == 9
    window = app.ask("GET", f"{path}?offset=3&limit=3", ana.headers).json
    assert (window["offset"], window["limit"], window["total"]) == (3, 3, 9)
    assert [record["n"] for record in window["records"]] == ["3.0", "5.0", "6.0"]
    assert app.ask("GET", f"{path}?offset=9", ana.headers).json["records"] == []
    lines = app.ask("GET", f"{path}?offset=8", {**ana.headers, "Accept": "application/x-ndjson"}).body
    assert lines == b'{"email":"p9@example.org","n":"9.0","note":null}\n'
    rows = table(app.ask("GET", path, {**ana.headers, "Accept": "text/csv"}).body)
    assert rows[:2] == [["email", "n", "note"], ["p0@example.org", "0.0", ""]]
    assert len(rows) == 10
    assert app.ask("HEAD", f"{path}?include=records", ana.headers).status == 200


@on_sqlite
def test_a_table_of_five_thousand_columns_and_nul_goes_out_in_every_format(
    app: RunningApp, ana: Person
) -> None:
    header = ",".join(["email", *(f"field {at}" for at in range(4999))])
    upload_id = send(app, ana, f"{header}\na@example.org{',x' * 4998},nul\x00\n".encode(), auto=True)
    build(app, ana, upload_id)
    for format in ("csv", "ndjson", "xlsx", "parquet"):
        answer = results(app, ana, upload_id, f"?format={format}")
        assert answer.status == 200, answer.body
        assert answer.body
    accepted = table(results(app, ana, upload_id).body)
    rejected = table(results(app, ana, upload_id, "?part=rejected").body)
    assert len(accepted) + len(rejected) == 3, "the row is in one of the two parts"


def test_a_decision_with_dropped_columns_leaves_them_out_of_what_was_accepted(
    app: RunningApp, ana: Person
) -> None:
    upload_id = send(app, ana, b"email,secret\na@example.org,x\n,y\n")
    assert decide(app, ana, upload_id, {"mapping": {"columns": [{"from": "secret", "to": []}]}}).status == 202
    build(app, ana, upload_id)
    assert table(results(app, ana, upload_id).body) == [["email", "_row"], ["a@example.org", "0"]]
    rejected = table(results(app, ana, upload_id, "?part=rejected").body)
    assert rejected[1][:3] == ["", "y", "1"], "as it was sent, so that it can be corrected"
