"""Each format gives every value back, whatever it is, and a spreadsheet runs none of them."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from muster.errors import PayloadTooLarge
from muster.tables.formats import xlsx
from muster.tables.formats.ndjson import elements
from muster.tables.formats.write import TableFormat, write

Cells = list[list[str | None]]
_texts = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "=1+1",
            "a,b",
            '"',
            '""',
            "\r",
            "\n",
            "\r\n",
            "<r><t>x</t></r>",
            "_x0041_",
            "]]>",
            "&amp;",
            " x ",
            "\x00",
            "'",
        ]
    ),
)


def batch_of(names: list[str], rows: Cells) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    return pa.record_batch([pa.array(list(column), pa.large_string()) for column in columns], names=names)


def written(format: TableFormat, batch: pa.RecordBatch, cut: int = 1000, **wishes: bool) -> bytes:
    def pieces() -> Iterator[pa.RecordBatch]:
        for start in range(0, batch.num_rows, cut):
            yield batch.slice(start, cut)

    return b"".join(write(format, batch.schema, pieces(), rows=batch.num_rows, **wishes))


@settings(deadline=None)
@given(st.lists(st.tuples(_texts, _texts, _texts).map(list), max_size=9), st.integers(1, 4))
def test_every_value_comes_back(rows: Cells, cut: int) -> None:
    names = ["first", 'na"me, 2', "größe"]
    batch = batch_of(names, rows)
    empty_for_none = [[cell or "" for cell in row] for row in rows]
    text = written(TableFormat.CSV, batch, cut).decode()
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [names, *empty_for_none]
    lines = written(TableFormat.NDJSON, batch, cut).splitlines()
    objects = [dict(zip(names, row, strict=True)) for row in rows]
    assert [json.loads(line) for line in lines] == objects
    assert json.loads(b"[" + b"".join(elements(batch.schema, [batch] if rows else [])) + b"]") == objects
    assert pq.read_table(io.BytesIO(written(TableFormat.PARQUET, batch, cut))).to_pylist() == objects
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(written(TableFormat.XLSX, batch, cut)))
    read = [[str(cell) for cell in row] for row in sheet.get_sheet_by_index(0).to_python()]
    expected = [names, *empty_for_none]
    while not any(expected[-1]):  # the reader drops empty rows at the end
        expected.pop()
    # XML has no name for two characters; the reader leaves their escape as it is.
    plain = [[c.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_") for c in row] for row in expected]
    assert read == plain


def test_one_empty_cell_is_a_line_a_reader_sees() -> None:
    text = written(TableFormat.CSV, batch_of(["only"], [[None], ["x"], [""]]))
    assert text == b'only\r\n""\r\nx\r\n""\r\n'


def test_only_what_needs_quotes_has_them() -> None:
    text = written(TableFormat.CSV, batch_of(["a", "b"], [["plain text", "with, comma"], [" 'x' ", None]]))
    assert text == b"a,b\r\nplain text,\"with, comma\"\r\n 'x' ,\r\n"


def test_formulas_are_defused_on_demand_in_names_too() -> None:
    batch = batch_of(
        ["=cmd|' /C calc'!A0"], [["=1+1"], ["@x"], ["-5"], ["+1.5e3"], ["-5-5"], ["\tx"], ["fine"]]
    )
    safe = written(TableFormat.CSV, batch, formula_safe=True).decode().split("\r\n")
    assert safe == ["'=cmd|' /C calc'!A0", "'=1+1", "'@x", "-5", "+1.5e3", "'-5-5", "'\tx", "fine", ""]
    assert written(TableFormat.CSV, batch).startswith(b"=cmd")


def test_numbers_are_numbers_in_a_workbook_and_text_is_text() -> None:
    batch = pa.record_batch({"_row": pa.array([3], pa.int64()), "zip": pa.array(["007"], pa.large_string())})
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(TableFormat.XLSX, batch)))
    assert book.get_sheet_by_index(0).to_python() == [["_row", "zip"], [3.0, "007"]]


def test_a_cell_holds_no_more_than_a_spreadsheet_takes_and_no_half_a_character() -> None:
    long = "x" * 32_765 + "😀😀"
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(TableFormat.XLSX, batch_of(["a"], [[long]]))))
    (cell,) = book.get_sheet_by_index(0).to_python()[1]
    assert cell == "x" * 32_765 + "\u2026"
    assert len(str(cell).encode("utf-16-le")) // 2 <= xlsx.MAX_CELL_CHARACTERS


@pytest.mark.parametrize(("rows", "columns"), [(1_048_576, 1), (1, 16_385), (1_000_000, 40)])
def test_what_no_sheet_holds_is_refused_with_the_limit_and_a_way_out(rows: int, columns: int) -> None:
    schema = pa.schema([(str(at), pa.large_string()) for at in range(columns)])
    with pytest.raises(PayloadTooLarge) as refused:
        write(TableFormat.XLSX, schema, [], rows=rows)
    assert refused.value.error_code == "sheet_too_large"
    assert "1,048,576" in refused.value.message
    assert "csv" in refused.value.message


def test_the_same_table_is_the_same_workbook_and_a_sound_zip() -> None:
    batch = batch_of(["a", "b"], [["x", "y"]] * 100)
    made = written(TableFormat.XLSX, batch, 7)
    assert made == written(TableFormat.XLSX, batch, 7)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None


def test_addresses_of_columns_go_on_after_z() -> None:
    batch = batch_of([f"n{at}" for at in range(703)], [["x"] * 703])
    with zipfile.ZipFile(io.BytesIO(written(TableFormat.XLSX, batch))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    for address in ("A1", "Z1", "AA2", "ZZ2", "AAA2"):
        assert f'<c r="{address}"' in sheet
