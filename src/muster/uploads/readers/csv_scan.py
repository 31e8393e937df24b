"""Finds the good records among bad ones: what is wrong with each bad one, and where the next good one starts.

Good records are matched by one pattern each, at the speed of the pattern engine. Only where that fails is a
record read field by field. A quote that is never closed swallows all that follows; so when the lines behind it
are records of the right shape by themselves, only the line with the quote is rejected.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import stringzilla as sz

from muster.uploads.readers.csv_records import (
    MAX_RECORD_BYTES,
    CsvCode,
    Record,
    clean_record,
    count_lines,
    line_end,
    read_record,
)
from muster.uploads.readers.csv_rejects import Fault
from muster.uploads.readers.dialect import Dialect, Grammar, grammar_of

_MIN_BLOCK_BYTES = 1024
_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records: index of the first, its physical line, where they lie in the bytes, how many."""

    row: int
    line: int
    start: int
    end: int
    count: int

    def moved(self, rows: int, lines: int, offset: int) -> "Run":
        """The same records behind so many others."""
        return Run(self.row + rows, self.line + lines, self.start + offset, self.end + offset, self.count)


@dataclass(slots=True)
class Scan:
    """What one pass over some bytes found.

    end: offset behind the last record or blank line that is decided. rows: records so far, good and bad.
    good: runs of good records; clean: by start of a run of one record the bytes to read in its place.
    is_inside_line: the last record is a line too long whose end is still to come.
    """

    end: int
    rows: int = 0
    lines: int = 0
    good: list[Run] = field(default_factory=list)
    clean: dict[int, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    is_inside_line: bool = False

    @property
    def good_rows(self) -> int:
        return self.rows - len(self.faults)


def line_end_of(data: bytes, start: int = 0, stop: int | None = None) -> bytes:
    """The line end most lines have."""
    stop = len(data) if stop is None else stop
    if data.find(b"\r", start, stop) < 0:
        return b"\n"
    lines, pairs = sz.count(data, b"\n", start, stop), sz.count(data, b"\r\n", start, stop)
    if not lines:
        return b"\r"
    return b"\r\n" if pairs * 2 > lines else b"\n"


def scan(data: bytes, start: int, dialect: Dialect, *, is_last: bool, max_faults: int) -> Scan:
    """Read the records from `start` on; rows and lines count from 0.

    data: ends with a line end if is_last, else not with half of a CRLF. Stops at a record that is not complete,
    or after max_faults.
    """
    grammar = grammar_of(dialect)
    end = line_end_of(data)
    good, blank = grammar.good[end], grammar.blank
    found = Scan(start)
    bad_byte = _next_bad_byte(data, start)
    size = len(data)
    while found.end < size and len(found.faults) < max_faults:
        at = found.end
        stop = min(at + MAX_RECORD_BYTES, size, bad_byte)
        if ends := _ends_of(data, at, stop, good):
            found.good.append(Run(found.rows, found.lines, at, ends[-1], len(ends)))
            _advance(data, found, ends[-1], len(ends))
            continue
        if other := _with_other_end(data, at, stop, grammar, end):
            ends, clean = other
            found.good.append(Run(found.rows, found.lines, at, ends[-1], len(ends)))
            found.clean[at] = clean
            _advance(data, found, ends[-1], len(ends))
            continue
        if skipped := blank.match(data, at):
            _advance(data, found, skipped.end(), 0)
            continue
        record = read_record(data, at, grammar, dialect, is_last=is_last)
        if record.end is None:
            break
        fault = _fault_of(data, at, record, grammar, dialect, bad_byte)
        if fault is None:
            found.good.append(Run(found.rows, found.lines, at, record.end, 1))
            found.clean[at] = clean_record(record.values[: dialect.columns], dialect, end)
            _advance(data, found, record.end, 1)
        else:
            fault.row, fault.line = found.rows, found.lines
            found.faults.append(fault)
            found.is_inside_line = fault.end == size and data[-1:] not in {b"\n", b"\r"}
            _advance(data, found, fault.end, 1)
        if bad_byte < found.end:
            bad_byte = _next_bad_byte(data, found.end)
    return found


def _ends_of(data: bytes, start: int, stop: int, pattern: re.Pattern[bytes]) -> list[int]:
    """Where the records end that match a pattern one behind the other, from `start` on."""
    # `scanner` goes on where the last match ended, at half the cost of a call for each.
    records = iter(pattern.scanner(data, start, stop).match, None)  # type: ignore[attr-defined]
    return [record.end() for record in records]


def _with_other_end(
    data: bytes, start: int, stop: int, grammar: Grammar, end: bytes
) -> tuple[list[int], bytes] | None:
    """Good records that end their lines otherwise than most, from `start` on: their ends, and all with `end`."""
    for other, pattern in grammar.good.items():
        if other == end:
            continue
        if ends := _ends_of(data, start, stop, pattern):
            starts = [start, *ends]
            cut = len(other)
            return ends, b"".join(
                data[first : last - cut] + end for first, last in zip(starts, ends, strict=False)
            )
    return None


def _advance(data: bytes, found: Scan, end: int, rows: int) -> None:
    found.lines += count_lines(data, found.end, end)
    found.rows += rows
    found.end = end


def _fault_of(
    data: bytes, start: int, record: Record, grammar: Grammar, dialect: Dialect, bad_byte: int
) -> Fault | None:
    end = record.end or start
    seen, code = len(record.values), record.code
    first_line = line_end(data, start, end) or end
    if code is CsvCode.QUOTE_TRAILING_TEXT and _shapes(data, first_line, end, grammar, any):
        code, end = CsvCode.QUOTE_UNCLOSED, first_line
    if code is None and bad_byte >= end and (seen < dialect.columns or any(record.values[dialect.columns :])):
        code = CsvCode.TOO_FEW_COLUMNS if seen < dialect.columns else CsvCode.TOO_MANY_COLUMNS
        if first_line < end and _shapes(data, first_line, end, grammar, all):
            code, end = CsvCode.QUOTE_UNCLOSED, first_line
    if code is None and bad_byte < end:
        code = CsvCode.ENCODING_INVALID
    if code is None:
        return None
    is_split = code in {CsvCode.TOO_FEW_COLUMNS, CsvCode.TOO_MANY_COLUMNS}
    return Fault(
        code, start, end, seen, record.values if is_split else [], bad_byte if bad_byte < end else None
    )


def _shapes(
    data: bytes, start: int, end: int, grammar: Grammar, needed: Callable[[Sequence[bool]], bool]
) -> bool:
    """Whether any or all of the lines from `start` to `end` are good records by themselves."""
    shapes = []
    while start < end:
        behind = line_end(data, start, end) or end
        match = grammar.clear.match(data, start, behind)
        shapes.append(match is not None and match.end() == behind)
        if shapes[-1] and needed is any:
            return True
        start = behind
    return bool(shapes) and needed(shapes)


def _next_bad_byte(data: bytes, start: int) -> int:
    """Offset of the next byte that is not UTF-8, the length of data when there is none."""
    at, size, block_bytes = start, len(data), _MIN_BLOCK_BYTES
    while at < size:
        block = data[at : at + block_bytes]
        block_bytes = min(block_bytes * 4, _BLOCK_BYTES)  # the next one may be near, or nowhere
        try:
            block.decode()
        except UnicodeDecodeError as error:
            if error.end < len(block) or at + len(block) >= size:
                return at + error.start
            # Cut in the middle of a character, unless it is one that cannot be whole.
            if error.start == 0:
                return at
            at += error.start
        else:
            at += len(block)
    return size


class Lines:
    """The physical line of each record of some bytes, worked out when asked."""

    def __init__(
        self, data: bytes, dialect: Dialect, first_row: int, first_line: int, runs: Sequence[Run]
    ) -> None:
        """first_line: 1-based, of the first run's bytes. runs: by row; their rows and lines count from 0."""
        self._data, self._dialect = data, dialect
        self._first_row, self._first_line = first_row, first_line
        self._runs = runs
        self._starts = [run.row for run in runs]
        self._known: dict[int, list[int]] = {}

    def __call__(self, rows: Sequence[int]) -> list[int]:
        return [self._line_of(row - self._first_row) for row in rows]

    def _line_of(self, row: int) -> int:
        number = bisect_right(self._starts, row) - 1
        run = self._runs[number]
        if row == run.row:
            return self._first_line + run.line
        if number not in self._known:
            self._known[number] = self._lines_in(run)
        lines = self._known[number]
        return self._first_line + run.line + (lines[row - run.row] if lines else row - run.row)

    def _lines_in(self, run: Run) -> list[int]:
        """Lines of the records of a run, counted from its own; empty when each has one."""
        if count_lines(self._data, run.start, run.end) == run.count:
            return []
        inner = self._data[run.start : run.end]
        found = scan(inner, 0, self._dialect, is_last=True, max_faults=run.count + 1)
        patterns = grammar_of(self._dialect).good.values()
        lines: list[int] = []
        for part in found.good:
            lines.append(part.line)
            if part.count == 1:
                continue
            # Its records end alike, though not always as most lines of the run do.
            ends = next(
                ends for pattern in patterns if (ends := _ends_of(inner, part.start, part.end, pattern))
            )
            for start, end in pairwise([part.start, *ends[:-1]]):
                lines.append(lines[-1] + count_lines(inner, start, end))
        return lines
