"""One CSV record, read exactly: what its fields are, where it ends, what is wrong with it; pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

import stringzilla as sz

from muster.uploads.readers.dialect import MAX_COLUMNS, Dialect, Grammar

MAX_RECORD_BYTES = 2 * 1024 * 1024
"""A longer record is a reject; one that is quoted and not closed by then counts as never closed."""

_LINE_END = re.compile(rb"\r\n|\n|\r")


class CsvCode(StrEnum):
    """What can be wrong with one row of a CSV file."""

    TOO_FEW_COLUMNS = "too_few_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    QUOTE_UNCLOSED = "quote_unclosed"
    QUOTE_TRAILING_TEXT = "quote_trailing_text"
    ENCODING_INVALID = "encoding_invalid"
    RECORD_TOO_LONG = "record_too_long"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: values of its fields without quotes, and `end`, the offset behind its line end.

    code: what is wrong, if anything. problem_at: the offset where that shows.
    A record that is still going on where the bytes end has no code and `end` None.
    """

    values: list[bytes]
    end: int | None
    code: CsvCode | None = None
    problem_at: int = 0


def line_end(data: bytes, start: int, stop: int) -> int | None:
    """Offset behind the physical line that holds `start`; None when it does not end before `stop`."""
    found = _LINE_END.search(data, start, stop)
    return found.end() if found else None


def count_lines(data: bytes, start: int, stop: int) -> int:
    """Line ends between two offsets, CRLF as one."""
    lines: int = sz.count(data, b"\n", start, stop)
    if returns := sz.count(data, b"\r", start, stop):
        lines += returns - sz.count(data, b"\r\n", start, stop)
    return lines


def read_record(data: bytes, start: int, grammar: Grammar, dialect: Dialect, *, is_last: bool) -> Record:
    """The record at `start`, with however many columns it has.

    data: ends with a line end if is_last; otherwise more bytes follow it, and a record that could go on there
    is given back as unfinished.
    """
    limit = start + MAX_RECORD_BYTES
    stop = min(limit, len(data))
    size = len(data)
    values: list[bytes] = []
    at = start
    delimiter, quote = dialect.delimiter, dialect.quote
    quoted, bare, trail = grammar.quoted, grammar.bare, grammar.trail
    while True:
        opening = field_at = at
        if quoted is not None:
            lead = trail.match(data, at, stop)
            opening = lead.end() if lead else at
        if quoted is not None and data.startswith(quote, opening):
            match = quoted.match(data, opening, stop)
            # A quote at the very end could be the first of a doubled one.
            if match is None or (match.end() >= stop and not (is_last and stop == size)):
                if stop < limit and not is_last:
                    return Record(values, None)
                code = (
                    CsvCode.RECORD_TOO_LONG if _has_long_line(data, start, limit) else CsvCode.QUOTE_UNCLOSED
                )
                return Record(values, _behind_line(data, start), code, opening)
            text = match.group(1)
            values.append(_unescaped(text, dialect))
            behind = trail.match(data, match.end(), stop)
            at = behind.end() if behind else match.end()
        else:
            match = bare.match(data, at, stop)
            at = match.end() if match else at
            values.append(data[field_at:at])
        if at >= stop:
            if stop < limit and not is_last:
                return Record(values, None)
            return Record(values, _behind_line(data, start), CsvCode.RECORD_TOO_LONG, at)
        if data.startswith(delimiter, at):
            at += len(delimiter)
            if len(values) <= MAX_COLUMNS:
                continue
            if not is_last and size - start <= MAX_RECORD_BYTES and line_end(data, at, size) is None:
                return Record(values, None)
            return Record(values, _behind_line(data, start), CsvCode.TOO_MANY_COLUMNS, at)
        letter = data[at]
        if letter == 0x0A:
            return Record(values, at + 1)
        if letter == 0x0D:
            if at + 1 >= size and not is_last:
                return Record(values, None)
            return Record(values, at + 2 if data.startswith(b"\n", at + 1) else at + 1)
        end = line_end(data, at, size)
        if end is None or (data[end - 1] == 0x0D and end == size and not is_last):
            if size - start <= MAX_RECORD_BYTES:
                return Record(values, None)
            return Record(values, _behind_line(data, start), CsvCode.RECORD_TOO_LONG, at)
        return Record(values, end, CsvCode.QUOTE_TRAILING_TEXT, at)


def _has_long_line(data: bytes, start: int, limit: int) -> bool:
    return limit <= len(data) and _LINE_END.search(data, start, limit) is None


def _behind_line(data: bytes, start: int) -> int:
    """Behind the first physical line of a record, or where the bytes end."""
    end = line_end(data, start, len(data))
    return len(data) if end is None else end


def _unescaped(text: bytes, dialect: Dialect) -> bytes:
    if dialect.is_doubling:
        return text.replace(dialect.quote * 2, dialect.quote) if dialect.quote in text else text
    if dialect.escape not in text:
        return text
    # Only quote and escape can be escaped; `\n` in a Windows path is two characters and stays so.
    both = re.escape(dialect.quote), re.escape(dialect.escape)
    return re.sub(b"%b(%b|%b)" % (both[1], *both), rb"\1", text)


def clean_record(values: list[bytes], dialect: Dialect, end: bytes) -> bytes:
    """The record written so that every reader of the dialect reads the same values."""
    quote = dialect.quote
    if quote:
        values = [
            b"".join((quote, value.replace(quote, quote * 2), quote)) if value else b"" for value in values
        ]
    if values == [b""]:
        return quote * 2 + end
    return dialect.delimiter.join(values) + end
