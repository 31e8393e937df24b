"""What the client promises, against every kind of server."""

import json
from datetime import UTC, datetime

import pytest

from muster.client import (
    BatchLimits,
    Client,
    InvalidRecords,
    InvalidRequest,
    NotFound,
)

GOOD = {"email": "one@example.org", "n": 1}
UNKNOWN_ID = "upl_1700000000_" + "A" * 22


def test_what_went_in_comes_out_byte_for_byte(connection):
    sent = [
        b'{"email":"a@example.org","n":1.0,"n2":12345678901234567890,"e":1E5}',
        '{"z":null,"email":"jos\u00e9@example.org","a":{"deep":[1,{"x":"\u96ea"}]}}'.encode(),
        rb'{"email":"b@example.org","s":"\u00e9\n\"","email2":""}',
    ]
    report = connection.upload(sent, name="Exact")
    assert list(connection.records(report.upload_ids[0], raw=True)) == sent
    assert [json.loads(one) for one in sent] == list(connection.records(report.upload_ids[0]))


def test_a_report_counts_what_happened(connection):
    before = datetime.now(UTC).replace(microsecond=0)
    report = connection.upload([GOOD, GOOD], name="Counts")
    (part,) = report.parts
    assert (report.rows_received, report.rows_accepted, report.rows_rejected) == (2, 2, 0)
    assert (part.number, part.upload_name, part.first_row, part.last_row) == (1, "Counts", 0, 1)
    assert part.session_token
    assert part.session_token.startswith("sess_")
    assert part.session_token not in repr(report)
    upload = connection.find(part.upload_id)
    assert (upload.upload_name, upload.rows_received, upload.rows_accepted) == ("Counts", 2, 2)
    assert upload.created_at >= before


def test_a_window_of_records_knows_the_total(connection):
    records = [{"email": f"{n}@example.org", "n": n} for n in range(10)]
    (upload_id,) = connection.upload(records, name="Window").upload_ids
    window = connection.get(upload_id, offset=7, limit=2)
    assert window.records == (records[7], records[8])
    assert window.total == 10
    assert connection.get(upload_id).records == tuple(records)


def test_bad_records_refuse_the_batch_and_are_named_by_their_number(connection):
    records = [GOOD, {"name": "nobody"}, GOOD, {"email": "  "}]
    with pytest.raises(InvalidRecords) as caught:
        connection.upload(records, name="Refused whole")
    assert [(error.row, error.code) for error in caught.value.errors] == [
        (1, "identity_missing"),
        (3, "identity_blank"),
    ]
    assert caught.value.status == 400
    assert caught.value.request_id
    assert caught.value.stored == ()
    assert not [one for page in connection.list(name="Refused whole") for one in page.uploads]


def test_with_skip_invalid_the_good_ones_are_stored_and_the_bad_ones_reported(connection):
    records = [GOOD, b'{"name":"nobody","n":1.50}', {**GOOD, "n": 2}, {"email": 5}]
    report = connection.upload(records, name="Skipping", skip_invalid=True)
    assert (report.rows_received, report.rows_accepted, report.rows_rejected) == (4, 2, 2)
    assert [(one.row, one.code) for one in report.rejected] == [
        (1, "identity_missing"),
        (3, "identity_not_text"),
    ]
    assert report.rejected[0].raw == records[1]
    assert connection.get(report.upload_ids[0]).records == (records[0], records[2])


def test_more_rejected_rows_than_an_answer_spells_out_are_all_reported(connection):
    records = [GOOD if n % 2 else {"n": n} for n in range(500)]
    report = connection.upload(records, name="Half bad", skip_invalid=True)
    assert [one.row for one in report.rejected] == list(range(0, 500, 2))
    assert {one.code for one in report.rejected} == {"identity_missing"}
    rejects = list(connection.rejects(report.upload_ids[0]))
    assert [one.record for one in rejects] == [{"n": n} for n in range(0, 500, 2)]


def test_rejected_records_of_any_kind_come_back_as_they_were(connection):
    bad = [b"5", b'"\xc3\xa9"', b"null", b"[1.0]", b'{"n":1.50}', b"{}"]
    report = connection.upload([*bad, GOOD], name="Odd records", skip_invalid=True)
    assert [one.raw for one in report.rejected] == bad
    assert [one.raw for one in connection.rejects(report.upload_ids[0])] == bad
    assert {one.code for one in report.rejected[:4]} == {"record_not_object"}


def test_a_record_may_nest_as_deep_as_the_server_takes_and_no_deeper(connection):
    def nested(levels):
        return b'{"email":"a@example.org","s":"]]}}[[","d":%b%b}' % (b"[" * (levels - 1), b"]" * (levels - 1))

    report = connection.upload([nested(62), nested(63), GOOD], name="Deep", skip_invalid=True)
    assert [(one.row, one.code) for one in report.rejected] == [(1, "record_too_deep")]
    assert next(connection.records(report.upload_ids[0], raw=True)) == nested(62)


def test_rejected_records_can_be_streamed_instead_of_kept(connection):
    seen = []
    report = connection.upload(
        [{"n": 1}, GOOD], name="Streamed", skip_invalid=True, on_reject=lambda one: seen.append(one.row)
    )
    assert seen == [0]
    assert report.rejected == ()
    assert report.rows_rejected == 1


def test_an_upload_where_every_record_is_bad_says_so(connection):
    report = connection.upload([{"n": 1}, {"n": 2}], name="All bad", skip_invalid=True)
    assert (report.rows_received, report.rows_accepted, report.rows_rejected) == (2, 0, 2)


def test_rows_in_a_later_part_are_numbered_over_the_whole_input_and_stored_parts_are_told(connection):
    records = [{"email": f"{n}@example.org"} for n in range(25)]
    records[17] = {"n": "nobody"}
    with pytest.raises(InvalidRecords) as caught:
        connection.upload(records, name="Third part", limits=BatchLimits(max_batch_records=8))
    assert [error.row for error in caught.value.errors] == [17]
    assert [(part.first_row, part.last_row) for part in caught.value.stored] == [(0, 7), (8, 15)]
    for part in caught.value.stored:
        assert connection.find(part.upload_id).rows_received == 8


def test_many_batches_are_named_as_parts_and_lose_nothing(connection):
    records = [{"email": f"{n}@example.org", "n": n} for n in range(25)]
    report = connection.upload(iter(records), name="Parts", limits=BatchLimits(max_batch_records=10))
    assert [part.upload_name for part in report.parts] == [f"Parts (part {n})" for n in (1, 2, 3)]
    assert [part.rows_received for part in report.parts] == [10, 10, 5]
    back = [record for upload_id in report.upload_ids for record in connection.records(upload_id)]
    assert back == records


def test_the_same_upload_again_is_not_stored_twice(connection):
    first = connection.upload([{**GOOD, "n": 77}], name="Twice")
    again = connection.upload([{**GOOD, "n": 77}], name="Twice")
    assert again.upload_ids == first.upload_ids
    assert [part.replayed for part in (*first.parts, *again.parts)] == [False, True]


def test_an_upload_that_was_deleted_meanwhile_is_stored_again(connection):
    first = connection.upload([{**GOOD, "n": 78}], name="Deleted, then again")
    connection.delete(first.upload_ids[0])
    again = connection.upload([{**GOOD, "n": 78}], name="Deleted, then again")
    assert again.upload_ids != first.upload_ids
    assert connection.get(again.upload_ids[0]).records == ({**GOOD, "n": 78},)
    connection.delete(again.upload_ids[0])
    third = connection.upload([{**GOOD, "n": 78}], name="Deleted, then again")
    assert connection.find(third.upload_ids[0]).rows_received == 1


def test_skipping_after_a_refusal_does_not_store_the_beginning_twice(connection):
    records = [{"email": f"{n}@again.example"} for n in range(30)]
    records[25] = {"n": "nobody"}
    limits = BatchLimits(max_batch_records=10)
    with pytest.raises(InvalidRecords) as caught:
        connection.upload(records, name="Then skip", limits=limits)
    report = connection.upload(records, name="Then skip", limits=limits, skip_invalid=True)
    assert report.upload_ids[:2] == tuple(part.upload_id for part in caught.value.stored)
    assert [part.replayed for part in report.parts] == [True, True, False]
    assert [one.row for one in report.rejected] == [25]


def test_fields_are_kept_in_the_order_given(connection):
    (upload_id,) = connection.upload([GOOD], name="Fields", fields=["n", "email"]).upload_ids
    assert connection.find(upload_id).fields == ("n", "email")


def test_the_list_is_newest_first_and_pages(connection):
    for n in range(5):
        connection.upload([{**GOOD, "n": n}], name=f"Listed {n}")
    pages = list(connection.list(name="Listed", limit=2))
    assert [len(page.uploads) for page in pages] == [2, 2, 1]
    names = [one.upload_name for page in pages for one in page.uploads]
    assert names == [f"Listed {n}" for n in (4, 3, 2, 1, 0)]
    rest = list(connection.list(name="Listed", limit=2, cursor=pages[0].next_cursor))
    assert [one.upload_name for page in rest for one in page.uploads] == names[2:]


def test_a_name_can_be_changed(connection):
    (upload_id,) = connection.upload([GOOD], name="Old name").upload_ids
    connection.rename(upload_id, "New name \u96ea")
    assert connection.find(upload_id).upload_name == "New name \u96ea"
    with pytest.raises(InvalidRequest):
        connection.rename(upload_id, "x" * 101)


def test_a_deleted_upload_is_gone_from_every_read(connection):
    (upload_id,) = connection.upload([GOOD], name="To be deleted").upload_ids
    connection.delete(upload_id)
    for read in (connection.get, connection.find, connection.delete, lambda i: list(connection.records(i))):
        with pytest.raises(NotFound):
            read(upload_id)
    assert not [one for page in connection.list(name="To be deleted") for one in page.uploads]


def test_deleting_many_tells_of_each(connection):
    (upload_id,) = connection.upload([GOOD], name="One of many").upload_ids
    gone, unknown = connection.delete_many([upload_id, UNKNOWN_ID])
    assert (gone.upload_id, gone.deleted) == (upload_id, True)
    assert (unknown.upload_id, unknown.deleted, unknown.code) == (UNKNOWN_ID, False, "upload_not_found")


def test_validating_stores_nothing_and_names_rows(connection):
    before = next(page.total for page in connection.list(limit=1))
    report = connection.validate(
        [GOOD, {"n": 1}, {"email": float("nan")}, GOOD, {"email": ""}],
        limits=BatchLimits(max_batch_records=2),
    )
    assert (report.rows_received, report.rows_accepted, report.rows_rejected) == (5, 2, 3)
    assert [(error.row, error.code) for error in report.errors] == [
        (1, "identity_missing"),
        (2, "record_not_json"),
        (4, "identity_blank"),
    ]
    assert not report.is_valid
    assert next(page.total for page in connection.list(limit=1)) == before


@pytest.mark.parametrize("name", ["", "x" * 101], ids=["empty", "101-characters"])
def test_an_unusable_name_is_refused_by_the_server(connection, name):
    with pytest.raises(InvalidRequest) as caught:
        connection.upload([GOOD], name=name)
    assert caught.value.status == 400


def test_a_ready_server_says_so(connection):
    assert connection.health()["status"] == "success"


def test_a_name_of_100_characters_stays_within_the_limit_as_parts(connection: Client):
    name = "\u96ea" * 100
    records = [{"email": f"{n}@example.org"} for n in range(3)]
    report = connection.upload(records, name=name, limits=BatchLimits(max_batch_records=2))
    assert [len(part.upload_name) for part in report.parts] == [100, 100]
    assert report.parts[1].upload_name.endswith(" (part 2)")
