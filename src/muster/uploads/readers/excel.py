"""Workbooks: XLSX, and XLSB, XLS and ODS by the same way; one sheet, its rows as text."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa

from muster.uploads.readers.child import Child, Limits
from muster.uploads.readers.csv_head import column_names
from muster.uploads.readers.excel_child import TOO_LARGE, Batch, Message, Opened, Request, Sample
from muster.uploads.readers.excel_open import WorkbookLimits, checked_kind, linked
from muster.uploads.readers.json_columns import TEXT
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Detected, Guess, Layout, Portion, RawFile
from muster.uploads.readers.sources import local_path
from muster.uploads.readers.text_portions import TextBatch, collect_portions

_SAMPLE_ROWS: Final = 60
_SHOWN_ROWS: Final = 50
_CHILD: Final[Child[Message]] = Child("muster.uploads.readers.excel_child", Message, TOO_LARGE)  # type: ignore[arg-type]


class ExcelReader:
    """Reads one sheet. Blank rows do not count; no row is ever a reject; `lines_of` tells rows of the sheet."""

    def __init__(
        self,
        cuts: Cuts | None = None,
        limits: Limits | None = None,
        workbook_limits: WorkbookLimits | None = None,
    ) -> None:
        self._cuts = cuts or Cuts()
        self._limits = limits or Limits()
        self._workbook_limits = workbook_limits or WorkbookLimits()

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. Columns that the layout does not name are called `column 7` by their place."""
        position = position or {"sheet_row": 0, "row": 0}
        path = local_path(file, layout, scratch)
        link = linked(path, checked_kind(path, self._workbook_limits), scratch)
        done = position["sheet_row"]
        header_rows = 0 if done or layout.header_row is None else layout.header_row + 1
        request = Request(str(link), layout.sheet, done, header_rows, None, self._limits)
        with _CHILD.run(request) as messages:
            opened = _first(messages)
            yield from collect_portions(
                (_text_batch(message) for message in messages if isinstance(message, Batch)),
                column_names(layout.columns, max(opened.width, len(layout.columns))),
                first_row=position["row"],
                file_bytes=file.size_bytes,
                rows_in_file=opened.height,
                cuts=self._cuts,
            )


def describe(file: RawFile, layout: Layout, limits: Limits | None = None) -> Detected:
    """Sheets, columns and first rows. layout: format and compression are decided; a sheet may be named.

    Raises InputError as the reader does.
    """
    with TemporaryDirectory(prefix="muster-workbook-") as directory:
        scratch = Path(directory)
        path = local_path(file, layout, scratch)
        link = linked(path, checked_kind(path, WorkbookLimits()), scratch)
        with _CHILD.run(Request(str(link), layout.sheet, 0, 0, _SAMPLE_ROWS, limits or Limits())) as messages:
            first = _first(messages)
            sample = next((message for message in messages if isinstance(message, Sample)), None)
    if sample is None or not sample.rows:
        layout = replace(layout, sheet=first.sheet)
        return Detected(layout, {}, (), first.sheets, "file_empty", "The sheet is empty; choose another one.")
    guesses = {
        "sheet": _sheet_guess(layout, first),
        "header_row": Guess(sample.header_row, sample.confidence, sample.reason),
    }
    below = 0 if sample.header_row is None else sample.header_row + 1
    header = [] if sample.header_row is None else [cell or "" for cell in sample.rows[sample.header_row]]
    columns = column_names(header, first.width)
    layout = replace(layout, sheet=first.sheet, header_row=sample.header_row, columns=columns)
    rows = tuple(tuple(row) for row in sample.rows[below : below + _SHOWN_ROWS])
    return Detected(layout, guesses, rows, first.sheets)


def _sheet_guess(layout: Layout, first: Opened) -> Guess:
    if layout.sheet is not None:
        return Guess(first.sheet, 1.0, "Chosen.")
    if len(first.sheets) == 1:
        return Guess(first.sheet, 1.0, "The only sheet.")
    return Guess(first.sheet, 0.7, "The first of several sheets that is not empty.")


def _first(messages: Iterator[Message]) -> Opened:
    first = next(messages)
    if not isinstance(first, Opened):
        raise TypeError("the first message says what the workbook holds")
    return first


def _text_batch(batch: Batch) -> TextBatch:
    columns = [pa.array(texts, TEXT) for texts in batch.columns]
    return TextBatch(
        columns, batch.kinds, len(batch.numbers), {"sheet_row": batch.numbers[-1]}, batch.numbers
    )
