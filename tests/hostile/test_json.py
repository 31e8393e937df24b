"""Whatever bytes are sent as a batch: taken exactly when the strict reference takes them, and then kept exactly."""

import re

import pytest

from tests.hostile import corpus, reference
from tests.support.live import BATCH, Api
from tests.support.rawhttp import Answer

RECORD = b'{"email":"a@example.com","x":%s}'
NDJSON = {"Content-Type": "application/x-ndjson"}


def assert_one_error_shape(answer: Answer, what: str) -> None:
    assert 400 <= answer.status < 500, (what, answer.status, answer.body)
    assert answer.headers["content-type"] == "application/json", what
    assert answer.headers["x-content-type-options"] == "nosniff", what
    error = answer.json
    assert error["status"] == "error", what
    assert re.fullmatch(r"[a-z][a-z0-9_]+", error["code"]), what
    assert error["message"], what
    assert error["request_id"] == answer.headers["x-request-id"], what
    for issue in error["errors"]:
        assert set(issue) == {"row", "field", "pointer", "code", "message"}, what


def assert_agrees(api: Api, what: str, body: bytes, *, takes: bool, stored: bytes | None, **how: str) -> None:
    """Post `body`; compare with what the reference says, and what is given back with what was sent."""
    query = how.pop("query", "")
    answer = api.call("POST", BATCH + query, body, headers={k.replace("_", "-"): v for k, v in how.items()})
    if not takes:
        assert_one_error_shape(answer, what)
        return
    assert answer.status == 200, (what, answer.body)
    if stored is not None:
        kept = api.get(answer.json["upload_id"])
        assert kept.status == 200, what
        assert b'"records":[' + stored + b"]" in kept.body, what


def takes(text: bytes) -> bool:
    try:
        reference.read_json(text)
    except reference.Refused:
        return False
    return True


@pytest.mark.parametrize(
    "cases", [corpus.bodies, corpus.truncations, lambda: corpus.mutations(20250115, 300)],
    ids=["bodies", "truncations", "mutations"],
)  # fmt: skip
def test_a_whole_body_is_taken_exactly_when_the_reference_takes_it(api: Api, cases: object) -> None:
    assert callable(cases)
    taken = 0
    for what, body in cases():
        expected = reference.takes(body)
        taken += expected
        assert_agrees(api, f"{what}: {body!r}", body, takes=expected, stored=None)
    assert cases is corpus.truncations or taken > 0, "the corpus has lost its good cases"


def test_a_value_inside_a_record_is_taken_exactly_when_it_is_json_and_kept_as_sent(api: Api) -> None:
    for what, value in corpus.VALUES.items():
        record = RECORD % value
        body = b'{"upload_name":"value","records":[' + record + b"]}"
        assert_agrees(api, f"in a record: {what}", body, takes=reference.takes(body), stored=record)


def test_a_value_in_a_bare_array_or_line_is_taken_exactly_when_it_is_json(api: Api) -> None:
    for what, value in corpus.VALUES.items():
        record = RECORD % value
        query = "?upload_name=bare"
        assert_agrees(
            api, f"bare: {what}", b"[" + record + b"]", takes=takes(b"[" + record + b"]"), stored=record, query=query
        )  # fmt: skip
        if b"\n" not in value and b"\r" not in value:  # those end a line
            assert_agrees(
                api, f"line: {what}", record + b"\n", takes=takes(record), stored=record, query=query, **NDJSON
            )  # fmt: skip


def test_a_value_in_a_member_nobody_asked_for_is_still_checked(api: Api) -> None:
    for what, value in corpus.VALUES.items():
        body = b'{"ignored":%s,"upload_name":"value","records":[{"email":"a@example.com"}]}' % value
        assert_agrees(api, f"ignored: {what}", body, takes=reference.takes(body), stored=None)


def test_a_string_as_a_key_is_taken_exactly_when_it_is_json_and_kept_as_sent(api: Api) -> None:
    for what, key in corpus.STRINGS.items():
        record = b'{"email":"a@example.com",%s:1}' % key
        body = b'{"upload_name":"key","records":[' + record + b"]}"
        assert_agrees(api, f"key: {what}", body, takes=reference.takes(body), stored=record)


@pytest.mark.parametrize("kind", [b"[", b"{"], ids=["arrays", "objects"])
def test_64_levels_are_taken_and_65_refused_wherever_they_are(api: Api, kind: bytes) -> None:
    for levels in (64, 65, 66, 200, 100_000):
        fits = levels <= reference.MAX_DEPTH
        record = RECORD % corpus.nested(levels - 3, kind)
        body = b'{"upload_name":"deep","records":[' + record + b"]}"
        assert_agrees(api, f"{levels} in a record", body, takes=fits, stored=record)
        record = RECORD % corpus.nested(levels - 2, kind)
        assert_agrees(
            api, f"{levels} bare", b"[" + record + b"]", takes=fits, stored=record, query="?upload_name=deep"
        )
        record = RECORD % corpus.nested(levels - 1, kind)
        assert_agrees(
            api, f"{levels} in a line", record, takes=fits, stored=record, query="?upload_name=deep", **NDJSON
        )
        ignored = corpus.nested(levels - 1, kind)
        body = b'{"x":%s,"upload_name":"deep","records":[{"email":"a@example.com"}]}' % ignored
        assert_agrees(api, f"{levels} ignored", body, takes=fits, stored=None)


def test_brackets_inside_strings_are_no_levels(api: Api) -> None:
    record = RECORD % (b'"' + b'[{\\"' * 500 + b'"')
    body = b'{"upload_name":"flat","records":[' + record + b"]}"
    assert_agrees(api, "brackets in a string", body, takes=True, stored=record)


def test_many_records_keep_their_order_and_every_byte(api: Api) -> None:
    values = [value for value in corpus.VALUES.values() if takes(RECORD % value)]
    records = [RECORD % value for value in values] * 20
    joined = b",".join(records)
    body = b'{"upload_name":"all","records":[' + joined + b"]}"
    assert len(values) > 30
    assert_agrees(api, "all good values", body, takes=True, stored=joined)


@pytest.mark.parametrize("path", [f"{BATCH}/bulk", "/api/audience/validate"])
def test_other_bodies_are_refused_in_the_same_shape(api: Api, path: str) -> None:
    for what, body in [*corpus.bodies(), *list(corpus.truncations())[::7]]:
        answer = api.call("POST", path, body)
        if answer.status != 200:
            assert_one_error_shape(answer, f"{path} {what}: {body!r}")
