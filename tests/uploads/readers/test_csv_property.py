"""Random CSV: what Python's own reader says of well-formed text, and nothing lost of any other."""

import csv
import io
import tempfile
from contextlib import closing
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from muster.tables.engine import EngineLimits
from muster.tables.read_csv import CsvEngine
from muster.uploads.readers.csv import CsvReader
from muster.uploads.readers.csv_scan import Lines, Run, line_end_of, scan
from muster.uploads.readers.csv_table import clean_table, engine_table
from muster.uploads.readers.dialect import Dialect
from muster.uploads.readers.model import FileFormat, Layout
from tests.uploads.readers.whole import Whole, raw, read_whole

CELLS = st.text(alphabet=st.sampled_from('ab,"\n\r é\0;'), max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5)
PIECES = [
    b"a",
    b",",
    b",",
    b'"',
    b'"',
    b" ",
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xe9",
    "é".encode(),
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
COLUMNS = ("x", "y", "z")


def read(content: bytes, segment_bytes: int, piece_bytes: int = 1 << 20) -> Whole:
    layout = Layout(FileFormat.CSV, columns=COLUMNS, header_row=None)
    with tempfile.TemporaryDirectory() as directory:
        reader = CsvReader(threads=1, segment_bytes=segment_bytes, piece_bytes=piece_bytes)
        # Going on from each position is quadratic: only where there are few.
        return read_whole(
            reader,
            raw(Path(directory), content),
            layout,
            Path(directory) / "scratch",
            resume=len(content) <= 6 * segment_bytes,
        )


@settings(max_examples=10, deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([32, 1 << 20]))
def test_well_formed_text_reads_as_python_reads_it(
    rows: list[tuple[str, str, str]], end: str, segment_bytes: int
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    content = text.getvalue().encode()

    whole = read(content or b"\n", segment_bytes)

    expected = [{name: cell for name, cell in zip(COLUMNS, row, strict=True) if cell} for row in rows]
    assert whole.records == expected
    assert not whole.rejects


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["", "\n", "\r\n", "\r"])), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_every_row_knows_the_line_python_says_it_is_on(rows: list[tuple[str, str, str]], usual: str) -> None:
    content = "".join(f"{quoted(one)},{quoted(two)},z{end or usual}" for one, two, end in rows)
    theirs = csv.reader(io.StringIO(content, newline=""))
    ends = [theirs.line_num for _ in theirs]
    dialect, data = Dialect(b",", b'"', b'"', 3), content.encode()

    found = scan(data, 0, dialect, is_last=True, max_faults=1_000)

    assert found.rows == found.good_rows == len(rows)
    # The runs of a scan; and all in one, as where the engine reads a piece at once.
    for runs in (found.good, [Run(0, 0, 0, len(data), len(rows))]):
        lines_of = Lines(data, dialect, 0, 1, runs)
        assert lines_of(range(len(rows))) == [end + 1 for end in [0, *ends[:-1]]]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@settings(max_examples=20, deadline=None)
@given(HOSTILE, st.integers(4, 50))
def test_the_pieces_a_faulty_segment_is_read_in_change_nothing(content: bytes, piece_bytes: int) -> None:
    one, many = read(content + b"\n", 1 << 20), read(content + b"\n", 1 << 20, piece_bytes)
    assert (many.records, many.rows) == (one.records, one.rows)
    assert many.rejects == one.rejects


@settings(max_examples=12, deadline=None)
@given(HOSTILE, st.integers(8, 50))
def test_where_segments_are_cut_changes_nothing(content: bytes, segment_bytes: int) -> None:
    one, many = read(content + b"\n", 1 << 20), read(content + b"\n", segment_bytes)

    assert many.rows == one.rows
    assert many.rejects == one.rejects
    assert many.received == one.received == len(one.rows) + len(one.rejects)
    assert sorted([*one.rows, *(reject.row for reject in one.rejects)]) == list(range(one.received))


@settings(max_examples=40, deadline=None)
@given(HOSTILE, st.sampled_from([1, 2, 3]))
def test_the_engine_reads_what_the_exact_parser_reads(content: bytes, columns: int) -> None:
    dialect = Dialect(b",", b'"', b'"', columns)
    data = content if content.endswith((b"\n", b"\r")) else content + line_end_of(content)
    found = scan(data, 0, dialect, is_last=True, max_faults=1_000)
    with (
        tempfile.TemporaryDirectory() as directory,
        closing(CsvEngine(EngineLimits(Path(directory), 1 << 28, 1, 1 << 28))) as engine,
    ):
        by_engine = engine_table(data, 0, len(data), dialect, engine)
        cleaned = clean_table(data, found, dialect, engine)

    assert found.end == len(data)
    assert cleaned.num_rows == found.good_rows
    if by_engine is not None:
        assert not found.faults
        assert by_engine.to_pylist() == cleaned.to_pylist()


def test_the_engine_reads_every_short_text_of_quotes_and_blanks_as_the_exact_parser_does(
    tmp_path: Path,
) -> None:
    dialect = Dialect(b",", b'"', b'"', 2)
    read = 0
    with closing(CsvEngine(EngineLimits(tmp_path, 1 << 28, 1, 1 << 28))) as engine:
        for size in range(2, 6):
            for letters in product('" a,', repeat=size):
                data = f"{''.join(letters)}\n".encode()
                by_engine = engine_table(data, 0, len(data), dialect, engine)
                if by_engine is None:
                    continue
                found = scan(data, 0, dialect, is_last=True, max_faults=1)
                assert not found.faults, data
                assert by_engine.to_pylist() == clean_table(data, found, dialect, engine).to_pylist(), data
                read += by_engine.num_rows > 0
    assert read > 100
