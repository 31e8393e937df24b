"""The process that opens a workbook: it holds a whole sheet, so its memory and time are limited from outside.

See `child.py`.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
)

from muster.uploads.readers.child import Failed, Limits, answer
from muster.uploads.readers.excel_cells import Cell, header_guess, text_of, texts_of_column

BATCH_CELLS: Final = 100_000

_MESSAGES: Final = {
    "file_encrypted": "The workbook is protected by a password. Save it without one and send it again.",
    "file_damaged": "The workbook is damaged. Open it in a spreadsheet program, save it and send it again.",
    "sheet_not_found": "The workbook has no sheet of that name. Choose one of its sheets.",
}
TOO_LARGE: Final = Failed(
    "workbook_too_large",
    "The workbook takes more memory than allowed, or is damaged. Save the sheet as CSV and send that.",
)


class Request(msgspec.Struct, frozen=True):
    """What to read. sheet None: the first visible one that is not empty.

    skip_rows: physical rows that are done; skip_filled: non-blank rows to leave out behind them.
    sample_rows: only describe, with so many non-blank rows.
    """

    path: str
    sheet: str | None
    skip_rows: int
    skip_filled: int
    sample_rows: int | None
    limits: Limits


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The first message. width: columns of the area in use; height: rows down to its end."""

    sheets: list[str]
    sheet: str | None
    width: int
    height: int


class Sample(msgspec.Struct, frozen=True, tag="sample"):
    """The first non-blank rows, and which of them is the header."""

    rows: list[list[str | None]]
    header_row: int | None
    confidence: float
    reason: str


class Batch(msgspec.Struct, frozen=True, tag="batch"):
    """Some non-blank rows: physical numbers from 1, and texts and kinds by column."""

    numbers: list[int]
    columns: list[list[str | None]]
    kinds: list[dict[str, int]]


Message = Opened | Sample | Batch


def _answer(request: Request) -> Iterator[Message | Failed]:
    try:
        with CalamineWorkbook.from_path(request.path) as workbook:
            yield from _read(workbook, request)
    except PasswordError:
        yield _failed("file_encrypted")
    except WorksheetNotFound:
        yield _failed("sheet_not_found")
    except CalamineError:
        yield _failed("file_damaged")


def _failed(code: str) -> Failed:
    return Failed(code, _MESSAGES[code])


def _read(workbook: CalamineWorkbook, request: Request) -> Iterator[Message]:
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    sheet = _sheet(workbook, names, request.sheet)
    if sheet is None or sheet.start is None or sheet.end is None:
        yield Opened(names, sheet.name if sheet else None, 0, 0)
        return
    width = sheet.end[1] - sheet.start[1] + 1
    yield Opened(names, sheet.name, width, sheet.total_height)
    # Rows come from the first one of the sheet on, cells only from the first column in use.
    filled = (
        (number, row)
        for number, row in enumerate(sheet.iter_rows(), 1)
        if number > request.skip_rows and any(cell != "" for cell in row)
    )
    rows = islice(filled, request.skip_filled, None)
    if request.sample_rows is not None:
        sample = [row for _, row in islice(rows, request.sample_rows)]
        yield Sample([list(map(text_of, row)) for row in sample], *header_guess(sample))
        return
    at_once = max(BATCH_CELLS // width, 1)
    numbers: list[int] = []
    batch: list[Sequence[Cell]] = []
    for number, row in rows:
        numbers.append(number)
        batch.append(row)
        if len(batch) == at_once:
            yield _batch(numbers, batch)
            numbers, batch = [], []
    if batch:
        yield _batch(numbers, batch)


def _sheet(workbook: CalamineWorkbook, names: Sequence[str], wanted: str | None) -> CalamineSheet | None:
    if wanted is not None:
        return workbook.get_sheet_by_name(wanted)
    first: CalamineSheet | None = None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is not None:
            return sheet
        first = first or sheet
    return first


def _batch(numbers: list[int], rows: list[Sequence[Cell]]) -> Batch:
    columns: list[Any] = [texts_of_column(cells) for cells in zip(*rows, strict=True)]
    return Batch(numbers, [texts for texts, _ in columns], [kinds for _, kinds in columns])


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.argv[1], type=Request)
    answer(asked.limits, _answer(asked))
