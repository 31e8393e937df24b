"""Every answer can be found again, and no line of the log tells a value that was sent."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.responses import StreamingResponse

from muster.accounts import users
from muster.web.observe import Observe
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Person, RunningApp, bearer, build_now, running

SECRET = "sesame-in-a-handler"


@pytest.mark.parametrize("sent", ["abc", "a.b_c:d-e", "req_1", "x" * 128])
def test_a_sane_request_id_comes_back(app: RunningApp, sent: str) -> None:
    answer = app.ask("GET", "/api/health/live", {"X-Request-Id": sent})
    assert answer.headers["x-request-id"] == sent
    assert app.log_lines()[-1]["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 129, "a\tb", "é", "a\x1b[31m", "<script>", 'a"b', "a,b"])
def test_an_odd_request_id_is_replaced(app: RunningApp, sent: str) -> None:
    answer = app.ask("GET", "/api/health/live", {"X-Request-Id": sent})
    made = answer.headers["x-request-id"]
    assert re.fullmatch(r"req_[0-9A-Za-z]{22}", made)
    assert app.log_lines()[-1]["request_id"] == made


def test_every_request_has_an_id_of_its_own_in_header_body_and_log(app: RunningApp) -> None:
    seen = set()
    for _ in range(3):
        answer = app.client.get("/api/nowhere")
        assert (
            answer.json()["request_id"] == answer.headers["x-request-id"] == app.log_lines()[-1]["request_id"]
        )
        seen.add(answer.json()["request_id"])
    assert len(seen) == 3


def test_every_answer_forbids_sniffing_and_data_is_not_cached(app: RunningApp, person: Person) -> None:
    upload = app.upload(person, "headers")["upload_id"]
    for path in (
        BATCH,
        f"{BATCH}/{upload}",
        "/api/keys",
        "/api/auth/me",
        "/api/audit",
        "/api/nowhere",
        "/metrics",
    ):
        answer = app.client.get(path, headers=person.headers)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["cache-control"] == "no-store", path


def test_one_line_a_request_says_what_happened_and_to_whom(app: RunningApp, person: Person) -> None:
    before = len(app.log_lines())
    app.upload(person, "line")
    app.client.get(f"{BATCH}/{UNKNOWN_UPLOAD}?limit=1", headers=person.headers)
    sent, asked = app.log_lines()[before:]
    assert (sent["event"], sent["level"], sent["route"], sent["status"]) == (
        "request.answered",
        "info",
        BATCH,
        200,
    )
    assert (sent["rows"], sent["user_id"], sent["actor"]) == (2, person.user.id, f"key:{person.key[7:15]}")
    assert sent["wire_bytes"] > 0
    assert sent["bytes"] > 0
    # The route's pattern, not the path that was asked for.
    assert (asked["route"], asked["status"], asked["code"]) == (
        f"{BATCH}/{{upload_id}}",
        404,
        "upload_not_found",
    )


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[RunningApp]:
    """An application with two handlers that have a bug."""

    def bug() -> None:
        raise KeyError(SECRET)

    def half() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            yield b"x" * 5000
            raise KeyError(SECRET)

        return StreamingResponse(pieces())

    with running(tmp_path / "data", cors_origins=["https://studio.example.org"]) as started:
        started.app.router.routes.append(APIRoute("/api/bug", bug))
        started.app.router.routes.append(APIRoute("/api/half", half))
        yield started


def test_a_bug_is_a_500_that_tells_nothing_but_its_id(broken: RunningApp) -> None:
    for accept in ("*/*", "application/problem+json"):
        answer = broken.client.get("/api/bug", headers={"Accept": accept})
        body = answer.json()
        assert answer.status_code == 500
        assert body["code"] == "internal_error"
        assert body["request_id"] == answer.headers["x-request-id"]
        for inside in (SECRET, "KeyError", "Traceback", ".py"):
            assert inside not in answer.text
    bug, line = broken.log_lines()[-2:]
    assert (bug["event"], bug["level"], bug["request_id"]) == ("request.bug", "error", line["request_id"])
    assert "Traceback" in bug["exception"]
    assert "in bug" in bug["exception"]
    assert (line["status"], line["code"], line["route"]) == (500, "internal_error", "/api/bug")


def test_a_bug_after_the_answer_began_breaks_the_connection(broken: RunningApp) -> None:
    with pytest.raises(KeyError):
        broken.ask("GET", "/api/half")
    events = [(line["event"], line.get("status")) for line in broken.log_lines()[-2:]]
    assert events == [("request.broken_off", None), ("request.answered", 500)]


@pytest.mark.parametrize(
    ("target", "where"),
    [
        (b"/api/health/%", "path has a broken percent-escape at byte 12"),
        (b"/api/%zz", "path has a broken percent-escape"),
        (b"/api/%f", "path has a broken"),
        (b"/api/%ff%fe", "path does not unescape to UTF-8"),
        (b"/api/%c0%af", "path does not unescape"),
        (b"/api/%ed%a0%80", "path does not unescape"),
        (BATCH.encode() + b"?name=%", "query has a broken percent-escape at byte 5"),
        (BATCH.encode() + b"?name=%e", "query has a broken"),
        (BATCH.encode() + b"?name=%ff", "query does not unescape"),
        (BATCH.encode() + b"?%ff=1", "query does not unescape"),
        (BATCH.encode() + b"?name=\xff", "query does not unescape"),
    ],
)
def test_an_address_that_cannot_be_read_is_a_400_that_says_where(
    app: RunningApp, person: Person, target: bytes, where: str
) -> None:
    for method in ("GET", "POST", "HEAD"):
        answer = app.ask(method, target, person.headers)
        assert answer.status == 400
        if method == "HEAD":
            assert answer.body == b""
        else:
            assert answer.json["code"] == "address_malformed"
            assert where in answer.json["message"]


@pytest.mark.parametrize("query", ["name=%F0%9F%98%80", "name=a%2Bb+c", "name=%25", "name=&&=&", "name=%00"])
def test_an_odd_but_valid_address_is_no_bug(app: RunningApp, person: Person, query: str) -> None:
    assert app.ask("GET", f"{BATCH}?{query}", person.headers).status in {200, 400}
    assert app.ask("GET", f"{BATCH}/{query}", person.headers).status == 404


def test_head_is_get_without_its_body(app: RunningApp, person: Person) -> None:
    upload = app.upload(person, "head", on_invalid="skip", records=[{"email": "a@example.com"}, {}])[
        "upload_id"
    ]
    build_now(app, person, upload)  # an event stream lasts as long as its job
    paths = [
        route.path.replace("{upload_id}", upload) for route in app.routes if "GET" in (route.methods or ())
    ]
    assert len(paths) > 10
    for path in [*paths, f"{BATCH}?limit=1", f"{BATCH}/{upload}?limit=1", "/api/nowhere"]:
        for encoding in ("identity", "gzip", "zstd"):
            headers = {**person.headers, "Accept-Encoding": encoding, "X-Request-Id": "same"}
            get, head = app.ask("GET", path, headers), app.ask("HEAD", path, headers)
            # The page of metrics counts the very requests that ask for it.
            changing = {"content-length"} if path == "/metrics" else set()
            # What is only known while content is generated may be left out (RFC 9110, 9.3.2): compression.
            changing |= {"vary", "content-encoding"} if path.endswith(("/results", "/events")) else set()
            assert head.status == get.status, path
            assert {name: value for name, value in head.headers.items() if name not in changing} == {
                name: value for name, value in get.headers.items() if name not in changing
            }, path
            assert head.body == b""
            assert get.body or get.status == 307, path
            if "content-length" in get.headers and path != "/metrics":
                assert int(get.headers["content-length"]) == len(get.body), path


def test_options_says_what_is_possible(app: RunningApp, person: Person) -> None:
    upload = app.upload(person, "options")["upload_id"]
    for path, allowed in {
        BATCH: "GET, HEAD, OPTIONS, POST",
        f"{BATCH}/{upload}": "DELETE, GET, HEAD, OPTIONS, PATCH",
        "/api/health/live": "GET, HEAD, OPTIONS",
    }.items():
        answer = app.ask("OPTIONS", path)
        assert (answer.status, answer.headers["allow"], answer.body) == (204, allowed, b"")
        assert answer.headers["x-request-id"]
    assert app.ask("OPTIONS", "/api/nowhere").status == 404


def test_other_kinds_of_connection_pass_through() -> None:
    seen = []

    async def inner(scope: object, receive: object, send: object) -> None:
        seen.append(scope)

    async def nothing() -> dict[str, object]:
        return {}

    async def drop(message: object) -> None:
        raise AssertionError(message)

    scope = {"type": "lifespan"}
    run = Observe(inner)(scope, nothing, drop)  # type: ignore[arg-type]
    with pytest.raises(StopIteration):
        run.send(None)
    assert seen == [scope]


MARK = "zanzibar"
"""In every value a client sends below; the log must not hold it anywhere."""


@pytest.mark.parametrize("level", ["debug", "info"])
def test_no_line_of_the_log_holds_a_value_that_was_sent(
    tmp_path: Path, database_url: str, level: str
) -> None:
    with running(tmp_path / "data", database_url, log_level=level) as app:
        root_level = logging.getLogger().level
        ana = app.person(f"{MARK}@example.com")
        users.set_password(app.house.accounts, users.by_command_line(ana.user), f"{MARK} horse battery")
        tokens = [ana.key, ana.key.split("_")[2]]
        record = {"email": f"{MARK}@example.org", f"{MARK}_field": f"{MARK}"}
        receipt = app.upload(
            ana, f"{MARK} leads", records=[record, {}], on_invalid="skip", fields=[f"{MARK}_field"]
        )
        upload, link = receipt["upload_id"], receipt["session_token"]
        tokens.append(link)
        call = app.client.request

        def ask(method: str, path: str, **options: object) -> int:
            options.setdefault("headers", ana.headers)
            return int(call(method, path, **options).status_code)  # type: ignore[arg-type]

        assert ask("GET", f"{BATCH}/{upload}") == 200
        assert ask("GET", f"{BATCH}/{upload}", headers={**bearer(link), "Accept": "text/csv"}) == 200
        assert ask("GET", f"{BATCH}/{upload}/rejects") == 200
        assert ask("GET", f"{BATCH}?name={MARK}&status={MARK}") == 400
        assert ask("GET", f"{BATCH}?name={MARK}&cursor={MARK}") == 400
        assert ask("PATCH", f"{BATCH}/{upload}", json={"upload_name": f"{MARK} again"}) == 200
        assert ask("PATCH", f"{BATCH}/{upload}", json={"upload_name": [MARK]}) == 400
        assert ask("POST", BATCH, content=f'{{"{MARK}": "{MARK}') == 400
        assert ask("POST", BATCH, json={"upload_name": MARK, "records": [{"email": [MARK]}]}) == 400
        assert ask("POST", BATCH, json={"upload_name": MARK, "records": [record]},
                   headers={**ana.headers, "Idempotency-Key": f"{MARK}-key"}) == 200  # fmt: skip
        assert ask("POST", "/api/audience/validate", json={"upload_name": MARK, "records": [record]}) == 200
        assert ask("GET", f"/api/{MARK}") == 404
        assert ask("GET", BATCH, headers=bearer(f"muster_{MARK}")) == 401
        assert ask("GET", BATCH, headers={**ana.headers, "User-Agent": MARK, "X-Request-Id": f"{MARK} ", "Referer": MARK}) == 200  # fmt: skip
        made = call("POST", "/api/keys", json={"name": f"{MARK} key"}, headers=ana.headers).json()
        tokens += [made["key"], made["key"].split("_")[2]]
        assert ask("POST", "/api/keys", json={"name": MARK, "scopes": [MARK]}) == 400
        assert (
            ask("POST", "/api/auth/sign-in", json={"email": f"{MARK}@example.com", "password": MARK}) == 401
        )
        assert ask("POST", "/api/auth/sign-in", json={"email": f"{MARK}@example.com", "password": f"{MARK} horse battery"}) == 200  # fmt: skip
        tokens.append(app.client.cookies["muster_session"])
        assert ask("GET", "/api/audit") == 200
        assert ask("DELETE", f"{BATCH}/{upload}") == 200
        # A database that fails while values are on their way to it.
        with app.house.db.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE uploads RENAME TO gone")
        assert ask("POST", BATCH, json={"upload_name": MARK, "records": [record]}) in {500, 503}
        assert ask("GET", f"{BATCH}?name={MARK}") in {500, 503}

        logged = app.log.getvalue()
        lines = [json.loads(line) for line in logged.splitlines()]
        assert len([line for line in lines if line["event"] == "request.answered"]) == 23
        assert any(line["event"] == "request.bug" for line in lines)
        assert root_level == getattr(logging, level.upper())
        assert MARK not in logged.lower()
        for token in tokens:
            assert token not in logged
