"""Rows of clean CSV as columns of text: by the table engine, by the exact parser where that cannot."""

import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
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


def engine_table(data: bytes, end: int, dialect: Dialect, engine: CsvEngine) -> pa.Table | None:
    """The records of `data` up to `end` as columns of large_string, None when any of them is not clean."""
    if not _engine_reads(dialect) or _is_read_differently(data, dialect):
        return None
    return _by_engine([memoryview(data)[:end]], line_end_of(data), dialect, engine)


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


def _is_read_differently(data: bytes, dialect: Dialect) -> bool:
    """Whether the engine could read this without a fault, but not as it is meant (a hint: often it is fine).

    It joins `"a" "b"` into `a b`, takes one space before a quote for none but two for text, can drop a space
    behind a lone CR among CRLF, and where there is one column it reads a blank line as a record and a line of a
    different end as two.
    """
    quote = dialect.quote
    if quote and _has_odd_quotes(data, quote, dialect.delimiter):
        return True
    returns = data.count(b"\r") if b"\r" in data else 0  # a look is ten times faster than counting none
    feeds = data.count(b"\n") if returns else 0
    pairs = data.count(b"\r\n") if feeds else 0
    if feeds and returns != pairs:
        return True
    return dialect.columns == 1 and (_BLANK_LINE.search(data) is not None or 0 < pairs < feeds)


def _has_odd_quotes(data: bytes, quote: bytes, delimiter: bytes) -> bool:
    """Whether two blanks stand before a quote, or a run of quotes before a blank is odd or stands at a field's start."""
    before = frozenset(delimiter + b"\n\r ")
    done = 0
    # A pattern that begins with one fixed byte, which is rare, is searched thirty times faster than any other;
    # and one search for both costs little more than either.
    for run in re.finditer(b"%b(?:%b*+ |(?<=  %b))" % ((re.escape(quote),) * 3), data):
        start, end = run.span()
        if data[end - 1] != 0x20:
            return True
        if (end - start) % 2 == 0 or not start or (start > done and data[start - 1] in before):
            return True
        done = end
    return False


def fault_offsets(data: bytes, dialect: Dialect, engine: CsvEngine) -> list[int]:
    """Where in `data` the engine finds faults, ascending; hints of where to look closely, no more."""
    if not _engine_reads(dialect):
        return []
    with _as_file([data], line_end_of(data), dialect, engine) as (path, behind):
        found = engine.faults(path, **_how(dialect))
    return [offset - behind for offset in found if offset >= behind]


def _by_engine(
    pieces: Iterable[bytes | memoryview], end: bytes, dialect: Dialect, engine: CsvEngine
) -> pa.Table | None:
    with _as_file(pieces, end, dialect, engine) as (path, _):
        table = engine.read(path, **_how(dialect))
    return None if table is None else table.slice(1)


def _how(dialect: Dialect) -> _How:
    return {
        "columns": dialect.columns,
        "delimiter": dialect.delimiter.decode(),
        "quote": dialect.quote.decode(),
        "max_record_bytes": MAX_RECORD_BYTES,
    }


@contextmanager
def _as_file(
    pieces: Iterable[bytes | memoryview], end: bytes, dialect: Dialect, engine: CsvEngine
) -> Iterator[tuple[Path, int]]:
    """The pieces as a file that lives as long as the block, and how many bytes of ours stand before them."""
    engine.scratch.mkdir(parents=True, exist_ok=True)
    path = engine.scratch / f"segment-{secrets.token_hex(6)}.csv"
    # A first row of ours, dropped again: it tells the engine the line end, and keeps it from taking
    # a byte order mark in the middle of a file for one at its start.
    first = dialect.delimiter.join([b"x"] * dialect.columns) + end
    try:
        with path.open("wb") as file:
            file.write(first)
            file.writelines(pieces)
        yield path, len(first)
    finally:
        path.unlink(missing_ok=True)


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
