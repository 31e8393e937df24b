"""Workbooks: cells as people read them, and hostile files refused within their limits."""

import io
import struct
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from muster.errors import InputError
from muster.uploads.readers.child import MIB, Limits
from muster.uploads.readers.excel import ExcelReader, describe
from muster.uploads.readers.excel_cells import Cell, header_guess, text_of
from muster.uploads.readers.excel_open import WorkbookLimits, checked_kind
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Compression, FileFormat, Layout
from tests.uploads.readers.whole import raw, read_whole

LAYOUT = Layout(FileFormat.XLSX)


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book)
    return buffer.getvalue()


def people(book: xlsxwriter.Workbook) -> None:
    """A title, a blank row and an unused column before the table; a blank row, errors and merged cells in it."""
    sheet = book.add_worksheet("People")
    book.add_worksheet("Empty")
    book.add_worksheet("Secret").hide()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write(0, 1, "Our people")
    sheet.write_row(2, 1, ["email", "phone", "zip", "joined", "seen", "ok", "sum", "email", ""])
    sheet.write_row(3, 1, ["a@b.c", 12125550001, "01234"])
    sheet.write_datetime(3, 4, datetime(2024, 1, 5), day)  # noqa: DTZ001 - workbooks know no zones
    sheet.write_datetime(3, 5, datetime(2024, 1, 5, 10, 30, 1), moment)  # noqa: DTZ001
    sheet.write_boolean(3, 6, True)
    sheet.write_formula(3, 7, "=1/3", None, 0.25)
    sheet.write_formula(5, 7, "=NA()", None, "#N/A")
    sheet.merge_range(5, 1, 6, 2, "d@e.f")
    sheet.write(6, 9, "behind")


def test_cells_arrive_as_people_read_them(tmp_path: Path) -> None:
    file = raw(tmp_path, workbook(people))
    found = describe(file, LAYOUT)
    assert found.layout.sheet == "People"
    assert list(found.sheets) == ["People", "Empty"]
    assert found.layout.header_row == 1
    names = ("email", "phone", "zip", "joined", "seen", "ok", "sum", "email (2)", "column 9")
    assert found.layout.columns == names
    assert found.sample[0] == (
        "a@b.c", "12125550001", "01234", "2024-01-05", "2024-01-05T10:30:01", "true", "0.25", None, None,
    )  # fmt: skip
    whole = read_whole(ExcelReader(), file, found.layout, tmp_path)
    assert whole.records[1:] == [{"email": "d@e.f"}, {"column 9": "behind"}]
    assert whole.portions[0].table.column_names == list(names)
    assert whole.kinds("phone") == {"number": 1, "null": 2}
    assert whole.kinds("sum") == {"number": 1, "null": 2}
    lines_of = whole.portions[0].lines_of
    assert lines_of is not None
    assert list(lines_of([0, 1, 2])) == [4, 6, 7]


def test_every_row_is_read_once_wherever_portions_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"c{column}" for column in range(100)])
        for row in range(2_200):
            sheet.write_row(row + 1, 0, [f"v{row}", row, *["x"] * 98])

    file = raw(tmp_path, workbook(fill))
    layout = describe(file, LAYOUT).layout
    whole = read_whole(ExcelReader(Cuts(portion_bytes=1)), file, layout, tmp_path)
    assert len(whole.portions) == 3
    assert [record["c1"] for record in whole.records] == [str(row) for row in range(2_200)]


def test_a_sheet_is_chosen_by_name_and_one_without_header_is_all_rows(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("One").write_row(0, 0, ["a"])
        book.add_worksheet("Two").write_row(0, 0, [1, 2])

    file = raw(tmp_path, workbook(fill))
    found = describe(file, Layout(FileFormat.XLSX, sheet="Two"))
    assert found.layout.header_row is None
    assert read_whole(ExcelReader(), file, found.layout, tmp_path).records == [
        {"column 1": "1", "column 2": "2"}
    ]
    with pytest.raises(InputError) as refused:
        describe(file, Layout(FileFormat.XLSX, sheet="Three"))
    assert refused.value.error_code == "sheet_not_found"


def test_a_workbook_in_a_zip_is_unpacked_first(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.xlsx", workbook(people))
    file = raw(tmp_path, packed.getvalue())
    found = describe(file, Layout(FileFormat.XLSX, Compression.ZIP))
    assert read_whole(ExcelReader(), file, found.layout, tmp_path).received == 3


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    file = raw(tmp_path, workbook(lambda book: book.add_worksheet() and None))
    assert describe(file, LAYOUT).problem_code == "file_empty"
    assert read_whole(ExcelReader(), file, LAYOUT, tmp_path).received == 0


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12125550001.0, "12125550001"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (2.0**53, "9007199254740992.0"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        ("", None),
        (" 007 ", " 007 "),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2, 3, 500_000), "2024-02-29T01:02:03.500000"),  # noqa: DTZ001
        (day_time(9, 5), "09:05:00"),
        (timedelta(hours=26, minutes=30), "26:30:00"),
        (timedelta(seconds=-90), "-00:01:30"),
    ],
)
def test_a_cell_is_the_text_people_see(cell: Cell, text: str | None) -> None:
    assert text_of(cell) == text


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["email", "age"], ["a@b.c", 3]], 0),
        ([["List of people", ""], ["email", "age"], ["a@b.c", 3]], 0),
        ([["List", "", "", ""], ["email", "age", "x", "y"], ["a@b.c", 3, 4, 5]], 1),
        ([[1, 2], [3, 4]], None),
        ([], None),
    ],
)
def test_the_header_is_the_first_full_row_of_text(rows: list[list[Cell]], header: int | None) -> None:
    assert header_guess(rows)[0] == header


def _lying(content: bytes, size: int) -> bytes:
    """The same workbook, whose directory says of every member that it unpacks to `size` bytes."""
    changed = bytearray(content)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", changed, at + 24, size)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _bomb() -> bytes:
    buffer = io.BytesIO(workbook(people))
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as member,
    ):
        for _ in range(150):
            member.write(b" " * MIB)
    return buffer.getvalue()


ENCRYPTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ENCRYPTED, "file_encrypted"),
        (ENCRYPTED[:600], "file_damaged"),
        (b"hello", "file_not_workbook"),
        (b"", "file_not_workbook"),
        (_bomb, "file_bomb"),  # made when it is needed: it takes a second
        (_lying(workbook(people), 10), "file_damaged"),
        (_lying(workbook(people), 2**31), "file_bomb"),
        (workbook(people)[:-400], "file_truncated"),
        (workbook(people)[:200] + b"\xff" * 40 + workbook(people)[240:], "file_damaged"),
    ],
    ids=[
        "encrypted",
        "broken xls",
        "text",
        "empty",
        "bomb",
        "lies small",
        "lies large",
        "cut off",
        "flipped",
    ],
)
def test_a_workbook_nobody_can_read_is_refused_quickly(
    tmp_path: Path, content: bytes | Callable[[], bytes], code: str
) -> None:
    file = raw(tmp_path, content() if callable(content) else content)
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        describe(file, LAYOUT)
    with pytest.raises(InputError) as again:
        list(ExcelReader().portions(file, LAYOUT, None, tmp_path))
    assert (refused.value.error_code, again.value.error_code) == (code, code)
    assert time.monotonic() - started < 20


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("people.csv", "email\n")
    with pytest.raises(InputError) as refused:
        checked_kind(raw(tmp_path, buffer.getvalue()).path(), WorkbookLimits())
    assert refused.value.error_code == "file_not_workbook"


def test_two_cells_at_the_far_corners_end_a_process_and_not_this_one(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")

    file = raw(tmp_path, workbook(fill))
    for limits in (Limits(), Limits(max_memory_bytes=200 * MIB)):
        with pytest.raises(InputError) as refused:
            list(ExcelReader(limits=limits).portions(file, LAYOUT, None, tmp_path))
        assert refused.value.error_code == "workbook_too_large"
