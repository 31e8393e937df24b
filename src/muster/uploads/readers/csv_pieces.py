"""The records of a segment of CSV, piece after piece: the table engine where it is clean, a scan where it is not.

Where a piece ends is a guess; what is read of it proves where its last whole record ends. Small pieces cost less
than a large one: the buffers of one serve the next, and only a piece with a fault is read more than once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import pyarrow as pa

from muster.tables.read_csv import CsvEngine
from muster.uploads.readers.csv_records import count_lines
from muster.uploads.readers.csv_rejects import Fault
from muster.uploads.readers.csv_scan import Run, scan
from muster.uploads.readers.csv_table import clean_table, engine_table, fault_offsets
from muster.uploads.readers.dialect import Dialect, Grammar, grammar_of

_AROUND_BYTES = 4 * 1024
_CLEAN_BYTES = 512 * 1024
"""Less between two faults is scanned with them: to ask the engine costs as much."""
_LIKELY_LINES = 200


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some bytes. good: runs of good records; runs: these and the faults, by row.

    end: behind the last record or blank line that is decided. is_inside_line: see `Scan`.
    """

    table: pa.Table
    good: list[Run]
    runs: list[Run]
    faults: list[Fault]
    end: int
    rows: int
    lines: int
    is_inside_line: bool


def read_pieces(
    data: bytes, dialect: Dialect, engine: CsvEngine, *, is_last: bool, piece_bytes: int, max_faults: int
) -> Read:
    """The records of `data` up to the last one that is whole, or up to max_faults.

    data: ends with a line end if is_last, else not with half of a CRLF. piece_bytes changes nothing about the result.
    """
    reads: list[Read] = []
    at, size, faults = 0, piece_bytes, 0
    while at < len(data) and faults < max_faults:
        stop = min(at + size, len(data))
        is_end = stop == len(data)
        piece = data[at:stop] if is_end else data[at:stop].removesuffix(b"\r")
        read = _by_engine(piece, dialect, engine, is_last=is_last and is_end) or _around_faults(
            piece, dialect, engine, is_last=is_last and is_end, max_faults=max_faults - faults
        )
        if not read.end and not is_end:
            size *= 2  # one record is longer than the piece
            continue
        reads.append(read)
        at, size, faults = at + read.end, piece_bytes, faults + len(read.faults)
        if is_end or read.is_inside_line:
            break
    return _joined(reads)


def _around_faults(
    data: bytes, dialect: Dialect, engine: CsvEngine, *, is_last: bool, max_faults: int
) -> Read:
    """A piece with a fault: scanned where the engine says one is; what is between goes through it again."""
    reads: list[Read] = []
    at = faults = 0
    for stop, is_clean in _stretches(fault_offsets(data, dialect, engine), data):
        if stop <= at or faults >= max_faults:
            continue
        is_end = stop == len(data)
        stretch = data[at:stop] if is_end else data[at:stop].removesuffix(b"\r")
        read = _by_engine(stretch, dialect, engine, is_last=is_last and is_end) if is_clean else None
        if read is None:
            read = _by_scan(
                stretch, dialect, engine, is_last=is_last and is_end, max_faults=max_faults - faults
            )
        if read.end:
            reads.append(read)
        at, faults = at + read.end, faults + len(read.faults)
        if read.is_inside_line:
            break
    if not reads:
        return _by_scan(data, dialect, engine, is_last=is_last, max_faults=max_faults)
    return _joined(reads)


def _stretches(offsets: Sequence[int], data: bytes) -> list[tuple[int, bool]]:
    """Where stretches of the bytes end, and whether each should be clean: the surroundings of faults are not."""
    around: list[list[int]] = []
    for offset in offsets:
        start = data.rfind(b"\n", 0, offset) + 1
        end = data.find(b"\n", offset + _AROUND_BYTES) + 1 or len(data)
        if around and start - around[-1][1] < _CLEAN_BYTES:
            around[-1][1] = max(end, around[-1][1])
        else:
            around.append([start, end])
    stretches: list[tuple[int, bool]] = []
    for start, end in around:
        stretches += [(start, True), (end, False)]
    return [*stretches, (len(data), bool(stretches))]


def _by_engine(data: bytes, dialect: Dialect, engine: CsvEngine, *, is_last: bool) -> Read | None:
    grammar = grammar_of(dialect)
    cut = len(data) if is_last else _likely_end(data, grammar)
    table = engine_table(data, cut, dialect, engine) if cut else None
    if table is None:
        return None
    blank = grammar.blank.match(data, 0, cut)
    start = blank.end() if blank else 0
    good = [Run(0, count_lines(data, 0, start), start, cut, table.num_rows)]
    return Read(table, good, good, [], cut, table.num_rows, count_lines(data, 0, cut), False)


def _likely_end(data: bytes, grammar: Grammar) -> int:
    """Behind the last line that is a record by itself, so hardly within a quoted field; else behind the last line."""
    mark = b"\n" if b"\n" in data else b"\r"
    last = end = data.rfind(mark) + 1
    for _ in range(_LIKELY_LINES):
        start = data.rfind(mark, 0, max(end - 1, 0)) + 1
        found = grammar.clear.match(data, start, end)
        if found is not None and found.end() == end:
            return end
        if not start:
            break
        end = start
    return last


def _by_scan(data: bytes, dialect: Dialect, engine: CsvEngine, *, is_last: bool, max_faults: int) -> Read:
    found = scan(data, 0, dialect, is_last=is_last, max_faults=max_faults)
    bad = [Run(fault.row, fault.line, fault.start, fault.end, 1) for fault in found.faults]
    return Read(
        clean_table(data, found, dialect, engine),
        found.good,
        sorted([*found.good, *bad], key=attrgetter("row")),
        found.faults,
        found.end,
        found.rows,
        found.lines,
        found.is_inside_line,
    )


def _joined(reads: Sequence[Read]) -> Read:
    """What was read of pieces that follow each other, as of one."""
    if len(reads) == 1:
        return reads[0]
    good: list[Run] = []
    runs: list[Run] = []
    faults: list[Fault] = []
    end = rows = lines = 0
    for read in reads:
        good += [run.moved(rows, lines, end) for run in read.good]
        runs += [run.moved(rows, lines, end) for run in read.runs]
        faults += [fault.moved(rows, lines, end) for fault in read.faults]
        end, rows, lines = end + read.end, rows + read.rows, lines + read.lines
    table = pa.concat_tables([read.table for read in reads])
    return Read(table, good, runs, faults, end, rows, lines, reads[-1].is_inside_line)
