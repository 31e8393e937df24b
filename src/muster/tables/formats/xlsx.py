"""XLSX (ECMA-376): one sheet of inline text, zipped while it is sent. No cell is ever a formula."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import Issue, PayloadTooLarge
from muster.tables.formats.lines import TEXT, concatenated, joined, texts_of

MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MAX_CELLS: Final = 20_000_000
"""A sheet may have 4 GiB of XML, beyond which a workbook needs a kind of zip that Excel complains about."""
MAX_CELL_CHARACTERS: Final = 32_767

_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FRAME: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Rows" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_OPENING: Final = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    "<sheetData>"
).encode()
_CLOSING: Final = b"</sheetData></worksheet>"

# What XML 1.0 cannot hold, a carriage return (XML makes a line feed of it), and text that looks like the escape.
_UNWRITABLE: Final = "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_"
_unwritable = re.compile(_UNWRITABLE)


def check_fits(rows: int, columns: int) -> None:
    """Raise PayloadTooLarge (`sheet_too_large`) for a table that no sheet can hold."""
    if rows + 1 > MAX_ROWS or columns > MAX_COLUMNS or (rows + 1) * columns > MAX_CELLS:
        message = (
            f"A sheet holds {MAX_ROWS:,} rows with the header, {MAX_COLUMNS:,} columns and here {MAX_CELLS:,} cells; "
            f"this has {rows:,} rows and {columns:,} columns. Ask for `format=csv`, `ndjson` or `parquet`."
        )
        raise PayloadTooLarge(
            message,
            code="sheet_too_large",
            issues=[Issue(None, "format", "/format", "sheet_too_large", message)],
        )


class _Sink(io.RawIOBase):
    """An output that cannot be rewound, so the zip puts sizes behind each member."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def drain(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def write(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Text as text, int64 as numbers; text beyond MAX_CELL_CHARACTERS ends there with an ellipsis."""
    sink = _Sink()
    letters = [_letters(number) for number in range(len(schema))]
    names = pa.record_batch([pa.array([name], TEXT) for name in schema.names], names=schema.names)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _FRAME.items():
            with archive.open(name, "w") as member:
                member.write(_HEAD + content.encode())
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_HEAD + _OPENING + _rows(names, 1, letters))
            row = 2
            for batch in batches:
                sheet.write(_rows(batch, row, letters))
                row += batch.num_rows
                if piece := sink.drain():
                    yield piece
            sheet.write(_CLOSING)
    yield sink.drain()


def _rows(batch: pa.RecordBatch, first: int, letters: list[str]) -> bytes:
    """`<row r="7"><c r="B7" t="inlineStr"><is><t>...</t></is></c>...</row>`; no cell for null and empty text."""
    rows = batch.num_rows
    if not rows:
        return b""
    numbers = pc.cast(pa.arange(first, first + rows), TEXT)
    # All cells column after column in one array: a kernel called for each of 5,000 columns takes seconds.
    values = pa.concat_arrays(texts_of(batch))
    column_of = pc.divide(pa.arange(0, len(values)), rows)
    before, after = zip(*(_around(field.type) for field in batch.schema), strict=True)
    cells = joined(
        [
            pa.array([f'<c r="{letter}' for letter in letters], TEXT).take(column_of),
            pa.concat_arrays([numbers] * batch.num_columns),
            pa.array(before, TEXT).take(column_of),
            _escaped(values),
            pa.array(after, TEXT).take(column_of),
        ]
    )
    cells = pc.if_else(pc.not_equal(pc.fill_null(values, ""), ""), cells, pa.scalar("", TEXT))
    inside = joined([cells.slice(at * rows, rows) for at in range(batch.num_columns)])
    begin, middle, end = (pa.scalar(text, TEXT) for text in ('<row r="', '">', "</row>"))
    return concatenated(joined([begin, numbers, middle, inside, end]))


def _around(kind: pa.DataType) -> tuple[str, str]:
    """What stands before and behind the value of a cell, after its address."""
    if kind == TEXT:
        return '" t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    return '"><v>', "</v></c>"


def _escaped(texts: pa.Array) -> pa.Array:
    if pc.any(pc.greater(pc.binary_length(texts), MAX_CELL_CHARACTERS)).as_py():
        texts = pa.array([None if text is None else _cut(text) for text in texts.to_pylist()], TEXT)
    if pc.any(pc.match_substring_regex(texts, _UNWRITABLE)).as_py():
        replaced = [None if text is None else _unwritable.sub(_code, text) for text in texts.to_pylist()]
        texts = pa.array(replaced, TEXT)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        texts = pc.replace_substring(texts, character, entity)
    return texts


def _cut(text: str) -> str:
    """At most as many UTF-16 units as a cell holds."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL_CHARACTERS:
        return text
    return units[: 2 * (MAX_CELL_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "\u2026"


def _code(found: re.Match[str]) -> str:
    text = found.group()
    return f"_x005F{text}" if len(text) > 1 else f"_x{ord(text):04X}_"


def _letters(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
