"""The hostile questions: what happens when things go wrong."""

import socket
import time

import httpx2
import pytest

from muster.client import (
    BatchLimits,
    Client,
    Conflict,
    InvalidRecords,
    InvalidRequest,
    NotSignedIn,
    RateLimited,
    ServerError,
    TooLarge,
    Unreachable,
)
from muster.client.fake import FakeMuster

GOOD = {"email": "one@example.org"}


def answering(status, body=b"", headers=None):
    return httpx2.MockTransport(lambda _: httpx2.Response(status, content=body, headers=headers))


def test_a_wrong_key_is_a_clear_error_and_is_not_tried_again(fake):
    wrong = Client(transport=fake.transport, api_key="muster_wrong")
    with wrong as client, pytest.raises(NotSignedIn, match="API key") as caught:
        client.upload([GOOD], name="x")
    assert caught.value.status == 401
    assert caught.value.code == "not_signed_in"
    assert len(fake.requests) == 1


def test_a_server_that_is_not_there_is_unreachable_within_the_timeout(unused_port):
    started = time.monotonic()
    nobody = Client(f"http://127.0.0.1:{unused_port}", timeout=1.0)
    with nobody as client, pytest.raises(Unreachable, match=f":{unused_port}") as caught:
        client.upload([GOOD], name="x")
    assert time.monotonic() - started < 2.0
    assert caught.value.status is None


def test_a_server_that_never_answers_is_unreachable_within_the_timeout():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        started = time.monotonic()
        mute = Client(f"http://127.0.0.1:{port}", timeout=0.5)
        with mute as client, pytest.raises(Unreachable, match=r"within 0\.5 s"):
            client.health()
        assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("url", ["ftp://example.org", "not an address", "http://", "localhost:3000"])
def test_an_address_that_is_none_is_refused_at_once(url):
    with pytest.raises(InvalidRequest) as caught:
        Client(url)
    assert caught.value.code == "bad_address"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_failures_of_the_server_are_retried_a_bounded_number_of_times(fake, client, status):
    fake.fail_next(status, times=1000)
    with pytest.raises(ServerError) as caught:
        client.upload([GOOD], name="x")
    assert caught.value.status == status
    assert len(fake.requests) == 5


def test_a_failure_that_passes_is_not_noticed(fake, client):
    fake.fail_next(500)
    fake.fail_next(503, retry_after_seconds=1)
    fake.fail_next(429, retry_after_seconds=1)
    report = client.upload([GOOD], name="x")
    assert report.rows_accepted == 1
    assert len(fake.uploads) == 1


def test_being_told_to_slow_down_for_good_ends_as_rate_limited(fake, client):
    fake.fail_next(429, times=1000, retry_after_seconds=7)
    with pytest.raises(RateLimited) as caught:
        client.find("upl_1_A")
    assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 415])
def test_a_refusal_is_never_tried_again(fake, client, status):
    fake.fail_next(status, times=1000)
    with pytest.raises(Exception, match="told to fail"):
        client.upload([GOOD], name="x")
    assert len(fake.requests) == 1


def test_a_request_still_running_is_waited_for(fake, client):
    fake.fail_next(409, times=2, retry_after_seconds=1)
    assert client.upload([GOOD], name="x").rows_accepted == 1
    fake.fail_next(409)
    with pytest.raises(Conflict):
        client.upload([GOOD], name="y")


def test_a_connection_cut_after_the_body_was_sent_yields_one_upload(fake, client):
    fake.cut_next(after_storing=True)
    report = client.upload([GOOD], name="x")
    assert len(fake.uploads) == 1
    assert report.upload_ids == (fake.uploads[0].upload_id,)
    assert report.parts[0].replayed


def test_a_connection_cut_before_anything_was_stored_yields_one_upload(fake, client):
    fake.cut_next(after_storing=False)
    report = client.upload([GOOD], name="x")
    assert [one.upload_id for one in fake.uploads] == list(report.upload_ids)


def test_a_delete_that_was_done_before_the_cut_is_a_success(fake, client):
    (upload_id,) = client.upload([GOOD], name="x").upload_ids
    fake.cut_next(after_storing=True)
    client.delete(upload_id)
    assert fake.uploads == ()


def test_parts_stored_before_the_server_went_away_are_told(fake, client):
    records = [{"email": f"{n}@example.org"} for n in range(6)]

    def cut_after_two(progress):
        if len(progress.parts) == 2 and not fake._failures:
            fake.fail_next(500, times=1000)

    with pytest.raises(ServerError) as caught:
        client.upload(records, name="x", limits=BatchLimits(max_batch_records=2), on_progress=cut_after_two)
    assert [part.upload_id for part in caught.value.stored] == [one.upload_id for one in fake.uploads]
    assert len(fake.uploads) == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"email": "a@b.example", "n": float("nan")}, "NaN"),
        ({"email": "a@b.example", "n": [float("inf")]}, "NaN or infinite"),
        ({"email": "a@b.example", "tags": {"x"}}, "set"),
        ({"email": "a@b.example", "at": object()}, "object"),
        ({"email": "\ud800"}, "surrogate"),
        ({1: "email"}, "name"),
        ("text", "str"),
        (None, "NoneType"),
        (b'{"email": NaN}', "not valid JSON"),
        (b'{"email":"a"},{"email":"b"}', "not valid JSON"),
        (b'{"email":"\xff"}', "UTF-8"),
        (b"", "not valid JSON"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_record_that_cannot_be_json_is_named_by_its_number_before_anything_is_sent(
    fake, client, bad, reason
):
    with pytest.raises(InvalidRecords, match=reason) as caught:
        client.upload([GOOD, GOOD, bad], name="x")
    assert [error.row for error in caught.value.errors] == [2]
    assert caught.value.message.startswith("Record 2: ")
    assert fake.requests == []
    report = client.upload([GOOD, GOOD, bad], name="x", skip_invalid=True)
    assert [one.row for one in report.rejected] == [2]
    assert report.rows_accepted == 2


def test_a_value_nested_without_end_is_named_by_its_number(client):
    endless: dict[str, object] = {"email": "a@b.example"}
    endless["self"] = endless
    with pytest.raises(InvalidRecords, match="Record 0"):
        client.upload([endless], name="x")


def test_a_single_record_above_the_byte_limit_is_named(fake, client):
    huge = {"email": "a@b.example", "text": "x" * 5000}
    limits = BatchLimits(max_decoded_bytes=1000)
    with pytest.raises(InvalidRecords, match=r"Record 1: .*too large") as caught:
        client.upload([GOOD, huge, GOOD], name="x", limits=limits)
    assert caught.value.errors[0].code == "record_too_large"
    report = client.upload([GOOD, huge, GOOD], name="y", limits=limits, skip_invalid=True)
    assert [one.row for one in report.rejected] == [1]
    assert report.rows_accepted == 2


def test_a_single_record_the_server_finds_too_large_is_named():
    fake = FakeMuster(max_decoded_bytes=2000)
    huge = {"email": "a@b.example", "text": "x" * 5000}
    small = Client(transport=fake.transport, api_key=fake.api_key)
    with small as client, pytest.raises(InvalidRecords, match=r"Record 1: .*2000"):
        client.upload([GOOD, huge, GOOD], name="x")


def test_there_must_be_something_to_upload(client):
    with pytest.raises(InvalidRequest) as caught:
        client.upload([], name="x")
    assert caught.value.code == "records_empty"
    with pytest.raises(TypeError, match="list"):
        client.upload(GOOD, name="x")


@pytest.mark.parametrize(
    ("status", "kind"), [(502, ServerError), (413, TooLarge), (400, InvalidRequest)], ids=str
)
def test_an_answer_that_is_not_ours_is_still_a_clear_error(status, kind):
    page = b"<html>" + b"x" * 10_000
    with Client(transport=answering(status, page)) as client, pytest.raises(kind) as caught:
        client.find("upl_1_A")
    assert str(status) in caught.value.message
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    "body", [b"<html></html>", b"[]", b"", b"\xff"], ids=["page", "array", "empty", "noise"]
)
def test_a_success_that_is_not_ours_is_a_clear_error(body):
    with Client(transport=answering(200, body)) as client, pytest.raises(ServerError, match="Muster"):
        client.find("upl_1_A")


@pytest.mark.parametrize("odd", ["../../admin", "", "upl_1/rows", "upl_1?x", "upl_\u00e9", "upl 1"])
def test_an_id_cannot_change_the_address(fake, client, odd):
    for call in (client.get, client.find, client.delete, lambda i: list(client.records(i)), client.rejects):
        with pytest.raises(InvalidRequest, match="no upload id"):
            call(odd)
    assert fake.requests == []


def test_a_wait_longer_than_five_minutes_is_told_instead_of_waited(fake, client):
    fake.fail_next(503, times=9, retry_after_seconds=301)
    with pytest.raises(ServerError) as caught:
        client.find("upl_1_A")
    assert caught.value.retry_after_seconds == 301
    assert len(fake.requests) == 1
