"""Splitting: every limit is kept, nothing is lost or doubled, and memory does not grow with the input."""

import json
import random
import tracemalloc
from itertools import pairwise

import httpx2
import pytest

from muster.client import BatchLimits, Client, InvalidRecords
from muster.client._compress import for_the_wire
from muster.client.fake import FakeMuster


def numbered(count):
    return ({"email": f"{n}@example.org"} for n in range(count))


def stored_numbers(fake):
    return [int(json.loads(raw)["email"].partition("@")[0]) for one in fake.uploads for raw in one.records]


def test_120_000_records_become_batches_of_50_50_and_20_thousand(fake, client):
    report = client.upload(numbered(120_000), name="Large")
    assert [part.rows_received for part in report.parts] == [50_000, 50_000, 20_000]
    assert [(part.first_row, part.last_row) for part in report.parts] == [
        (0, 49_999),
        (50_000, 99_999),
        (100_000, 119_999),
    ]
    assert stored_numbers(fake) == list(range(120_000))


def test_exactly_one_batch_is_not_called_a_part(fake, client):
    client.upload(numbered(10), name="Ten", limits=BatchLimits(max_batch_records=10))
    assert [one.upload_name for one in fake.uploads] == ["Ten"]


def test_no_request_is_above_the_decoded_limit(fake, client):
    limits = BatchLimits(max_decoded_bytes=1500)
    client.upload(numbered(500), name="Decoded", limits=limits)
    assert stored_numbers(fake) == list(range(500))
    sizes = [
        int(part.decoded_bytes) for part in client.upload(numbered(500), name="Decoded", limits=limits).parts
    ]
    assert max(sizes) <= 1500
    assert min(sizes[:-1]) > 1000


def test_no_request_is_above_the_wire_limit(fake, client):
    noise = random.Random(1)  # noqa: S311 (noise, not a secret)
    records = [{"email": f"{n}@example.org", "noise": noise.randbytes(200).hex()} for n in range(400)]
    client.upload(records, name="Wire", limits=BatchLimits(max_wire_bytes=20_000))
    posts = [request for request in fake.requests if request.method == "POST"]
    assert max(len(request.content) for request in posts) <= 20_000
    assert stored_numbers(fake) == list(range(400))


def test_a_server_with_a_smaller_batch_size_is_found_out_once():
    fake = FakeMuster(max_batch_size=30)
    with Client(transport=fake.transport, api_key=fake.api_key) as client:
        report = client.upload(numbered(500), name="Small server", limits=BatchLimits(max_batch_records=200))
    assert stored_numbers(fake) == list(range(500))
    assert [part.number for part in report.parts] == list(range(1, len(report.parts) + 1))
    refused = len(fake.requests) - len(report.parts)
    assert {part.rows_received for part in report.parts} == {25}
    assert refused == 3  # 200, 100 and 50 are too many; 25 is not, and from then on nothing larger is tried


@pytest.mark.parametrize("limit", ["max_payload_bytes", "max_decoded_bytes"])
def test_a_server_with_smaller_byte_limits_is_found_out(limit):
    fake = FakeMuster(**{limit: 2000})
    with Client(transport=fake.transport, api_key=fake.api_key) as client:
        client.upload(numbered(2000), name="Small server")
    assert stored_numbers(fake) == list(range(2000))


def test_a_record_larger_than_the_learned_limit_but_allowed_by_the_server_still_goes_through():
    fake = FakeMuster(max_decoded_bytes=8000)
    records = [
        *numbered(3),
        {"email": "3@example.org", "text": "x" * 7000},
        {"email": "4@example.org", "t": "y" * 3000},
    ]
    with Client(transport=fake.transport, api_key=fake.api_key) as client:
        client.upload(records, name="One large")
    assert stored_numbers(fake) == [0, 1, 2, 3, 4]


def test_halving_keeps_the_callers_row_numbers():
    fake = FakeMuster(max_batch_size=7)
    records = list(numbered(40))
    records[33] = {"n": "nobody"}
    with Client(transport=fake.transport, api_key=fake.api_key) as client:
        with pytest.raises(InvalidRecords) as caught:
            client.upload(records, name="x")
        assert [error.row for error in caught.value.errors] == [33]
        report = client.upload(records, name="x", skip_invalid=True)
    assert [one.row for one in report.rejected] == [33]
    assert sorted(stored_numbers(fake)) == [n for n in range(40) if n != 33]


def test_records_left_out_here_do_not_shift_the_numbers_of_those_refused_there(client):
    records = [{"n": float("nan")}, {"email": "a@example.org"}, {"n": {1}}, {"n": "nobody"}]
    report = client.upload(records, name="x", skip_invalid=True)
    assert [(one.row, one.code) for one in report.rejected] == [
        (0, "record_not_json"),
        (2, "record_not_json"),
        (3, "identity_missing"),
    ]


def test_an_interrupted_upload_goes_on_where_it_stopped(fake, client):
    limits = BatchLimits(max_batch_records=10)

    def interrupt(progress):
        if len(progress.parts) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.upload(numbered(60), name="Stopped", limits=limits, on_progress=interrupt)
    assert len(fake.uploads) == 3
    report = client.upload(numbered(60), name="Stopped", limits=limits)
    assert [part.replayed for part in report.parts] == [True] * 3 + [False] * 3
    assert stored_numbers(fake) == list(range(60))


def test_the_input_is_read_no_further_than_the_batch_that_is_being_sent(fake, client):
    taken = 0

    def counted():
        nonlocal taken
        for record in numbered(100):
            taken += 1
            yield record

    seen = []
    client.upload(
        counted(),
        name="Lazy",
        limits=BatchLimits(max_batch_records=10),
        on_progress=lambda progress: seen.append(taken - progress.rows_done),
    )
    assert max(seen) <= 11


def test_memory_does_not_grow_with_the_input():
    peaks = []
    for batches in (2, 12):
        sent = 0

        def answer(request):
            nonlocal sent
            sent += 1
            return fake_receipt(sent)

        with Client(transport=httpx2.MockTransport(answer)) as client:
            tracemalloc.start()
            client.upload(numbered(2000 * batches), name="x", limits=BatchLimits(max_batch_records=2000))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert sent == batches
    assert peaks[1] < peaks[0] * 1.3


def fake_receipt(number):
    body = {"status": "success", "upload_id": f"upl_{number}", "rows_accepted": 2000, "rows_rejected": 0}
    return httpx2.Response(200, json=body)


def test_progress_only_grows_and_ends_complete(client):
    seen = []
    client.upload(numbered(100), name="x", limits=BatchLimits(max_batch_records=30), on_progress=seen.append)
    for before, after in pairwise(seen):
        assert before.rows_read <= after.rows_read
        assert before.rows_done <= after.rows_done
        assert before.bytes_sent <= after.bytes_sent
        assert len(before.parts) <= len(after.parts)
    assert (seen[-1].rows_read, seen[-1].rows_done, len(seen[-1].parts)) == (100, 100, 4)
    assert seen[-1].bytes_sent > 0


def test_compression_gives_the_same_bytes_each_time():
    # A retry with other bytes would be another body under the same key.
    body = json.dumps(list(numbered(500))).encode()
    assert for_the_wire(body) == for_the_wire(body)
    assert len(for_the_wire(body).content) < len(body) / 3
    assert for_the_wire(b"{}").content_encoding is None


def test_limits_below_one_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        BatchLimits(max_batch_records=0)
