"""Files over HTTP, the hostile ones first."""

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.accounts.model import Scope
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Answer, Person, RunningApp, bearer, running
from tests.support.databases import on_sqlite

FILES = "/api/audience/files"
TUS = f"{FILES}/tus"
CSV = b"email\r\n" + b"a@example.org\r\n" * 1000
CHUNK = {"Content-Type": "application/offset+octet-stream"}
LIMIT = 1_000_000


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url, max_file_bytes=LIMIT, jobs_inside=False) as started:
        yield started


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.com")


@pytest.fixture
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.com")


def keys(app: RunningApp) -> list[str]:
    return [found.key for found in app.house.objects.list("uploads/")]


def count(app: RunningApp, person: Person) -> int:
    total: int = app.ask("GET", BATCH, person.headers).json["total"]
    return total


def send(app: RunningApp, person: Person, body: bytes = CSV, query: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)] or [b""]
    return app.ask("POST", FILES + query, {**person.headers, **named}, pieces)


def begin(app: RunningApp, person: Person, length: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {**person.headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(length), **named}
    return app.ask("POST", TUS, told)


def tus(
    app: RunningApp, person: Person, method: str, where: str, body: bytes = b"", **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.ask(method, where, {**person.headers, "Tus-Resumable": "1.0.0", **named}, [body])


def patch(app: RunningApp, person: Person, where: str, offset: int, body: bytes, **headers: str) -> Answer:
    return tus(app, person, "PATCH", where, body, Upload_Offset=str(offset), **CHUNK, **headers)


@on_sqlite
@pytest.mark.parametrize("path", [FILES, TUS, f"{TUS}/{UNKNOWN_UPLOAD}"])
@pytest.mark.parametrize("headers", [{}, bearer("muster_nobody")], ids=["no token", "bad token"])
def test_without_a_token_not_a_byte_is_read(app: RunningApp, path: str, headers: dict[str, str]) -> None:
    method = "PATCH" if UNKNOWN_UPLOAD in path else "POST"
    answer = app.ask(method, path, headers, [b"x" * 1000] * 10)
    assert (answer.status, answer.pieces_read) == (401, 0)


def test_a_key_that_may_only_read_sends_nothing(app: RunningApp, ana: Person) -> None:
    reader = bearer(app.key(ana.user, {Scope.UPLOADS_READ}))
    where = begin(app, ana, 10).headers["location"]
    for method, path in (("POST", FILES), ("POST", TUS), ("OPTIONS", TUS), ("PATCH", where), ("GET", where)):
        answer = app.ask(method, path, {**reader, "Tus-Resumable": "1.0.0"}, [CSV])
        assert (answer.status, answer.pieces_read) == (403, 0), (method, path)
    assert keys(app) == []


def test_anothers_resumable_upload_is_403_and_an_unknown_one_404(
    app: RunningApp, ana: Person, ben: Person
) -> None:
    where = begin(app, ana, 10).headers["location"]
    for method in ("HEAD", "GET", "PATCH", "DELETE"):
        answer = app.ask(method, where, {**ben.headers, "Tus-Resumable": "1.0.0"}, [CSV])
        assert (answer.status, answer.pieces_read) == (403, 0), method
        unknown = app.ask(method, f"{TUS}/{UNKNOWN_UPLOAD}", {**ben.headers, "Tus-Resumable": "1.0.0"}, [CSV])
        assert (unknown.status, unknown.pieces_read) == (404, 0), method
    assert tus(app, ana, "HEAD", where).headers["upload-offset"] == "0"


def test_an_announced_length_over_the_limit_is_refused_before_a_byte_is_read(
    app: RunningApp, ana: Person
) -> None:
    answer = send(app, ana, Content_Length=str(LIMIT + 1))
    assert (answer.status, answer.json["code"], answer.pieces_read) == (413, "file_too_large", 0)
    assert str(LIMIT) in answer.json["message"]
    assert begin(app, ana, LIMIT + 1).status == 413
    where = begin(app, ana, 10).headers["location"]
    answer = patch(app, ana, where, 0, b"x" * 11, Content_Length="11")
    assert (answer.status, answer.json["code"], answer.pieces_read) == (413, "upload_length_exceeded", 0)


def test_a_body_longer_than_it_said_or_without_a_length_is_cut_at_the_limit(
    app: RunningApp, ana: Person
) -> None:
    for headers in ({}, {"Content_Length": "10"}):
        answer = send(app, ana, b"x" * (LIMIT + 1), **headers)
        assert (answer.status, answer.json["code"]) == (413, "file_too_large")
    assert send(app, ana, b"x" * LIMIT).status == 202
    assert len(keys(app)) == 1


@on_sqlite
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_defused_while_it_unfolds(app: RunningApp, ana: Person, encoding: str) -> None:
    bomb = (gzip.compress if encoding == "gzip" else zlib.compress)(bytes(300_000_000), 9)
    assert len(bomb) < LIMIT
    answer = send(app, ana, bomb, Content_Encoding=encoding)
    assert (answer.status, answer.json["code"]) == (413, "file_too_large")
    assert keys(app) == []


def test_a_packed_body_is_unpacked_on_the_way_and_a_damaged_one_refused(app: RunningApp, ana: Person) -> None:
    packed = gzip.compress(CSV)
    answer = send(app, ana, packed, Content_Encoding="gzip")
    assert (answer.json["size_bytes"], answer.json["sha256"]) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    before = keys(app)
    for bad, status in ((packed[:-9], 400), (b"not gzip", 400)):
        refused = send(app, ana, bad, Content_Encoding="gzip")
        assert (refused.status, refused.json["code"]) == (status, "content_encoding_broken")
    assert send(app, ana, CSV, Content_Encoding="snappy").status == 415
    assert keys(app) == before
    # Without the header a packed file stays as it is: its format is a matter of the file.
    assert send(app, ana, packed).json["sha256"] == hashlib.sha256(packed).hexdigest()


def test_a_client_gone_in_the_middle_leaves_nothing(app: RunningApp, ana: Person) -> None:
    answer = app.ask("POST", FILES, ana.headers, [CSV, CSV], leaves=True)
    assert answer.status == 0
    assert (keys(app), count(app, ana)) == ([], 0)


def test_what_arrived_of_a_resumable_upload_stays(app: RunningApp, ana: Person) -> None:
    where = begin(app, ana, len(CSV)).headers["location"]
    headers = {**ana.headers, "Tus-Resumable": "1.0.0", "Upload-Offset": "0", **CHUNK}
    app.ask("PATCH", where, headers, [CSV[:100], CSV[100:500]], leaves=True)
    assert tus(app, ana, "HEAD", where).headers["upload-offset"] == "500"
    assert patch(app, ana, where, 500, CSV[500:]).status == 204
    upload = app.ask("GET", f"{BATCH}/{where.rpartition('/')[2]}", ana.headers).json
    assert (upload["upload_status"], upload["size_bytes"]) == ("uploaded", len(CSV))


@on_sqlite
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\\\temp\\\\leads.csv", "leads.csv"),
        ("a" * 10_000 + ".csv", "a" * 100),
        ("nul\x00byte.csv", "nulbyte.csv"),
        ("\u202ecsv.exe", "csv.exe"),
    ],
    ids=["path", "windows path", "long", "NUL", "turned around"],
)
def test_a_name_is_no_path_and_no_trick(app: RunningApp, ana: Person, name: str, shown: str) -> None:
    body = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + CSV
        + b"\r\n--b--\r\n"
    )
    answer = send(app, ana, body, Content_Type="multipart/form-data; boundary=b")
    if answer.status == 400:  # the parser of forms takes no header that long, and no NUL in one
        assert answer.json["code"] == "form_malformed"
        assert len(name) > 4000 or "\x00" in name
        assert keys(app) == []
        return
    assert (answer.status, answer.json["upload_name"]) == (202, shown)
    assert all(key.startswith("uploads/") and "file.000000" in key for key in keys(app))


@on_sqlite
@pytest.mark.parametrize(
    "query", ["?upload_name=", "?upload_name=" + "x" * 101, "?upload_name=%00", "?auto=perhaps"]
)
def test_a_wish_nobody_can_fulfil_is_refused_before_a_byte_is_read(
    app: RunningApp, ana: Person, query: str
) -> None:
    answer = send(app, ana, query=query)
    assert (answer.status, answer.pieces_read) == (400, 0)
    assert keys(app) == []


@on_sqlite
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus_Resumable": "0.2.2"}, 412, "tus_version_unsupported"),
        ({"Upload_Length": "-1"}, 400, "upload_length_invalid"),
        ({"Upload_Length": "9" * 40}, 400, "upload_length_invalid"),
        ({"Upload_Length": "0"}, 400, "file_empty"),
        ({"Upload_Defer_Length": "1"}, 400, "upload_length_invalid"),
        ({"Upload_Metadata": "filename ***"}, 400, "upload_metadata_invalid"),
        ({"Upload_Metadata": "filename " + "QUFB" * 4000}, 400, "upload_metadata_invalid"),
        (
            {"Upload_Metadata": "filename " + base64.b64encode(b"a\x00b").decode()},
            400,
            "upload_metadata_invalid",
        ),
    ],
)
def test_a_resumable_upload_that_makes_no_sense_is_not_begun(
    app: RunningApp, ana: Person, headers: dict[str, str], status: int, code: str
) -> None:
    answer = begin(app, ana, 10, **headers)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert count(app, ana) == 0


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload_Offset": "1"}, 409, "offset_mismatch"),
        ({"Upload_Offset": "-1"}, 400, "upload_offset_invalid"),
        ({"Content_Type": "text/csv"}, 415, "unsupported_media_type"),
        ({"Tus_Resumable": "2.0.0"}, 412, "tus_version_unsupported"),
        ({"Upload_Checksum": "crc32 AAAA"}, 400, "checksum_invalid"),
        ({"Upload_Checksum": "md5 AAAAAAAAAAAAAAAAAAAAAA=="}, 460, "checksum_mismatch"),
        ({"Content_Encoding": "gzip"}, 415, "unsupported_content_encoding"),
    ],
)
def test_a_piece_that_does_not_fit_is_refused_and_changes_nothing(
    app: RunningApp, ana: Person, headers: dict[str, str], status: int, code: str
) -> None:
    where = begin(app, ana, len(CSV)).headers["location"]
    told: dict[str, Any] = {"Upload_Offset": "0", "Content_Type": CHUNK["Content-Type"], **headers}
    answer = tus(app, ana, "PATCH", where, CSV[:100], **told)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert tus(app, ana, "HEAD", where).headers["upload-offset"] == "0"
    assert keys(app) == []


def test_a_file_is_one_upload_however_often_it_is_sent_under_one_key(app: RunningApp, ana: Person) -> None:
    first, again = (send(app, ana, query="?upload_name=x", Idempotency_Key="k") for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert again.json == first.json
    assert again.headers["idempotency-replayed"] == "true"
    other = send(app, ana, CSV + b"b@example.org\r\n", "?upload_name=x", Idempotency_Key="k")
    assert (other.status, other.json["code"]) == (409, "idempotency_key_reused")
    assert (len(keys(app)), count(app, ana)) == (1, 1)


def test_the_first_bytes_may_come_with_the_beginning(app: RunningApp, ana: Person) -> None:
    told = {**ana.headers, "Tus-Resumable": "1.0.0", "Upload-Length": str(len(CSV)), **CHUNK}
    answer = app.ask("POST", TUS, told, [CSV[:100]])
    assert (answer.status, answer.headers["upload-offset"]) == (201, "100")
    where = answer.headers["location"]
    assert patch(app, ana, where, 100, CSV[100:]).headers["upload-offset"] == str(len(CSV))
    assert tus(app, ana, "HEAD", where).headers["upload-length"] == str(len(CSV))


def test_what_the_server_speaks_is_told(app: RunningApp, ana: Person) -> None:
    answer = tus(app, ana, "OPTIONS", TUS)
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert {"creation", "termination", "checksum", "expiration"} <= set(
        answer.headers["tus-extension"].split(",")
    )
    assert answer.headers["tus-max-size"] == str(LIMIT)


def test_a_given_up_upload_is_gone(app: RunningApp, ana: Person) -> None:
    where = begin(app, ana, 10).headers["location"]
    assert tus(app, ana, "DELETE", where).status == 204
    assert tus(app, ana, "HEAD", where).status == 404
    assert tus(app, ana, "DELETE", where).status == 404


def test_a_poller_is_told_only_news(app: RunningApp, ana: Person) -> None:
    upload_id = send(app, ana, query="?upload_name=x").json["upload_id"]
    one = f"{BATCH}/{upload_id}?include=none"
    first = app.ask("GET", one, ana.headers)
    assert first.json["progress"]["state"] == "queued"
    asked = {**ana.headers, "If-None-Match": first.headers["etag"]}
    again = app.ask("GET", one, asked)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert app.ask("POST", f"{BATCH}/{upload_id}/pause", ana.headers).json["progress"]["state"] == "paused"
    news = app.ask("GET", one, asked)
    assert (news.status, news.json["progress"]["state"]) == (200, "paused")


def test_what_is_still_coming_shows_how_much_is_there(app: RunningApp, ana: Person) -> None:
    where = begin(app, ana, len(CSV)).headers["location"]
    patch(app, ana, where, 0, CSV[:100])
    upload = app.ask("GET", f"{BATCH}/{where.rpartition('/')[2]}", ana.headers).json
    assert upload["upload_status"] == "receiving"
    assert (upload["progress"]["done"], upload["progress"]["total"]) == (100, len(CSV))


def test_an_uploads_own_token_follows_its_work_and_steers_nothing(app: RunningApp, ana: Person) -> None:
    waiting = send(app, ana, query="?upload_name=x&auto=false").json
    link = bearer(waiting["session_token"])
    one = f"{BATCH}/{waiting['upload_id']}"
    assert app.ask("GET", f"{one}/events", link).status == 204  # nothing has happened, nothing will
    for verb in ("cancel", "pause", "resume", "reprocess"):
        assert app.ask("POST", f"{one}/{verb}", link).status == 403
    other = send(app, ana, query="?upload_name=y&auto=false").json["upload_id"]
    assert app.ask("GET", f"{BATCH}/{other}/events", link).status == 403
