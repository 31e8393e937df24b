"""What becomes of every odd CSV file: the exact rows, rejects and lines."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from muster.errors import InputError
from muster.uploads.readers.csv import CsvReader
from muster.uploads.readers.model import Compression, FileFormat, Layout, Portion
from tests.uploads.readers.whole import Whole, raw, read_whole


def layout(columns: str = "a b c", **members: Any) -> Layout:
    return Layout(FileFormat.CSV, columns=tuple(columns.split()), **members)


def read(tmp_path: Path, content: bytes, how: Layout | None = None, reader: CsvReader | None = None) -> Whole:
    return read_whole(
        reader or CsvReader(threads=1), raw(tmp_path, content), how or layout(), tmp_path / "scratch"
    )


def values(whole: Whole) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in whole.records]


def codes(whole: Whole) -> list[tuple[int, int | None, str]]:
    return [(reject.row, reject.line, str(reject.code)) for reject in whole.rejects]


HEAD = b"a,b,c\n"


@pytest.mark.parametrize(
    ("content", "rows", "rejects"),
    [
        pytest.param(b"1,2,3\n4,5,6\n", [("1", "2", "3"), ("4", "5", "6")], [], id="clean"),
        pytest.param(b"1,2,3", [("1", "2", "3")], [], id="no line end at the end"),
        pytest.param(b"", [], [], id="header only"),
        pytest.param(b"1,2\n4,5,6\n", [("4", "5", "6")], [(0, 2, "too_few_columns")], id="too few"),
        pytest.param(b"1,2,3,4\n4,5,6\n", [("4", "5", "6")], [(0, 2, "too_many_columns")], id="too many"),
        pytest.param(
            b'1,2,3,\n4,5,6,,""\n', [("1", "2", "3"), ("4", "5", "6")], [], id="empty columns too many"
        ),
        pytest.param(b",,\n1,2,3\n", [(), ("1", "2", "3")], [], id="a row of empty values is a row"),
        pytest.param(
            b"\n\n1,2,3\n\n \t\n4,5,6\n\n", [("1", "2", "3"), ("4", "5", "6")], [], id="blank lines"
        ),
        pytest.param(
            b"# note\n1,2,3\n", [("1", "2", "3")], [(0, 2, "too_few_columns")], id="comments are rows"
        ),
        pytest.param(
            b'1,"x\n,\r\n""y""",3\n4,5,6\n', [("1", 'x\n,\r\n"y"', "3"), ("4", "5", "6")], [], id="newlines"
        ),
        pytest.param(
            b'1,5" pipe,"6"" pipe"\n', [("1", '5" pipe', '6" pipe')], [], id="stray quotes are text"
        ),
        pytest.param(b'1, "x, y" ,  "z"\n', [("1", "x, y", "z")], [], id="spaces around quotes"),
        pytest.param(
            b'1,"a" "b",3\n4,5,6\n',
            [("4", "5", "6")],
            [(0, 2, "quote_trailing_text")],
            id="two quoted pieces",
        ),
        pytest.param(
            b'1,"x"y,3\n4,5,6\n', [("4", "5", "6")], [(0, 2, "quote_trailing_text")], id="text behind a quote"
        ),
        pytest.param(
            b'1,"x,3\n4,5,6\n7,8,9\n',
            [("4", "5", "6"), ("7", "8", "9")],
            [(0, 2, "quote_unclosed")],
            id="never closed",
        ),
        pytest.param(
            b'1,"x,3\n4,5,6\n7,"8",9\n',
            [("4", "5", "6"), ("7", "8", "9")],
            [(0, 2, "quote_unclosed")],
            id="closed by a later row",
        ),
        pytest.param(
            b'1,"two\nlines",3,4\n5,6,7\n',
            [("5", "6", "7")],
            [(0, 2, "too_many_columns")],
            id="two lines, one reject",
        ),
        pytest.param(b'1,"x', [], [(0, 2, "quote_unclosed")], id="ends inside quotes"),
        pytest.param(b"1,\0,\0\0\n", [("1", "\0", "\0\0")], [], id="NUL is kept"),
        pytest.param(b"1,2,3\r4,5,6\r", [("1", "2", "3"), ("4", "5", "6")], [], id="LF header, CR rows"),
        pytest.param(
            b"1,2,3\r\n4,5,6\n7,8,9\r0,0,0\n",
            [*map(tuple, ("123", "456", "789", "000"))],
            [],
            id="mixed ends",
        ),
        pytest.param(
            b"1,caf\xe9,3\n4,caf\xc3\xa9,6\n",
            [("4", "café", "6")],
            [(0, 2, "encoding_invalid")],
            id="not UTF-8",
        ),
        pytest.param(
            b"1,\xef\xbb\xbf,3\n\xef\xbb\xbf4,5,6\n",
            [("1", "\ufeff", "3"), ("\ufeff4", "5", "6")],
            [],
            id="BOM inside",
        ),
        pytest.param(
            b"1,2,NULL\n4,5,\\N\n", [("1", "2", "NULL"), ("4", "5", "\\N")], [], id="no word means null"
        ),
        pytest.param(
            b"1,2,3\n" + b"x" * 3_000_000 + b"\n4,5,6\n",
            [("1", "2", "3"), ("4", "5", "6")],
            [(1, 3, "record_too_long")],
            id="3 MB line",
        ),
    ],
)
def test_odd_rows_have_one_exact_outcome(
    tmp_path: Path, content: bytes, rows: list[tuple[str, ...]], rejects: list[tuple[int, int, str]]
) -> None:
    whole = read(tmp_path, HEAD + content)

    assert values(whole) == rows
    assert codes(whole) == rejects
    assert whole.received == len(rows) + len(rejects)


def test_lines_count_blank_ones_and_those_inside_values(tmp_path: Path) -> None:
    whole = read(tmp_path, b'a,b,c\n\n1,"x\ny",3\n\n\n4,5,6\nbad\n7,8,9\n')

    portion = whole.portions[0]
    assert portion.lines_of is not None
    assert list(portion.lines_of([0, 1, 2, 3])) == [3, 7, 8, 9]


def test_blank_lines_below_the_header_move_the_first_row(tmp_path: Path) -> None:
    portion = read(tmp_path, b"a,b,c\n\n\n1,2,3\n4,5,6\n").portions[0]

    assert portion.lines_of is not None
    assert list(portion.lines_of([0, 1])) == [4, 5]


def test_lines_of_a_clean_file_with_values_of_several_lines(tmp_path: Path) -> None:
    whole = read(tmp_path, b'a,b,c\n1,"x\ny",3\n4,5,6\n"\n\n",8,9\n0,0,0\n')

    portion = whole.portions[0]
    assert portion.lines_of is not None
    assert list(portion.lines_of([3, 0, 1, 2])) == [8, 2, 4, 5]


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n"])
@pytest.mark.parametrize("inner", [b"\r", b"\r\n", b"\n"])
def test_lines_inside_values_end_as_they_like(end: bytes, inner: bytes, tmp_path: Path) -> None:
    """Spreadsheets on old Macs end rows with CR and lines of a cell with LF, of which there can be more."""
    rows = [
        b"1,2,3",
        b'4,"%b%b%b",6' % (inner, inner, inner),
        b"7,8,9",
        b'%b,"a%bb",c' % (b"10", inner),
        b"d,e,f",
    ]
    (portion,) = read(tmp_path, b"".join(row + end for row in [b"a,b,c", *rows])).portions
    assert portion.received == portion.table.num_rows == 5
    assert portion.lines_of is not None
    assert list(portion.lines_of(range(5))) == [2, 3, 7, 8, 10]


def test_a_reject_says_what_was_there(tmp_path: Path) -> None:
    few, many, bad = read(tmp_path, HEAD + b'1,2\n1,2,3,4\n1,"\xff"x,3\n').rejects

    assert few.values == {"a": "1", "b": "2"}
    assert many.values == {"a": "1", "b": "2", "c": "3", "column 4": "4"}
    assert (bad.field, bad.original) == ("b", '1,"\\xff"x,3')
    assert "2 columns, 3 are expected" in few.reason


def test_bytes_the_encoding_does_not_know_reject_their_row_only(tmp_path: Path) -> None:
    whole = read(tmp_path, b"a,b,c\n1,\x81,3\n4,\xe9,6\n", layout(encoding="cp1252"))

    assert values(whole) == [("4", "é", "6")]
    assert codes(whole) == [(0, 2, "encoding_invalid")]
    assert whole.rejects[0].original == "1,\\x81,3"


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "shift_jis", "gb18030", "euc_kr"]
)
def test_any_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    text = {"shift_jis": "山田", "gb18030": "北京市", "euc_kr": "서울"}.get(encoding, "Zoë 北京")
    content = f'a,b,c\r\n1,"{text}\r\n",3\r\n'.encode(encoding)

    assert values(read(tmp_path, content, layout(encoding=encoding))) == [("1", f"{text}\r\n", "3")]


@pytest.mark.parametrize(
    ("content", "how", "rows"),
    [
        (b"a;b;c\n1;'2;3';4\n", {"delimiter": ";", "quote": "'"}, [("1", "2;3", "4")]),
        (b'a|b|c\n1|"2|3\n', {"delimiter": "|", "quote": "", "escape": ""}, [("1", '"2', "3")]),
        (b"a||b||c\n1||2|||3\n", {"delimiter": "||"}, [("1", "2", "|3")]),
        (b'a,b,c\n1,"say \\"x\\", C:\\temp",3\n', {"escape": "\\"}, [("1", 'say "x", C:\\temp', "3")]),
        (b'a\tb\tc\n1\t"2\t"\t \n', {"delimiter": "\t"}, [("1", "2\t", " ")]),
        (b"sep=;\r\na;b;c\r\n1;2;3\r\n", {"delimiter": ";"}, [("1", "2", "3")]),
        (b"Report\n\na,b,c\n1,2,3\n", {"header_row": 1}, [("1", "2", "3")]),
        (b"1,2,3\n", {"header_row": None}, [("1", "2", "3")]),
    ],
)
def test_dialects(tmp_path: Path, content: bytes, how: dict[str, Any], rows: list[tuple[str, ...]]) -> None:
    assert values(read(tmp_path, content, layout(**how))) == rows


def test_one_column_keeps_empty_values_and_skips_blank_lines(tmp_path: Path) -> None:
    whole = read(tmp_path, b'a\n1\n\n""\n  \n2\n', layout("a"))

    assert values(whole) == [("1",), (), ("  ",), ("2",)]


def test_columns_nobody_named_come_from_the_header(tmp_path: Path) -> None:
    whole = read(tmp_path, b"name,name,,b\n1,2,3,4\n", Layout(FileFormat.CSV))

    assert whole.records == [{"name": "1", "name (2)": "2", "column 3": "3", "b": "4"}]


def test_five_thousand_columns(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(5_000)]
    row = ",".join(names)

    whole = read(tmp_path, f"{row}\n{row}\n{row},x\n".encode(), layout(row.replace(",", " ")))

    assert values(whole) == [tuple(names)]
    assert codes(whole) == [(1, 3, "too_many_columns")]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, b"")

    assert refused.value.error_code == "file_empty"


def test_a_file_of_one_quote_loses_no_row_behind_it(tmp_path: Path) -> None:
    rows = b"".join(b"%d,b,c\n" % number for number in range(300_000))

    whole = read(tmp_path, b'a,b,c\nx,y,"\n' + rows, reader=CsvReader(threads=1, segment_bytes=1024 * 1024))

    assert codes(whole) == [(0, 2, "quote_unclosed")]
    assert whole.received == 300_001
    assert whole.rows[300_000]["a"] == "299999"


def test_a_file_of_bad_rows_is_read_in_small_steps(tmp_path: Path) -> None:
    whole = read(tmp_path, HEAD + b"x\n" * 250, reader=CsvReader(threads=1, max_rejects=100))

    assert [portion.received for portion in whole.portions] == [100, 100, 50]
    assert [reject.line for reject in whole.rejects] == list(range(2, 252))


@pytest.mark.parametrize(
    "how",
    [{"delimiter": ""}, {"delimiter": '"'}, {"delimiter": "\n"}, {"quote": "ab"}, {"encoding": "rot13"}],
)
def test_a_layout_no_file_can_have_is_refused(tmp_path: Path, how: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read(tmp_path, HEAD, layout(**how))


def test_what_came_of_a_file_that_was_cut_is_read_although_the_reader_looks_ahead(tmp_path: Path) -> None:
    packed = gzip.compress(HEAD + b"".join(b"%d,2,3\n" % at for at in range(500_000)))
    portions = CsvReader(segment_bytes=65_536, piece_bytes=16_384).portions(
        raw(tmp_path, packed[: len(packed) // 2]),
        layout(compression=Compression.GZIP),
        None,
        tmp_path / "scratch",
    )
    seen: list[Portion] = []
    with pytest.raises(InputError):
        seen.extend(portions)
    assert sum(portion.received for portion in seen) > 100_000
    assert seen[-1].position is not None
