"""NDJSON: bad lines are rejects with their line, and portions may end anywhere."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.json_records import MAX_RECORD_BYTES, RECORD_TOO_LARGE
from muster.uploads.readers.model import Compression, FileFormat, Layout
from muster.uploads.readers.ndjson import NdjsonReader, describe
from tests.uploads.readers.whole import Whole, raw, read_whole

LAYOUT = Layout(FileFormat.NDJSON)
TINY = Cuts(portion_bytes=40, piece_bytes=16, max_cells=6)


def read(tmp_path: Path, content: bytes, cuts: Cuts | None = None, layout: Layout = LAYOUT) -> Whole:
    return read_whole(NdjsonReader(cuts), raw(tmp_path, content), layout, tmp_path)


MESSY = (
    b'\xef\xbb\xbf{"a":"1"}\r\n'
    b"\r\n"
    b'{"a":"2","b":1.0}\n'
    b"not json\n"
    b"   \n"
    b'{"a":"\xff"}\n'
    b"[1]\n"
    b'{"a":"3"},{"a":"4"}\n'
    b'{"a":[1\n'
    b"2]}\n"
    b"{}\n"
    b'{"a":"last"}'
)


@pytest.mark.parametrize("cuts", [Cuts(), TINY, Cuts(1, 1, 1)], ids=["whole", "tiny", "one by one"])
def test_bad_lines_are_rejects_with_their_line_and_no_good_one_is_lost(tmp_path: Path, cuts: Cuts) -> None:
    whole = read(tmp_path, MESSY, cuts)
    assert whole.rows == {0: {"a": "1"}, 1: {"a": "2", "b": "1.0"}, 9: {"a": "last"}}
    assert [(reject.row, reject.line, reject.code) for reject in whole.rejects] == [
        (2, 4, "record_malformed"),
        (3, 6, "record_malformed"),
        (4, 7, "record_not_object"),
        (5, 8, "record_malformed"),
        (6, 9, "record_malformed"),
        (7, 10, "record_malformed"),
        (8, 11, "record_empty"),
    ]
    assert whole.rejects[0].original == "not json"
    assert whole.rejects[1].original == '{"a":"\\xff"}'
    for portion in whole.portions:
        if portion.lines_of is not None and portion.first_row == 0:
            assert list(portion.lines_of([0])) == [1]
    assert whole.received == 10


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n", b"\xef\xbb\xbf"])
def test_a_file_without_records_is_one_empty_portion_and_described_as_empty(
    tmp_path: Path, content: bytes
) -> None:
    assert read(tmp_path, content).received == 0
    assert describe(raw(tmp_path, content), LAYOUT).problem_code == "file_empty"


def test_a_line_too_large_to_hold_is_one_reject_and_reading_goes_on(tmp_path: Path) -> None:
    huge = b'{"a":"' + b"x" * (2 * MAX_RECORD_BYTES) + b'"}'
    whole = read(tmp_path, b'{"a":"1"}\n' + huge + b'\n{"a":"2"}\n' + huge)
    assert whole.rows == {0: {"a": "1"}, 2: {"a": "2"}}
    assert [(reject.row, reject.line, reject.code) for reject in whole.rejects] == [
        (1, 2, RECORD_TOO_LARGE),
        (3, 4, RECORD_TOO_LARGE),
    ]
    assert all(len(reject.original or "") < 100_000 for reject in whole.rejects)


def test_thousands_of_sparse_keys_are_cut_into_portions_that_stay_small(tmp_path: Path) -> None:
    lines = b"\n".join(b'{"k%d":"%d"}' % (n % 100, n) for n in range(300))
    whole = read(tmp_path, lines, Cuts(portion_bytes=10**6, piece_bytes=1000, max_cells=400))
    assert whole.records == [{f"k{n % 100}": str(n)} for n in range(300)]
    assert all(portion.table.num_rows * portion.table.num_columns <= 400 for portion in whole.portions)
    assert len(whole.portions) > 5


def test_compressed_and_foreign_encodings_resume_too(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"a": f"é{n}"}, ensure_ascii=False) for n in range(30))
    expected = [{"a": f"é{n}"} for n in range(30)]
    layout = Layout(FileFormat.NDJSON, Compression.GZIP)
    assert read(tmp_path, gzip.compress(lines.encode()), TINY, layout).records == expected
    layout = Layout(FileFormat.NDJSON, encoding="utf-16")
    assert read(tmp_path, lines.encode("utf-16"), TINY, layout).records == expected
    layout = Layout(FileFormat.NDJSON, encoding="windows-1252")
    assert read(tmp_path, lines.encode("windows-1252"), TINY, layout).records == expected


def test_describe_shows_columns_and_fifty_rows(tmp_path: Path) -> None:
    lines = b"\n".join(b'{"a":"%d","b":null}' % n for n in range(80))
    found = describe(raw(tmp_path, lines), LAYOUT)
    assert found.layout.columns == ("a", "b")
    assert len(found.sample) == 50
    assert found.sample[49] == ("49", None)
    bad = describe(raw(tmp_path, b"hello\nyou\n"), LAYOUT)
    assert bad.problem_code == "record_malformed"


_line = st.dictionaries(st.sampled_from("abcd"), st.text(max_size=6) | st.integers(), min_size=1).map(
    json.dumps
) | st.sampled_from(["", " ", "nope", "{}", "[1]", '{"a":[1', "2]}"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(_line, max_size=15), st.integers(1, 60), st.integers(1, 120), st.integers(1, 30))
def test_wherever_portions_end_the_records_are_the_same(
    tmp_path: Path, lines: list[str], piece: int, portion: int, cells: int
) -> None:
    content = "\n".join(lines).encode()
    whole = read(tmp_path, content, Cuts(portion, piece, cells))
    at_once = read(tmp_path, content)
    assert whole.rows == at_once.rows
    assert whole.rejects == at_once.rejects
    assert whole.received == sum(1 for line in lines if line.strip())
