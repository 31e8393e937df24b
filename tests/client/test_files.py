"""Files: exact bytes, clear faults, and the same records whether a file is read at once or streamed."""

import io
import json

import pytest

from muster.client import BatchLimits, InvalidRecords, InvalidRequest
from muster.client._encode import BadRecord
from muster.client._files import FileRecords
from muster.client._json_stream import records_in_array

RECORDS = [
    b'{"email":"a@example.org","n":1.0,"big":12345678901234567890123}',
    '{ "email" : "jos\u00e9@example.org", "x": {"y": [1, 2, {"z": "},{"}]} }'.encode(),
    rb'{"email":"b@example.org","s":"\"],[{\\"}',
    '{"email":"\u96ea@example.org"}'.encode(),
]
ARRAYS = {
    "plain": b"[" + b",".join(RECORDS) + b"]",
    "spaced": b" [\n " + b" ,\r\n\t".join(RECORDS) + b"\n]\n ",
    "with a byte order mark": b"\xef\xbb\xbf[" + b",".join(RECORDS) + b"]",
    "in an object": b'{"upload_name":"x","n":[1,{"records":2}],"records":['
    + b",".join(RECORDS)
    + b'],"after":{"a":1}}',
}


def write(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("small_file_bytes", [10**9, 0], ids=["read at once", "streamed"])
def test_records_of_a_json_file_keep_their_bytes(tmp_path, array, small_file_bytes):
    file = FileRecords(write(tmp_path, "x.json", array), small_file_bytes=small_file_bytes)
    assert list(file) == RECORDS
    assert file.bytes_read == file.bytes_total


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("window_bytes", [1, 2, 3, 7, 50, 1000])
def test_a_streamed_array_is_cut_the_same_wherever_the_window_ends(array, window_bytes):
    seen = []
    found = records_in_array(io.BytesIO(array), seen.append, name="x", window_bytes=window_bytes)
    assert list(found) == RECORDS
    assert seen == sorted(seen)
    assert seen[-1] == len(array)


def test_numbers_and_words_at_the_end_of_a_window_are_not_cut_in_two():
    array = b'[12345,true,null,-1.5e10,"x"]'
    for window_bytes in range(1, len(array)):
        found = records_in_array(io.BytesIO(array), lambda _: None, name="x", window_bytes=window_bytes)
        assert list(found) == [b"12345", b"true", b"null", b"-1.5e10", b'"x"']


@pytest.mark.parametrize(
    "content",
    [b"", b"[", b'[{"a":1}', b'[{"a":1} {"b":2}]', b'[{"a":1},]', b"{}", b'{"records":{}}', b'"x"', b"[NaN]",
     b'[{"a":"\xff"}]', b'{"records":[{"a":1}]', b'{"records" [1]}', b"[" * 100_000, b'[{"a":1}] x'],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
@pytest.mark.parametrize("small_file_bytes", [10**9, -1], ids=["read at once", "streamed"])
def test_a_file_that_is_no_json_array_is_a_clear_error(tmp_path, client, content, small_file_bytes):
    file = FileRecords(write(tmp_path, "x.json", content), small_file_bytes=small_file_bytes)
    with pytest.raises(InvalidRequest, match=r"x\.json"):
        list(file)


def test_a_broken_record_in_the_middle_of_a_streamed_array_is_named():
    array = b'[{"a":1},{"a":2},{"a":}]'
    with pytest.raises(InvalidRequest, match="record 2"):
        list(records_in_array(io.BytesIO(array), lambda _: None, name="x.json"))


@pytest.mark.parametrize("name", ["x.ndjson", "x.jsonl", "X.NDJSON"])
def test_lines_keep_their_bytes_and_blank_ones_are_left_out(tmp_path, name):
    content = b"\xef\xbb\xbf" + RECORDS[0] + b"\r\n\n  \n" + RECORDS[1] + b"\n" + RECORDS[2]
    file = FileRecords(write(tmp_path, name, content))
    assert list(file) == RECORDS[:3]
    assert file.bytes_read == len(content)


def test_a_line_that_is_no_json_is_named_and_can_be_skipped(tmp_path, client):
    path = write(tmp_path, "x.ndjson", b'{"email":"a@example.org"}\n{"email":\n{"email":"b@example.org"}\n')
    with pytest.raises(InvalidRecords, match="Record 1"):
        client.upload_records_file(path)
    report = client.upload_records_file(path, skip_invalid=True)
    assert [(one.row, one.code, one.raw) for one in report.rejected] == [(1, "record_not_json", b'{"email":')]
    assert report.rows_accepted == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_rows_of_a_csv_file_become_records_of_text(tmp_path, delimiter):
    lines = ["email;first name;n", 'a@example.org;"J, o; s\u00e9""\n x";007', "", "b@example.org;;"]
    text = "\r\n".join(lines).replace(";", delimiter)
    file = FileRecords(write(tmp_path, "x.csv", b"\xef\xbb\xbf" + text.encode()))
    quoted = 'J, o; s\u00e9"\n x'.replace(";", delimiter)
    assert list(file) == [
        {"email": "a@example.org", "first name": quoted, "n": "007"},
        {"email": "b@example.org", "first name": "", "n": ""},
    ]


def test_ragged_and_malformed_rows_of_a_csv_file_are_named_and_can_be_skipped(tmp_path, client):
    content = b'email,n\na@example.org,1\nb@example.org\nc@example.org,1,2\n"d"x,1\ne@example.org,5\n'
    path = write(tmp_path, "x.csv", content)
    with pytest.raises(InvalidRecords, match="Record 1: The row has 1 values and the header has 2"):
        client.upload_records_file(path)
    report = client.upload_records_file(path, skip_invalid=True)
    assert [(one.row, one.code, one.raw) for one in report.rejected] == [
        (1, "row_ragged", b"b@example.org"),
        (2, "row_ragged", b"c@example.org,1,2"),
        (3, "row_malformed", b'"d"x,1'),
    ]
    assert [record["email"] for record in client.records(report.upload_ids[0])] == [
        "a@example.org",
        "e@example.org",
    ]


def test_a_quote_that_never_ends_is_a_reject_not_a_crash(tmp_path):
    file = FileRecords(write(tmp_path, "x.csv", b'email,n\na@example.org,"1\nb@example.org,2\n'))
    (bad,) = file
    assert isinstance(bad, BadRecord)
    assert bad.code == "row_malformed"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "header"),
        (b"\n\n", "header"),
        (b"email,,n\na,b,c\n", "without a name"),
        (b"email,n,email\na,b,c\n", "twice"),
        (b"email\njos\xe9@example.org\n", "UTF-8 at byte 9"),
    ],
    ids=["empty", "blank", "unnamed column", "doubled column", "latin-1"],
)
def test_a_csv_file_that_cannot_be_used_says_why(tmp_path, client, content, reason):
    with pytest.raises(InvalidRequest, match=reason):
        client.upload_records_file(write(tmp_path, "x.csv", content))


@pytest.mark.parametrize("name", ["x.txt", "x", "x.xlsx", "x.json.gz"])
def test_a_file_of_an_unknown_format_says_which_are_known(tmp_path, client, name):
    with pytest.raises(InvalidRequest, match=r"\.ndjson"):
        client.upload_records_file(write(tmp_path, name, b"[]"))


def test_a_file_that_is_not_there_is_the_systems_own_error(tmp_path, client):
    with pytest.raises(FileNotFoundError):
        client.upload_records_file(tmp_path / "none.json")


def test_a_file_is_named_after_itself_and_progress_counts_its_bytes(tmp_path, fake, client):
    lines = b"".join(b'{"email":"%d@example.org"}\n' % n for n in range(100))
    path = write(tmp_path, "my list.ndjson", lines)
    seen = []
    client.upload_records_file(path, limits=BatchLimits(max_batch_records=30), on_progress=seen.append)
    assert fake.uploads[0].upload_name == "my list.ndjson (part 1)"
    assert {progress.bytes_total for progress in seen} == {len(lines)}
    assert seen[-1].bytes_read == len(lines)
    stored = [json.loads(raw)["email"] for one in fake.uploads for raw in one.records]
    assert stored == [f"{n}@example.org" for n in range(100)]
