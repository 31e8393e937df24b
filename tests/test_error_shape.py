"""Every failure of every route leaves in the one shape, and its code is in the reference."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from muster.app import PUBLIC_PATHS
from muster.settings import KIB
from tests.support.app import (
    UNKNOWN,
    UNKNOWN_UPLOAD,
    Answer,
    Person,
    RunningApp,
    bearer,
    running,
    with_unknown_ids,
)
from tests.support.matrix import BODIES

REFERENCE = Path(__file__).resolve().parent.parent / "docs/reference/error-codes.md"
PROBLEM = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
OPTIONAL_BODY = ("/sign-out", "/undo", "/roll", "/retry-failed", f"{UNKNOWN['export_connection_id']}/try")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
TEXT_ISSUE_KEYS = {"row", "field", "pointer", "code", "message"}


@dataclass(frozen=True)
class Walk:
    """One application, and every code that came out of it."""

    app: RunningApp
    person: Person
    codes: set[str] = field(default_factory=set)

    def refused(
        self,
        status: int | set[int],
        method: str,
        target: str | bytes,
        headers: dict[str, str] | None = None,
        body: tuple[bytes, ...] = (b"",),
    ) -> Answer:
        """Send it twice, for our shape and for problem details; both must be refused alike."""
        wanted = {status} if isinstance(status, int) else status
        sent = self.person.headers if headers is None else headers
        plain = self.app.ask(method, target, sent, body)
        assert plain.status in wanted, (method, target, plain.status, plain.body[:300])
        self.check(plain, method)
        if "Accept" not in sent:
            problem = self.app.ask(method, target, {**sent, "Accept": PROBLEM}, body)
            assert problem.status == plain.status
            self.check_problem(problem, plain, method)
        return plain

    def check(self, answer: Answer, method: str) -> None:
        """The one shape, and the headers that belong to it."""
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        if answer.status == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
        if answer.status == 405:
            assert answer.headers["allow"]
        if answer.status in {429, 503}:
            assert int(answer.headers["retry-after"]) > 0
        if method == "HEAD":
            assert answer.body == b""
            return
        body = answer.json
        assert set(body) == {"status", "code", "message", "request_id", "errors", "errors_total"}
        assert body["status"] == "error"
        assert SNAKE.fullmatch(body["code"])
        assert body["message"].strip().endswith((".", ".)", "`)", "`")), body["message"]
        assert body["request_id"] == answer.headers["x-request-id"]
        assert len(body["errors"]) <= min(body["errors_total"], 100)
        self.codes.add(body["code"])
        self.check_issues(body["errors"])

    def check_issues(self, issues: list[dict[str, Any]]) -> None:
        for issue in issues:
            assert set(issue) == TEXT_ISSUE_KEYS
            assert issue["row"] is None or issue["row"] >= 0
            assert issue["pointer"] == "" or issue["pointer"].startswith("/")
            assert issue["message"]
            assert SNAKE.fullmatch(issue["code"])
            self.codes.add(issue["code"])

    def check_problem(self, answer: Answer, plain: Answer, method: str) -> None:
        """RFC 9457 with the same facts."""
        assert answer.headers["content-type"] == PROBLEM
        if method == "HEAD":
            assert answer.body == b""
            return
        body, other = answer.json, plain.json
        assert body["status"] == answer.status
        assert body["type"] == f"urn:muster:error:{body['code']}"
        assert body["title"]
        assert body["detail"] == other["message"]
        assert body["request_id"] == answer.headers["x-request-id"]
        for same in ("code", "errors", "errors_total"):
            assert body[same] == other[same]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    with running(tmp_path_factory.mktemp("shape") / "data") as app:
        yield Walk(app, app.person("owner@example.com"))


def every(walk: Walk, *, guarded: bool = False, method: str | None = None) -> list[tuple[str, str, APIRoute]]:
    """(method, path with an unknown id, route) of every operation."""
    return [
        (offered, with_unknown_ids(route.path), route)
        for route in walk.app.routes
        for offered in sorted(route.methods or ())
        if (route.path not in PUBLIC_PATHS or not guarded) and method in {None, offered}
    ]


def reads_a_body(route: APIRoute) -> bool:
    """Whether the route parses what it is sent; files are taken whatever is in them."""
    body = (route.openapi_extra or {}).get("requestBody", {})
    return "application/json" in body.get("content", {})


def test_no_token_or_a_bad_one(walk: Walk) -> None:
    for method, path, _ in every(walk, guarded=True):
        for headers in ({}, bearer("x"), bearer(f"muster_AAAAAAAA_{'a' * 43}"), bearer(f"sess_1_{'a' * 43}"),
                        bearer("a.b.c"), {"Authorization": "Basic eDp5"}, {"Cookie": "muster_session=x"}):  # fmt: skip
            assert walk.refused(401, method, path, headers).json["code"] == "not_signed_in"


def test_a_method_the_path_does_not_have_is_405_with_all_it_has(walk: Walk) -> None:
    paths: dict[str, set[str]] = {}
    for method, path, route in every(walk):
        del method
        paths.setdefault(path, set()).update(route.methods or ())
    for path, offered in paths.items():
        allowed = offered | {"OPTIONS"} | ({"HEAD"} if "GET" in offered else set())
        for method in METHODS:
            if method in allowed:
                continue
            refused = walk.refused(405, method, path)
            assert set(refused.headers["allow"].split(", ")) == allowed, (method, path)
            if method != "HEAD":
                assert refused.json["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/api", "/api/", "/api/audience", "/api/audience/batch-upload/", "/API/keys", "//api/keys",
     f"/api/audience/batch-upload/{UNKNOWN_UPLOAD}/", f"/api/audience/batch-upload/{UNKNOWN_UPLOAD}/nowhere",
     "/api/audience/batch-upload/a%2Fb", "/docs/", "/metrics/x", "/favicon.ico", "/.env", "/api/keys/../keys",
     "/%F0%9F%98%80", "/%00", "/api/" + "x" * 5000],
)  # fmt: skip
def test_an_address_with_nothing_at_it_is_404_for_every_method(walk: Walk, path: str) -> None:
    for method in METHODS:
        refused = walk.refused(404, method, path)
        if method != "HEAD":
            assert refused.json["code"] in {"no_such_route", "upload_not_found"}


def test_an_unknown_id(walk: Walk) -> None:
    # Studio's own addresses ({rest:path}) are all the same page.
    # Sessions are for browsers: a key is refused before anybody looks (tests/accounts).
    with_id = [
        entry
        for entry in every(walk)
        if re.search(r"{\w+}", entry[2].path) and "{session_id}" not in entry[2].path
    ]
    assert with_id
    for method, path, route in with_id:
        name = re.findall(r"{(\w+)}", route.path)[0].removesuffix("_id")
        # Studio's files are addresses, not things with ids.
        code = "no_such_route" if name == "name" else f"{name.removeprefix('export_')}_not_found"
        body = BODIES.get((method, route.path)) if reads_a_body(route) else None
        content = b"" if body is None else json.dumps(body).encode()
        for unknown in (
            None,
            "x",
            "1",
            "-1",
            "upl_1_x",
            "a" * 3000,
            "%00",
            "%F0%9F%98%80",
            "'%20OR%201=1",
            "AAAAAAAÄ",
        ):
            target = path
            if unknown is not None:  # one thing in another, such as a row: the first is looked for first
                target = with_unknown_ids(re.sub(r"{\w+}", unknown, route.path, count=1))
            if target.isascii():
                refused = walk.refused(404, method, target.encode(), None, (content,))
                assert method == "HEAD" or refused.json["code"] == code, (method, route.path)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"", {"malformed_json", "json_invalid", "empty_body"}),
        (b"{", {"malformed_json", "json_invalid"}),
        (b"\xff\xfe", {"malformed_json", "json_invalid", "invalid_utf8"}),
        (b'{"a": "\xff"}', {"malformed_json", "json_invalid", "invalid_utf8", "body_invalid", "member_unknown"}),
        (b"[" * 50_000, {"malformed_json", "json_invalid", "nesting_too_deep", "body_invalid", "member_invalid"}),
        (b"null", {"body_not_object", "body_invalid", "member_invalid"}),
        (b"7", {"body_not_object", "body_invalid", "member_invalid"}),
        (b'"text"', {"body_not_object", "body_invalid", "member_invalid"}),
        (b"{}", {"upload_name_missing", "body_invalid", "member_missing", "member_invalid", "records_missing",
                 "mapping_missing", "selection_unclear", "rule_invalid"}),
        (b'{"upload_name": 7, "name": 7, "records": 7, "operation": 7, "email": 7, "new_password": 7}', None),
        (b'{"name": "x", "scopes": ["nonsense"], "upload_name": "", "records": [], "operation": "burn"}', None),
        (b'{"a":1}\x00', None),
    ],
    ids=["empty", "cut", "not utf-8", "bad text", "deep", "null", "number", "text", "no members", "wrong types",
         "wrong values", "NUL behind"],
)  # fmt: skip
def test_a_body_that_makes_no_sense(walk: Walk, body: bytes, codes: set[str] | None) -> None:
    tried = 0
    for method, path, route in every(walk):
        if not reads_a_body(route) or (path.endswith(OPTIONAL_BODY) and body in {b"", b"{}"}):
            continue
        # Setting a password needs a session; nothing of the body is looked at before a key is refused.
        status = {400, 403} if path.endswith(("/password", "/sign-out")) else {400}
        if (
            (method, route.path) == ("PATCH", "/api/audience/rules/{rule_id}") and body.startswith(b'{"')
        ) or body == b"{}":
            status |= {404}  # a change makes sense or not together with the rule it changes
        refused = walk.refused(status, method, path, None, (body,))
        if codes is not None and refused.status == 400:
            assert refused.json["code"] in codes, (path, refused.json)
        tried += 1
    assert tried >= 7


def test_a_body_of_a_type_or_coding_nobody_reads(walk: Walk) -> None:
    for method, path, route in every(walk):
        if not reads_a_body(route):
            continue
        for headers, code in (
            ({"Content-Type": "text/plain"}, "unsupported_media_type"),
            ({"Content-Type": "multipart/form-data; boundary=x"}, "unsupported_media_type"),
            ({"Content-Type": "application/json; charset=utf-16"}, "unsupported_charset"),
            ({"Content-Encoding": "snappy"}, "unsupported_content_encoding"),
            ({"Content-Encoding": "gzip, gzip"}, "unsupported_content_encoding"),
        ):
            refused = walk.refused(415, method, path, {**walk.person.headers, **headers}, (b"{}",))
            assert refused.json["code"] == code, path


def test_a_body_that_is_too_large_or_packed_wrongly(walk: Walk) -> None:
    for method, path, route in every(walk):
        if reads_a_body(route):
            large = (b" " * (6 * KIB * KIB),)
            assert walk.refused(413, method, path, None, large).json["code"] == "payload_too_large"
            packed = {**walk.person.headers, "Content-Encoding": "gzip"}
            refused = walk.refused(400, method, path, packed, (b"not gzip",))
            assert refused.json["code"] == "content_encoding_broken"


def test_a_bad_parameter(walk: Walk) -> None:
    tried = 0
    for method, path, route in every(walk, guarded=True):
        for parameter in route.dependant.query_params:
            if parameter.name in {"offset", "limit", "include", "formula_safe", "cursor"}:
                refused = walk.refused(400, method, f"{path}?{parameter.name}=%21nonsense")
                assert refused.json["errors"][0]["field"] == parameter.name, path
                tried += 1
    assert tried >= 10


def test_an_answer_nobody_offers_is_406_or_comes_as_it_is(walk: Walk) -> None:
    refused = 0
    for method, path, _ in every(walk, method="GET"):
        headers = {**walk.person.headers, "Accept": "image/png"}
        answer = walk.app.ask(method, path, headers)
        if answer.status == 406:
            walk.refused(406, method, path, headers)
            refused += 1
        elif answer.status >= 400:
            walk.check(answer, method)
    assert refused >= 3


def test_an_address_that_cannot_be_read(walk: Walk) -> None:
    for method, path, _ in every(walk):
        for target in (f"{path}%", f"{path}?a=%ff"):
            refused = walk.refused(400, method, target)
            assert method == "HEAD" or refused.json["code"] == "address_malformed"


def test_bad_records_are_listed_in_the_same_shape(walk: Walk) -> None:
    body = (
        b'{"upload_name": "x", "records": [{}, {"email": ""}, {"email": 7}, 7, {"email": "a@example.com"}]}'
    )
    refused = walk.refused(400, "POST", "/api/audience/batch-upload", None, (body,)).json
    assert (refused["code"], refused["errors_total"]) == ("records_invalid", 4)
    assert [issue["row"] for issue in refused["errors"]] == [0, 1, 2, 3]


def test_every_code_that_came_out_is_in_the_reference(walk: Walk) -> None:
    # Runs last: the tests above have walked every route by now. On its own it walks a few.
    test_bad_records_are_listed_in_the_same_shape(walk)
    test_a_body_of_a_type_or_coding_nobody_reads(walk)
    test_an_unknown_id(walk)
    listed = set(re.findall(r"`([a-z0-9_]+)`", REFERENCE.read_text(encoding="utf-8")))
    assert walk.codes - listed == set()
    assert len(walk.codes) > 8
