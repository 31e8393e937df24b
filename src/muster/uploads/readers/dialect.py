"""The grammar of one kind of CSV as compiled patterns; pure.

A record ends at CRLF, LF or CR outside quotes. A field is one of

- quoted: spaces, a quote, any text with quotes doubled (or escaped), a quote, spaces;
- bare: any other text without delimiter and line end; a quote in the middle of it is just a character.

Spaces around a quoted field do not count; those of a bare one do. Columns beyond the expected number are let
pass when they are empty: nothing is lost.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from muster.errors import InputError
from muster.uploads.readers.model import Layout

MAX_COLUMNS = 20_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates and quotes, as UTF-8. quote is empty: quotes mean nothing. escape equals quote: doubled."""

    delimiter: bytes
    quote: bytes
    escape: bytes
    columns: int

    @property
    def is_doubling(self) -> bool:
        """Whether a quote in quoted text is written twice, which the table engine reads too."""
        return self.escape == self.quote


@dataclass(frozen=True, slots=True)
class Grammar:
    """Patterns over UTF-8 bytes.

    good: by line end, one record with the right number of columns that the table engine reads alike.
    clear: the same with any line end and without a quote in a bare field, so hardly a piece of quoted text.
    quoted: the inside of a quoted field, at a quote. bare: a bare field. blank: lines that do not count.
    lead: what may stand before an opening quote. trail: what may stand behind a closing one.
    """

    good: dict[bytes, re.Pattern[bytes]]
    clear: re.Pattern[bytes]
    quoted: re.Pattern[bytes] | None
    bare: re.Pattern[bytes]
    blank: re.Pattern[bytes]
    trail: re.Pattern[bytes]


def dialect_of(layout: Layout, columns: int) -> Dialect:
    """The dialect of a layout. Raises InputError (`dialect_invalid`) for one no grammar can have."""
    delimiter, quote = layout.delimiter.encode(), layout.quote.encode()
    escape = layout.escape.encode() or quote
    marks = [mark for mark in (delimiter, quote) if mark]
    if (
        not delimiter
        or len(layout.delimiter) > 4
        or len(layout.quote) > 1
        or len(layout.escape) > 1
        or len(set(marks)) != len(marks)
        or any(mark in b"\r\n" or b"\n" in mark or b"\r" in mark for mark in [*marks, escape] if mark)
        or (quote and (quote in delimiter or quote == b" "))
        or (quote and escape and escape in delimiter)
    ):
        raise InputError(
            "A delimiter is one to four characters, quote and escape are one character or empty; "
            "delimiter and quote differ and none is a line end.",
            code="dialect_invalid",
        )
    if columns > MAX_COLUMNS:
        raise InputError(f"A table has at most {MAX_COLUMNS} columns.", code="columns_too_many")
    return Dialect(delimiter, quote, escape if quote else b"", columns)


@lru_cache(maxsize=32)
def grammar_of(dialect: Dialect) -> Grammar:
    """The patterns of a dialect."""
    delimiter = re.escape(dialect.delimiter)
    bare_rest = (
        b"[^%b\\r\\n]*+" % delimiter if len(dialect.delimiter) == 1 else b"(?:(?!%b)[^\\r\\n])*+" % delimiter
    )
    any_end = b"(?:\\r\\n|\\n|\\r)"
    spaces = b" " if dialect.delimiter == b"\t" else b"\\t" if dialect.delimiter == b" " else b" \\t"
    blank = b"(?:[\\r\\n]++|[%b]++[\\r\\n])++" % spaces if dialect.columns > 1 else b"[\\r\\n]++"
    quoted = None
    if dialect.quote:
        quote, escape = re.escape(dialect.quote), re.escape(dialect.escape)
        single = len(dialect.quote) == 1 and len(dialect.escape) == 1
        if not single:
            text = (
                b"(?:%b%b|(?!%b)[\\s\\S])*+" % (quote, quote, quote)
                if dialect.is_doubling
                else b"(?:%b[\\s\\S]|(?!%b)[\\s\\S])*+" % (escape, quote)
            )
        elif dialect.is_doubling:
            text = b"[^%b]*+(?:%b%b[^%b]*+)*+" % (quote, quote, quote, quote)
        else:
            text = b"[^%b%b]*+(?:%b[\\s\\S][^%b%b]*+)*+" % (quote, escape, escape, quote, escape)
        quoted = b"%b(%b)%b" % (quote, text, quote)
        # A bare field must not begin like a quoted one: without this a stray quote would be taken as text.
        lead = b"" if dialect.delimiter.startswith(b" ") else b" *+"
        bare = b"(?!%b%b)%b" % (lead, quote, bare_rest)
        clear = b"(?:(?!%b|%b)[^\\r\\n])*+" % (delimiter, quote)
        whole = quoted.replace(b"(%b)" % text, text) + b"(?=%b|[\\r\\n])" % delimiter
        field, clear_field = b"(?>%b|%b)" % (bare, whole), b"(?>%b|%b)" % (whole, clear)
        empties = b"(?:%b(?:%b%b(?=%b|[\\r\\n]))?+)*+" % (delimiter, quote, quote, delimiter)
    else:
        field = clear_field = bare_rest
        empties = b"(?:%b)*+" % delimiter
    record = b"(?![\\r\\n])%b(?:%b%%b){%d}%b" % (b"%b", delimiter, dialect.columns - 1, empties)
    good = record % (field, field)
    return Grammar(
        good={
            b"\n": re.compile(good + b"\\n"),
            b"\r\n": re.compile(good + b"\\r\\n"),
            b"\r": re.compile(good + b"\\r(?!\\n)"),
        },
        clear=re.compile(record % (clear_field, clear_field) + any_end),
        quoted=re.compile(quoted) if quoted else None,
        bare=re.compile(bare_rest),
        blank=re.compile(blank),
        trail=re.compile(b" *+" if not dialect.delimiter.startswith(b" ") else b""),
    )
