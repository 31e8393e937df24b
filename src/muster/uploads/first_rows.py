"""The first rows of a file under a layout, by the reader that will read all of it: what is shown is what is read."""

from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from muster.uploads.readers.csv import CsvReader
from muster.uploads.readers.csv_head import column_names
from muster.uploads.readers.excel import ExcelReader
from muster.uploads.readers.json import JsonReader
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Detected, FileFormat, Layout, Portion, RawFile, Reader
from muster.uploads.readers.ndjson import NdjsonReader
from muster.uploads.readers.parquet import ParquetReader

SHOWN_ROWS: Final = 50
MAX_HEADER_ROW: Final = 1_000
"""Rows above the data that anybody could mean to skip."""
_SEGMENT_BYTES: Final = 256 * 1024
_CUTS: Final = Cuts(portion_bytes=4 * _SEGMENT_BYTES, piece_bytes=_SEGMENT_BYTES)
_READERS: Final[dict[FileFormat, Reader]] = {
    FileFormat.CSV: CsvReader(threads=1, segment_bytes=_SEGMENT_BYTES),
    FileFormat.NDJSON: NdjsonReader(_CUTS),
    FileFormat.JSON: JsonReader(_CUTS),
    FileFormat.XLSX: ExcelReader(_CUTS),
    FileFormat.PARQUET: ParquetReader(_CUTS),
}


def with_first_rows(file: RawFile, detected: Detected, scratch: Path) -> Detected:
    """`detected` with its first rows, and with its columns where the layout leaves them to the reader.

    Raises InputError as the reader does.
    """
    layout = detected.layout
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="preview-", dir=scratch) as directory:
        if layout.format is FileFormat.XLSX and not layout.columns:
            return _of_sheet(file, detected, Path(directory))
        portion = _first(file, layout, Path(directory))
    if portion is None:
        return replace(detected, sample=())
    return replace(
        detected,
        layout=replace(layout, columns=layout.columns or tuple(portion.table.column_names)),
        sample=_rows(portion, SHOWN_ROWS),
    )


def _of_sheet(file: RawFile, detected: Detected, scratch: Path) -> Detected:
    """The reader of workbooks leaves the header alone: it is the row before the first one here."""
    layout = detected.layout
    above = 0 if layout.header_row is None else layout.header_row + 1
    portion = _first(file, replace(layout, header_row=None), scratch)
    rows = () if portion is None else _rows(portion, above + SHOWN_ROWS)
    width = 0 if portion is None else portion.table.num_columns
    header = [cell or "" for cell in rows[above - 1]] if 0 < above <= len(rows) else []
    return replace(detected, layout=replace(layout, columns=column_names(header, width)), sample=rows[above:])


def _first(file: RawFile, layout: Layout, scratch: Path) -> Portion | None:
    """Of a file of records that are all rejects there is no row to show, but nothing is read on for one."""
    portions = _READERS[layout.format].portions(file, layout, None, scratch)
    with closing(portions):  # type: ignore[type-var]
        return next(portions, None)


def _rows(portion: Portion, count: int) -> tuple[tuple[str | None, ...], ...]:
    columns = [column.to_pylist() for column in portion.table.slice(0, count).columns]
    return tuple(islice(zip(*columns, strict=True), count))
