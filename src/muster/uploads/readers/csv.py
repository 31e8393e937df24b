"""CSV of any dialect, encoding and size: the table engine where it is clean, an exact parser where it is not."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from muster.errors import InputError
from muster.tables.engine import EngineLimits
from muster.uploads.readers.csv_head import column_names, read_head
from muster.uploads.readers.csv_pieces import PieceReader, likely_end
from muster.uploads.readers.csv_rejects import reject_of
from muster.uploads.readers.csv_scan import Lines, line_end_of
from muster.uploads.readers.dialect import Dialect, dialect_of, grammar_of
from muster.uploads.readers.model import Layout, Portion, RawFile
from muster.uploads.readers.text import TextSource
from muster.uploads.readers.unpack import UnpackLimits

SEGMENT_BYTES = 40 * 1024 * 1024
PIECE_BYTES = 10 * 1024 * 1024
MAX_REJECTS = 20_000
"""In one portion; a file where every row is wrong is read in small steps instead of a large pile."""
MAX_VALUES = 16 * 1024 * 1024
"""In one portion; text of delimiters alone would be a value a byte."""

_MIN_SPAN_BYTES = 256 * 1024
_HEAD_BYTES = 1024 * 1024
_SAMPLE_BYTES = 16 * 1024
_SAMPLE_EVERY_BYTES = 256 * 1024
_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a portion starts: offset in the text, its first row and line, and how much text to look at."""

    at: int
    row: int
    line: int
    span: int

    def as_position(self) -> dict[str, int]:
        return {"at": self.at, "row": self.row, "line": self.line, "span": self.span}


class CsvReader:
    """Reads CSV (`Reader`). A segment is cut at a guess; that the cut is between records is proved by reading it.

    Either the table engine reads a whole segment without a fault, so it ended outside quotes, or the segment is
    scanned and ends where the scan found the last whole record.
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 512 * 1024 * 1024,
        threads: int = 2,
        segment_bytes: int = SEGMENT_BYTES,
        piece_bytes: int = PIECE_BYTES,
        max_rejects: int = MAX_REJECTS,
        unpack_limits: UnpackLimits | None = None,
    ) -> None:
        """memory_bytes: for the table engine. threads: pieces it reads at the same time.

        segment_bytes: of text in one portion, about. piece_bytes: what the engine gets of it at a time.
        """
        self._memory_bytes = memory_bytes
        self._threads = threads
        self._segment_bytes = segment_bytes
        self._piece_bytes = piece_bytes
        self._max_rejects = max_rejects
        self._unpack_limits = unpack_limits

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. Raises InputError: `file_empty`, `dialect_invalid`, `encoding_unknown`, those of `unpacked`."""
        source = TextSource(file, layout, 0 if position is None else position["at"], self._unpack_limits)
        columns = layout.columns
        if position is None or not columns:
            first = source if position is None else TextSource(file, layout, 0, self._unpack_limits)
            place, columns = self._start(first, layout)
        if position is not None:
            place = _Place(position["at"], position["row"], position["line"], position["span"])
        dialect = dialect_of(layout, len(columns))
        memory_bytes = self._memory_bytes // self._threads
        limits = EngineLimits(scratch, memory_bytes, 1, memory_bytes * 4)
        with closing(PieceReader(limits, piece_bytes=self._piece_bytes, at_once=self._threads)) as pieces:
            while True:
                portion, after = self._portion(source, layout, dialect, columns, place, pieces)
                yield portion
                if after is None:
                    return
                place = after

    def _start(self, source: TextSource, layout: Layout) -> tuple[_Place, tuple[str, ...]]:
        """Over the header to the first row; and the names of the columns, if the layout has none."""
        size = _HEAD_BYTES
        dialect = dialect_of(layout, max(len(layout.columns), 2))
        while True:
            data = source.read(size)
            if not data:
                raise InputError("The file is empty; there is nothing to read.", code="file_empty")
            text = _ended(data) if source.at_end else data.removesuffix(b"\r")
            head = read_head(text, dialect, layout.header_row, is_last=source.at_end)
            first = read_head(text, dialect, 0, is_last=source.at_end) if layout.header_row is None else head
            if head is not None and first is not None:
                break
            size *= 2
        columns = layout.columns
        if not columns:
            cells = first.cells or ("",)
            columns = column_names(cells if layout.header_row is not None else ("",) * len(cells))
        source.advance(min(head.end, len(data)))
        return _Place(source.offset, 0, 1 + head.lines, self._segment_bytes), columns

    def _portion(
        self,
        source: TextSource,
        layout: Layout,
        dialect: Dialect,
        columns: tuple[str, ...],
        place: _Place,
        pieces: PieceReader,
    ) -> tuple[Portion, _Place | None]:
        size = place.span
        while True:
            data, is_last = _segment(source, dialect, size)
            read = pieces.read(
                data,
                dialect,
                is_last=is_last,
                max_faults=self._max_rejects,
                meanwhile=partial(
                    _look_ahead, source, data, dialect, min(2 * place.span, self._segment_bytes)
                ),
            )
            if read.end or is_last:
                break
            size *= 2  # one record is longer than the segment
        rejects = [
            reject_of(
                fault,
                data,
                columns,
                row=place.row,
                line=place.line,
                encoding=layout.encoding,
                transcoded=source.transcoded,
            )
            for fault in read.faults
        ]
        source.advance(read.end)
        if read.is_inside_line:
            _drop_line(source)
        is_capped = len(rejects) >= self._max_rejects
        after = None
        if source.read(1):
            span = max(2 * read.end, _MIN_SPAN_BYTES) if is_capped else 2 * place.span
            after = _Place(
                source.offset,
                place.row + read.rows,
                place.line + read.lines + read.is_inside_line,
                min(span, self._segment_bytes),
            )
        table = read.table.rename_columns(list(columns))
        return Portion(
            table=table,
            rows=pa.concat_arrays(
                [pa.arange(place.row + run.row, place.row + run.row + run.count) for run in read.good]
                or [pa.array([], pa.int64())]
            ),
            rejects=rejects,
            received=read.rows,
            first_row=place.row,
            position=None if after is None else after.as_position(),
            done_bytes=source.done_bytes,
            lines_of=Lines(data, dialect, place.row, place.line, read.runs),
            kinds={
                name: {"text": table.num_rows - column.null_count, "null": column.null_count}
                for name, column in zip(columns, table.columns, strict=True)
            },
        ), after


def _segment(source: TextSource, dialect: Dialect, size: int) -> tuple[bytes, bool]:
    """The next bytes, `size` of them or fewer if they hold too many values; whether the text ends there.

    The last ones end with a line end, others never with half of a CRLF.
    """
    data, is_last = source.take(size)
    values = _about_values(data, dialect.delimiter)
    if values > MAX_VALUES:
        data, is_last = data[: max(size * MAX_VALUES // values, _MIN_SPAN_BYTES)], False
    if is_last:
        return _ended(data), True
    return data.removesuffix(b"\r"), False


def _look_ahead(source: TextSource, data: bytes, dialect: Dialect, size: int) -> None:
    """Have the next segment ready: it probably starts where this one probably ends."""
    end = likely_end(data, 0, len(data), grammar_of(dialect))
    if not source.at_end:
        source.look_ahead(end, size)


def _about_values(data: bytes, delimiter: bytes) -> int:
    """How many values there are, by samples: counting all takes a tenth of the time of reading them."""
    if len(data) <= _HEAD_BYTES:
        return data.count(delimiter) + data.count(b"\n") + data.count(b"\r")
    samples = [data[at : at + _SAMPLE_BYTES] for at in range(0, len(data), _SAMPLE_EVERY_BYTES)]
    found = sum(piece.count(delimiter) + piece.count(b"\n") + piece.count(b"\r") for piece in samples)
    return found * len(data) // sum(map(len, samples))


def _drop_line(source: TextSource) -> None:
    """Go behind the end of the line, however long it is."""
    while data := source.read(_MIN_SPAN_BYTES):
        found = _LINE_END.search(data)
        if found is None:
            source.advance(len(data))
            continue
        if found.end() == len(data) and data.endswith(b"\r"):
            data = source.read(len(data) + 1)
        source.advance(found.end() + data.startswith(b"\r\n", found.start()) - (found.group() == b"\r\n"))
        return


def _ended(data: bytes) -> bytes:
    """With a line end behind the last line."""
    return data if data.endswith((b"\n", b"\r")) else data + line_end_of(data)
