"""Rows of clean CSV as columns of text: by the table engine, by the exact parser where that cannot."""

import re
from collections.abc import Iterable
from itertools import chain

import pyarrow as pa
import stringzilla as sz
from typing_extensions import TypedDict

from muster.tables.read_csv import CsvEngine
from muster.uploads.readers.csv_records import MAX_RECORD_BYTES, read_record
from muster.uploads.readers.csv_scan import Scan, line_end_of
from muster.uploads.readers.dialect import Dialect, grammar_of

_BLANK_LINE = re.compile(rb"\A[\r\n]|\n[\r\n]|\r\r")
_BATCH_VALUES = 200_000


class _How(TypedDict):
    columns: int
    delimiter: str
    quote: str
    max_record_bytes: int


def engine_table(data: bytes, start: int, end: int, dialect: Dialect, engine: CsvEngine) -> pa.Table | None:
    """The records of `data` from `start` to `end` as columns of large_string, None when any of them is not clean.

    Before `start` is the end of a line, or nothing.
    """
    if not _engine_reads(dialect) or _is_read_differently(data, start, end, dialect):
        return None
    return _by_engine([memoryview(data)[start:end]], line_end_of(data, start, end), dialect, engine)


def clean_table(data: bytes, found: Scan, dialect: Dialect, engine: CsvEngine) -> pa.Table:
    """The good records of a scan as columns of large_string, in order."""
    if _engine_reads(dialect):
        view = memoryview(data)
        pieces = (found.clean.get(run.start) or view[run.start : run.end] for run in found.good)
        table = _by_engine(pieces, line_end_of(data), dialect, engine)
        if table is not None and table.num_rows == found.good_rows:
            return table
    return _by_parser(data, found, dialect)


def _engine_reads(dialect: Dialect) -> bool:
    # With another escape character the engine drops it before any letter (`C:\\temp` would lose its backslash),
    # and with a delimiter of several bytes it takes some faulty rows.
    return dialect.is_doubling and len(dialect.delimiter) == 1 and len(dialect.quote) <= 1


def _is_read_differently(data: bytes, start: int, end: int, dialect: Dialect) -> bool:
    """Whether the engine could read this without a fault, but not as it is meant (a hint: often it is fine).

    It joins `"a" "b"` into `a b`, takes one space before a quote for none but two for text, can drop a space
    behind a lone CR among CRLF, and where there is one column it reads a blank line as a record and a line of a
    different end as two.
    """
    quote = dialect.quote
    if quote and _has_odd_quotes(data, start, end, quote, dialect.delimiter):
        return True
    returns = sz.count(data, b"\r", start, end)
    feeds = sz.count(data, b"\n", start, end) if returns else 0
    pairs = sz.count(data, b"\r\n", start, end) if feeds else 0
    if feeds and returns != pairs:
        return True
    return dialect.columns == 1 and (_BLANK_LINE.search(data[start:end]) is not None or 0 < pairs < feeds)


def _has_odd_quotes(data: bytes, start: int, end: int, quote: bytes, delimiter: bytes) -> bool:
    """Whether two blanks stand before a quote, or a run of quotes before a blank is odd or stands at a field's start."""
    # Without one of these there is neither, and these are searched twenty times faster than any pattern.
    if all(sz.find(data, sign + quote, start, end) < 0 for sign in (b"  ", quote + b" ")):
        return False
    before = frozenset(delimiter + b"\n\r ")
    done = start
    # A pattern that begins with one fixed byte, which is rare, is searched thirty times faster than any other;
    # and one search for both costs little more than either.
    pattern = re.compile(b"%b(?:%b*+ |(?<=  %b))" % ((re.escape(quote),) * 3))
    for run in pattern.finditer(data, start, end):
        first, last = run.span()
        if data[last - 1] != 0x20:
            return True
        if (last - first) % 2 == 0 or first == start or (first > done and data[first - 1] in before):
            return True
        done = last
    return False


def fault_offsets(data: bytes, dialect: Dialect, engine: CsvEngine) -> list[int]:
    """Where in `data` the engine finds faults, ascending; hints of where to look closely, no more."""
    if not _engine_reads(dialect):
        return []
    behind = _hand_over([data], line_end_of(data), dialect, engine)
    found = engine.faults(**_how(dialect))
    return [offset - behind for offset in found if offset >= behind]


def _by_engine(
    pieces: Iterable[bytes | memoryview], end: bytes, dialect: Dialect, engine: CsvEngine
) -> pa.Table | None:
    _hand_over(pieces, end, dialect, engine)
    table = engine.read(**_how(dialect))
    return None if table is None else table.slice(1)


def _how(dialect: Dialect) -> _How:
    return {
        "columns": dialect.columns,
        "delimiter": dialect.delimiter.decode(),
        "quote": dialect.quote.decode(),
        "max_record_bytes": MAX_RECORD_BYTES,
    }


def _hand_over(pieces: Iterable[bytes | memoryview], end: bytes, dialect: Dialect, engine: CsvEngine) -> int:
    """Give the engine the pieces to read; returns how many bytes of ours stand before them."""
    # A first row of ours, dropped again: it tells the engine the line end, and keeps it from taking
    # a byte order mark in the middle of a file for one at its start.
    first = dialect.delimiter.join([b"x"] * dialect.columns) + end
    engine.take(chain([first], pieces))
    return len(first)


def _by_parser(data: bytes, found: Scan, dialect: Dialect) -> pa.Table:
    grammar = grammar_of(dialect)
    names = [f"c{number}" for number in range(dialect.columns)]
    schema = pa.schema([(name, pa.large_string()) for name in names])
    batch_rows = max(_BATCH_VALUES // dialect.columns, 1)
    tables: list[pa.Table] = []
    rows: list[list[bytes]] = []

    def flush() -> None:
        columns = (
            pa.array([value.decode() or None for value in values], pa.large_string())
            for values in zip(*rows, strict=True)
        )
        tables.append(pa.table(list(columns), schema=schema))
        rows.clear()

    for run in found.good:
        at = run.start
        while at < run.end:
            record = read_record(data, at, grammar, dialect, is_last=True)
            rows.append(record.values[: dialect.columns])
            at = record.end or run.end
            if len(rows) >= batch_rows:
                flush()
    if rows:
        flush()
    return pa.concat_tables(tables) if tables else schema.empty_table()
