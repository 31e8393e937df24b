"""JSON texts to records, or to what is wrong with them, one by one where it must be."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from muster.records.envelope import decode_detail
from muster.records.issues import RECORD_CODES, RecordCode
from muster.records.syntax import MAX_DEPTH, brackets_opened, invalid_utf8_at, is_deeper_than
from muster.uploads.readers.json_columns import Record

MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
MAX_COLUMNS: Final = 10_000
MAX_NAME_CHARACTERS: Final = 1_000
NO_NAME: Final = "(no name)"
"""The column of a key that is empty."""
EXCERPT_BYTES: Final = 64 * 1024
"""How much of a record over MAX_RECORD_BYTES is kept with its reject."""

RECORD_EMPTY: Final = "record_empty"
RECORD_TOO_LARGE: Final = "record_too_large"
TOO_MANY_COLUMNS: Final = "too_many_columns"
COLUMN_NAME_TOO_LONG: Final = "column_name_too_long"
JSON_BROKEN_REST: Final = "json_broken_rest"

REASONS: Final[dict[str, str]] = {
    RecordCode.NOT_OBJECT: RECORD_CODES[RecordCode.NOT_OBJECT],
    RECORD_EMPTY: "The record has no values; leave it out, or give it some.",
    RECORD_TOO_LARGE: f"The record is larger than {MAX_RECORD_BYTES // 2**20} MiB; make it smaller.",
    TOO_MANY_COLUMNS: f"The record has more than {MAX_COLUMNS} values; leave some out.",
    COLUMN_NAME_TOO_LONG: f"A column name is longer than {MAX_NAME_CHARACTERS} characters; shorten it.",
}


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that is none: its index among those it was read with, code, reason, text as received.

    values: its columns, where they can be told apart.
    """

    index: int
    code: str
    reason: str
    original: bytes
    values: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Consecutive records of a file. received = len(good) + len(bad), always.

    indexes: where each of `good` stood among them, in order.
    """

    good: Sequence[Record]
    indexes: Sequence[int]
    bad: Sequence[Bad]
    received: int
    may_be_empty: bool

    def from_index(self, start: int) -> "Records":
        """Those from index `start` on, counted from 0 again."""
        return self._between(start, self.received)

    def up_to(self, stop: int) -> "Records":
        """The first `stop` of them."""
        return self._between(0, stop)

    def _between(self, start: int, stop: int) -> "Records":
        if (start, stop) == (0, self.received):
            return self
        kept = [number for number, index in enumerate(self.indexes) if start <= index < stop]
        return Records(
            [self.good[number] for number in kept],
            [self.indexes[number] - start for number in kept],
            [replace(bad, index=bad.index - start) for bad in self.bad if start <= bad.index < stop],
            stop - start,
            self.may_be_empty,
        )


_array = msgspec.json.Decoder(list[dict[str, Any]], float_hook=msgspec.Raw)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_record = msgspec.json.Decoder(dict[str, Any], float_hook=msgspec.Raw)
_syntax = msgspec.json.Decoder(msgspec.Raw)
_refused = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# The one integer whose digits a Python int does not keep.
_MINUS_ZERO = re.compile(rb"-0[ \t\r\n]*[,\]}]|-0\Z")


def is_array(piece: bytes) -> bool:
    """Whether JSON values separated by commas are a whole number of them; quick, as nothing is decoded."""
    try:
        _syntax.decode(b"".join((b"[", piece, b"]")))
    except _refused:
        return False
    return True


def read_array(piece: bytes | memoryview) -> Records | None:
    """Records separated by commas, without brackets; None when it is not a whole number of JSON values."""
    text = b"".join((b"[", piece, b"]"))
    try:
        records = _array.decode(text)
    except _refused:
        try:
            raws = _raws.decode(text)
        except _refused:
            return None
        return read_each([bytes(raw) for raw in raws])
    if _is_plain(records, text, MAX_DEPTH + 1):
        return _all_good(records, b'""' in text)
    return read_each([bytes(raw) for raw in _raws.decode(text)])


def read_each(texts: Sequence[bytes], joined: bytes | None = None) -> Records:
    """One record for each text, whatever the text is. joined: all of them with white space between."""
    if joined is None:
        joined = b"\n".join(texts)
    may_be_empty = b'""' in joined
    try:
        records = list(map(_record.decode, texts))
    except _refused:
        pass
    else:
        if _is_plain(records, joined, MAX_DEPTH):
            return _all_good(records, may_be_empty)
    good: list[Record] = []
    indexes: list[int] = []
    bad: list[Bad] = []
    for index, text in enumerate(texts):
        record = read_record(text)
        if isinstance(record, dict):
            good.append(record)
            indexes.append(index)
        else:
            kept = text if len(text) <= MAX_RECORD_BYTES else text[:EXCERPT_BYTES]
            bad.append(Bad(index, *record, kept))
    return Records(good, indexes, bad, len(texts), may_be_empty)


def _all_good(records: Sequence[Record], may_be_empty: bool) -> Records:
    return Records(records, range(len(records)), (), len(records), may_be_empty)


def _is_plain(records: Sequence[Record], text: bytes, levels: int) -> bool:
    """Whether records that were decoded together need no second look at each one."""
    if len(text) > MAX_RECORD_BYTES:
        return False
    # A flat record opens one bracket; only with dozens to spare can one of them be too deep.
    if brackets_opened(text) - len(records) > MAX_DEPTH - 3 and is_deeper_than(levels, text):
        return False
    if b"-0" in text and _MINUS_ZERO.search(text):
        return False
    sizes = set(map(len, records))
    return 0 not in sizes and max(sizes, default=0) <= MAX_COLUMNS and _plain_names(records)


def _plain_names(records: Sequence[Record]) -> bool:
    names: dict[str, Any] = {}
    for record in records:
        if record.keys() != names.keys():
            if "" in record or max(map(len, record)) > MAX_NAME_CHARACTERS:
                return False
            names = record
    return True


def read_record(text: bytes) -> Record | tuple[str, str]:
    """One record, or the code and the reason why it is none; never raises."""
    if len(text) > MAX_RECORD_BYTES:
        return _bad(RECORD_TOO_LARGE)
    position = invalid_utf8_at(text)
    if position is not None:
        return _malformed(f"it is not UTF-8 at byte {position} of the record")
    try:
        _syntax.decode(text)
        if is_deeper_than(MAX_DEPTH, text):
            return _malformed("it is nested too deeply")
        # Slow, and exact where Python's integers are not: `-0`, and thousands of digits.
        record = json.loads(text, parse_int=msgspec.Raw, parse_float=msgspec.Raw, strict=False)
    except msgspec.DecodeError as error:
        return _malformed(decode_detail(error))
    except (ValueError, RecursionError):
        return _malformed("it cannot be read")
    if not isinstance(record, dict):
        return _bad(RecordCode.NOT_OBJECT)
    if not record:
        return _bad(RECORD_EMPTY)
    if len(record) > MAX_COLUMNS:
        return _bad(TOO_MANY_COLUMNS)
    if max(map(len, record)) > MAX_NAME_CHARACTERS:
        return _bad(COLUMN_NAME_TOO_LONG)
    return {name or NO_NAME: value for name, value in record.items()} if "" in record else record


def _malformed(detail: str) -> tuple[str, str]:
    return RecordCode.MALFORMED, f"This is not a JSON record: {detail}. Send complete JSON objects."


def _bad(code: str) -> tuple[str, str]:
    return code, REASONS[code]
