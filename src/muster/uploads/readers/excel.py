"""Workbooks: XLSX, and XLSB, XLS and ODS by the same way; one sheet, its rows as text."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from muster.uploads.readers.csv_head import column_names
from muster.uploads.readers.excel_child import Batch, Opened, Sample
from muster.uploads.readers.excel_open import WorkbookLimits, checked_kind, opened
from muster.uploads.readers.json_columns import TEXT
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Detected, Guess, Layout, Portion, RawFile
from muster.uploads.readers.sources import local_path

_SAMPLE_ROWS = 60
_SHOWN_ROWS = 50


class ExcelReader:
    """Reads one sheet. Blank rows do not count; no row is ever a reject; `lines_of` tells rows of the sheet."""

    def __init__(self, cuts: Cuts | None = None, limits: WorkbookLimits | None = None) -> None:
        self._cuts = cuts or Cuts()
        self._limits = limits or WorkbookLimits()

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. Columns that the layout does not name are called `column 7` by their place."""
        position = position or {"sheet_row": 0, "row": 0}
        path = local_path(file, layout, scratch)
        kind = checked_kind(path, self._limits)
        skip_rows = position["sheet_row"]
        with opened(
            path,
            kind,
            scratch,
            sheet=layout.sheet,
            skip_rows=skip_rows,
            skip_filled=0 if skip_rows or layout.header_row is None else layout.header_row + 1,
            limits=self._limits,
        ) as (first, messages):
            batches = (message for message in messages if isinstance(message, Batch))
            names = column_names(layout.columns, max(first.width, len(layout.columns)))
            yield from _portions(batches, names, position["row"], file.size_bytes, self._cuts)


def describe(file: RawFile, layout: Layout, limits: WorkbookLimits | None = None) -> Detected:
    """Sheets, columns and first rows. layout: format and compression are decided; a sheet may be named.

    Raises InputError as the reader does.
    """
    limits = limits or WorkbookLimits()
    with TemporaryDirectory(prefix="muster-workbook-") as directory:
        scratch = Path(directory)
        path = local_path(file, layout, scratch)
        kind = checked_kind(path, limits)
        with opened(
            path, kind, scratch, sheet=layout.sheet, sample_rows=_SAMPLE_ROWS, limits=limits
        ) as (first, messages):
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


@dataclass(slots=True)
class _Filling:
    numbers: list[int] = field(default_factory=list)
    arrays: list[list[pa.Array]] = field(default_factory=list)
    kinds: list[Counter[str]] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, batch: Batch) -> None:
        if not self.arrays:
            self.arrays = [[] for _ in batch.columns]
            self.kinds = [Counter() for _ in batch.columns]
        for index, texts in enumerate(batch.columns):
            array = pa.array(texts, TEXT)
            self.arrays[index].append(array)
            self.kinds[index].update(batch.kinds[index])
            self.size_bytes += array.nbytes
        self.numbers.extend(batch.numbers)


def _portions(
    batches: Iterator[Batch], names: Sequence[str], first_row: int, file_bytes: int, cuts: Cuts
) -> Iterator[Portion]:
    filling = _Filling()
    for batch in batches:
        if filling.size_bytes >= cuts.portion_bytes:
            position = {"sheet_row": filling.numbers[-1], "row": first_row + len(filling.numbers)}
            yield _portion(filling, names, first_row, position, 0)
            first_row += len(filling.numbers)
            filling = _Filling()
        filling.add(batch)
    yield _portion(filling, names, first_row, None, file_bytes)


def _portion(
    filling: _Filling,
    names: Sequence[str],
    first_row: int,
    position: Mapping[str, Any] | None,
    done_bytes: int,
) -> Portion:
    count = len(filling.numbers)
    numbers = filling.numbers
    columns = {}
    kinds = {}
    for index, name in enumerate(names):
        is_there = index < len(filling.arrays)
        columns[name] = pa.concat_arrays(filling.arrays[index]) if is_there else pa.nulls(count, TEXT)
        kinds[name] = dict(filling.kinds[index]) if is_there else {"missing": count}
    return Portion(
        table=pa.table(columns),
        rows=pa.arange(first_row, first_row + count),
        rejects=(),
        received=count,
        first_row=first_row,
        position=position,
        done_bytes=done_bytes,
        lines_of=lambda rows: [numbers[row - first_row] for row in rows],
        kinds=kinds,
    )
