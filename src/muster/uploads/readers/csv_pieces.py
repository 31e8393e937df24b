"""The records of a segment of CSV, piece after piece: the table engine where it is clean, a scan where it is not.

Where a piece ends is a guess; what is read of it proves where its last whole record ends. Small pieces cost less
than a large one: the buffers of one serve the next, and only a piece with a fault is read more than once.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from operator import attrgetter
from queue import SimpleQueue

import pyarrow as pa

from muster.tables.engine import EngineLimits
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
_RETURN = 0x0D


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


class PieceReader:
    """Reads segments piece after piece; `close` when done. Not thread-safe.

    limits: of one engine; each of the `at_once` pieces that are read at the same time has its own.
    piece_bytes, at_once: change nothing about the result.
    """

    def __init__(self, limits: EngineLimits, *, piece_bytes: int, at_once: int) -> None:
        self._piece_bytes = piece_bytes
        self._at_once = at_once
        self._readers = ThreadPoolExecutor(at_once, thread_name_prefix="csv-piece")
        self._engines: SimpleQueue[CsvEngine] = SimpleQueue()
        for _ in range(at_once):
            self._engines.put(CsvEngine(limits))

    def close(self) -> None:
        """Waits for the pieces that are being read."""
        self._readers.shutdown(cancel_futures=True)
        for _ in range(self._at_once):
            self._engines.get().close()

    def read(
        self,
        data: bytes,
        dialect: Dialect,
        *,
        is_last: bool,
        max_faults: int,
        meanwhile: Callable[[], None],
    ) -> Read:
        """The records of `data` up to the last one that is whole, or up to max_faults.

        data: ends with a line end if is_last, else not with half of a CRLF. meanwhile: called once, while the
        first pieces are read.
        """
        reads: list[Read] = []
        coming: deque[tuple[int, Future[Read]]] = deque()
        at, size, faults = 0, self._piece_bytes, 0
        guessed = 0
        while at < len(data) and faults < max_faults:
            # One more than are read at the same time, so that there is always one to go on with.
            while len(coming) <= self._at_once and guessed < len(data):
                start, guessed = guessed, _guessed_end(data, guessed, size, grammar_of(dialect))
                is_end = is_last and guessed == len(data)
                piece = (data, start, guessed, dialect, is_end, max_faults - faults)
                coming.append((guessed, self._readers.submit(self._piece, *piece)))
            meanwhile()
            meanwhile = _nothing
            stop, made = coming.popleft()
            read, is_end = made.result(), stop == len(data)
            if faults + len(read.faults) > max_faults:  # it was begun before those of other pieces were known
                read = self._piece(data, at, stop, dialect, is_last and is_end, max_faults - faults)
            if not read.end and not is_end:
                size *= 2  # one record is longer than the piece
            else:
                reads.append(read)
                at, size, faults = at + read.end, self._piece_bytes, faults + len(read.faults)
                if is_end or read.is_inside_line:
                    break
            if at != stop:  # the cut was not between records, so those behind it are not either
                _give_up(coming)
                guessed = at
        _give_up(coming)
        return _joined(reads)

    def _piece(
        self, data: bytes, start: int, stop: int, dialect: Dialect, is_last: bool, max_faults: int
    ) -> Read:
        engine = self._engines.get()
        try:
            read = _by_engine(data, start, stop, dialect, engine, is_last=is_last)
            if read is None:
                piece = data[start:stop]
                read = _around_faults(piece, dialect, engine, is_last=is_last, max_faults=max_faults)
            return read
        finally:
            self._engines.put(engine)


def _nothing() -> None:
    pass


def _give_up(coming: deque[tuple[int, Future[Read]]]) -> None:
    for _, made in coming:
        made.cancel()
    coming.clear()


def _guessed_end(data: bytes, start: int, size: int, grammar: Grammar) -> int:
    """Where a piece of about `size` bytes ends, probably between two records."""
    while start + size < len(data):
        # Not within a CRLF.
        stop = start + size - (data[start + size - 1] == _RETURN)
        if end := likely_end(data, start, stop, grammar):
            return end
        size *= 2  # there is no line end
    return len(data)


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
        read = None
        if is_clean:
            read = _by_engine(stretch, 0, len(stretch), dialect, engine, is_last=is_last and is_end)
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


def _by_engine(
    data: bytes, start: int, stop: int, dialect: Dialect, engine: CsvEngine, *, is_last: bool
) -> Read | None:
    """The records between two offsets, up to a likely end; what is read counts from `start`."""
    grammar = grammar_of(dialect)
    cut = stop if is_last else likely_end(data, start, stop, grammar)
    table = engine_table(data, start, cut, dialect, engine) if cut > start else None
    if table is None:
        return None
    blank = grammar.blank.match(data, start, cut)
    first = blank.end() if blank else start
    lines = count_lines(data, start, cut)
    good = [Run(0, count_lines(data, start, first), first - start, cut - start, table.num_rows)]
    return Read(table, good, good, [], cut - start, table.num_rows, lines, False)


def likely_end(data: bytes, start: int, stop: int, grammar: Grammar) -> int:
    """Behind the last line that is a record by itself, so hardly within a quoted field; else behind the last line.

    0 when no line ends there.
    """
    mark = b"\n" if data.rfind(b"\n", start, stop) >= 0 else b"\r"
    last = end = data.rfind(mark, start, stop) + 1
    for _ in range(_LIKELY_LINES):
        line = data.rfind(mark, start, max(end - 1, start)) + 1 or start
        found = grammar.clear.match(data, line, end)
        if found is not None and found.end() == end:
            return end
        if line == start:
            break
        end = line
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
