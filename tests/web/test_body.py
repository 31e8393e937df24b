"""Bodies: every limit exact, nothing read that need not be, nothing kept of what was refused."""

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.app import BATCH, Person, RunningApp, running
from tests.web.test_encodings import PACK, bomb

WIRE_LIMIT = 5_242_880
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def nothing_left_in_flight(app: RunningApp) -> Iterator[None]:
    """Whatever a test did, its bytes leave the budget."""
    yield
    assert app.house.bodies.budget.used_bytes == 0


def padded(size_bytes: int) -> bytes:
    """A batch that is exactly so long."""
    head = b'{"upload_name":"padded","records":[{"email":"ana@example.com","note":"'
    tail = b'"}]}'
    return head + b"x" * (size_bytes - len(head) - len(tail)) + tail


def pieces(body: bytes, size_bytes: int = 65_536) -> list[bytes]:
    return [body[at : at + size_bytes] for at in range(0, len(body), size_bytes)]


def count(app: RunningApp, person: Person) -> int:
    total: int = app.client.get(BATCH, headers=person.headers).json()["total"]
    return total


def post(app: RunningApp, person: Person, body: bytes, **headers: str) -> tuple[int, str]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"Content-Type": "application/json", **person.headers, **names}
    answer = app.client.post(BATCH, content=body, headers=sent)
    return answer.status_code, answer.json().get("code", "")


def test_a_body_of_exactly_the_limit_passes_and_one_byte_more_is_too_large(
    app: RunningApp, person: Person
) -> None:
    assert post(app, person, padded(WIRE_LIMIT)) == (200, "")
    before = count(app, person)
    assert post(app, person, padded(WIRE_LIMIT + 1)) == (413, "payload_too_large")
    assert count(app, person) == before


def test_a_body_without_a_length_is_counted_while_it_comes(app: RunningApp, person: Person) -> None:
    headers = {**person.headers, "Transfer-Encoding": "chunked"}
    assert app.ask("POST", BATCH, headers, pieces(padded(WIRE_LIMIT))).status == 200
    refused = app.ask("POST", BATCH, headers, pieces(padded(200 * MIB), MIB))
    assert (refused.status, refused.json["code"]) == (413, "payload_too_large")
    assert refused.pieces_read == 6  # of 200
    assert str(WIRE_LIMIT) in refused.json["message"]


@pytest.mark.parametrize("target", [BATCH, "/api/audience/validate", f"{BATCH}/bulk", "/api/keys"])
def test_an_announced_length_over_the_limit_is_refused_before_anything_is_read(
    app: RunningApp, person: Person, target: str
) -> None:
    headers = {**person.headers, "Content-Length": str(WIRE_LIMIT + 1)}
    refused = app.ask("POST", target, headers, pieces(padded(WIRE_LIMIT + 1)))
    assert (refused.status, refused.json["code"]) == (413, "payload_too_large")
    assert refused.pieces_read == 0


@pytest.mark.parametrize("said", ["0", "", "-5", "²", "1e9", "12345, 12345"])
def test_a_length_that_is_no_number_or_a_lie_changes_nothing(
    app: RunningApp, person: Person, said: str
) -> None:
    headers = {**person.headers, "Content-Length": said}
    assert app.ask("POST", BATCH, headers, [padded(200)]).status == 200


def test_nobody_without_a_token_makes_the_server_read(app: RunningApp) -> None:
    refused = app.ask("POST", BATCH, {}, [padded(200)])
    assert (refused.status, refused.pieces_read) == (401, 0)


def test_a_client_that_goes_away_leaves_nothing(app: RunningApp, person: Person) -> None:
    before = count(app, person)
    whole = padded(300_000)
    headers = {**person.headers, "Content-Length": str(len(whole))}
    for sent in ([], [b""], pieces(whole)[:3]):
        assert app.ask("POST", BATCH, headers, sent, leaves=True).status == 0
        assert app.log_lines()[-1]["status"] == 499
    assert count(app, person) == before


@pytest.mark.parametrize("form", PACK)
def test_every_compression_is_read(app: RunningApp, person: Person, form: str) -> None:
    coding, pack = PACK[form]
    assert post(app, person, pack(padded(200_000)), Content_Encoding=coding) == (200, "")


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("application/json", 200, ""),
        ("application/json; charset=utf-8", 200, ""),
        ('APPLICATION/JSON;Charset="UTF-8"', 200, ""),
        ("application/vnd.api+json", 200, ""),
        ("", 200, ""),
        ("application/json; charset=latin-1", 415, "unsupported_charset"),
        ("application/json; a=b; charset=utf-16", 415, "unsupported_charset"),
        ("text/plain", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("multipart/form-data; boundary=x", 415, "unsupported_media_type"),
        ("json", 415, "unsupported_media_type"),
        (";", 200, ""),
    ],
)
def test_a_body_is_json_in_utf8_or_refused(
    app: RunningApp, person: Person, content_type: str, status: int, code: str
) -> None:
    assert post(app, person, padded(200), Content_Type=content_type) == (status, code)


def test_an_unknown_content_encoding_is_refused_unread(app: RunningApp, person: Person) -> None:
    for coding in ("gzip, gzip", "snappy"):
        refused = app.ask("POST", BATCH, {**person.headers, "Content-Encoding": coding}, [padded(200)])
        assert (refused.status, refused.json["code"]) == (415, "unsupported_content_encoding")
        assert refused.pieces_read == 0


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_is_refused_at_the_decoded_limit(app: RunningApp, person: Person, coding: str) -> None:
    before = count(app, person)
    assert post(app, person, bomb(coding), Content_Encoding=coding) == (413, "decoded_body_too_large")
    assert count(app, person) == before


def test_the_decoded_limit_is_exact(tmp_path: Path) -> None:
    with running(tmp_path, max_decoded_bytes=100_000) as app:
        ana = app.person("ana@example.com")
        for send in (padded, lambda size: gzip.compress(padded(size))):
            coding = {} if send is padded else {"Content_Encoding": "gzip"}
            assert post(app, ana, send(100_000), **coding) == (200, "")
            assert post(app, ana, send(100_001), **coding) == (413, "decoded_body_too_large")


def test_small_bodies_have_a_small_limit_that_no_query_raises(app: RunningApp, person: Person) -> None:
    named = json.dumps({"name": "x" * 70_000}).encode()
    for target in ("/api/keys", "/api/keys?max_bytes=1000000000"):
        refused = app.ask("POST", target, person.headers, [named])
        assert (refused.status, refused.json["code"]) == (413, "payload_too_large")


def test_small_bodies_may_be_compressed_too(app: RunningApp, person: Person) -> None:
    sent = json.dumps({"name": "packed"}).encode()
    for coding, pack in PACK.values():
        answer = app.ask("POST", "/api/keys", {**person.headers, "Content-Encoding": coding}, [pack(sent)])
        assert answer.status == 201, answer.body
    refused = app.ask(
        "POST", "/api/keys", {**person.headers, "Content-Encoding": "gzip"}, [bomb("gzip")[:9000]]
    )
    assert (refused.status, refused.json["code"]) == (413, "decoded_body_too_large")


def test_over_the_budget_waits_briefly_then_is_overloaded(tmp_path: Path) -> None:
    with running(tmp_path, max_body_bytes_in_flight=1_000_000) as app:
        ana = app.person("ana@example.com")
        budget = app.house.bodies.budget
        # Far too large for the budget, on its own and with others: refused, not hung.
        assert post(app, ana, padded(2_000_000)) == (503, "overloaded")
        assert budget.used_bytes == 0
        budget.ask(950_000).result(timeout=0)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(post, app, ana, padded(200_000))
            assert not wait_until_waiting(app, waiting.done)
            budget.give_back(950_000)
            assert waiting.result(timeout=20) == (200, "")
        assert budget.used_bytes == 0


def wait_until_waiting(app: RunningApp, is_done: object) -> bool:
    """Until somebody stands in the queue; whether the request was answered instead."""
    assert callable(is_done)
    for _ in range(2000):
        if app.house.bodies.budget.waiting or is_done():
            break
        threading.Event().wait(0.005)
    return bool(is_done())


def test_a_503_says_when_to_come_back(tmp_path: Path) -> None:
    with running(tmp_path, max_body_bytes_in_flight=1000) as app:
        ana = app.person("ana@example.com")
        answer = app.client.post(BATCH, content=padded(5000), headers=ana.headers)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0


def test_a_crowd_of_bodies_shares_a_small_budget(tmp_path: Path) -> None:
    with running(tmp_path, max_body_bytes_in_flight=700_000) as app:
        ana = app.person("ana@example.com")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: post(app, ana, padded(300_000)), range(24)))
        assert set(answers) <= {(200, ""), (503, "overloaded")}
        assert answers.count((200, "")) == count(app, ana) > 0
        assert app.house.bodies.budget.used_bytes == 0
