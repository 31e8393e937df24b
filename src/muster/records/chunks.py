"""Cut a batch into checked chunks without ever building its records: the hot path of the product.

Each chunk is about 128 KiB of consecutive records, decoded into the five identifiers only, checked, and
handed on as the exact bytes that were sent. Chunks bound three things at once: memory, how long the
decoder holds the interpreter lock (0.5 ms instead of 25 for 5 MB), and later the bytes that a window of
records has to decompress.

How a chunk is cut without parsing first: jump ahead, find the next `},{` and decode what lies before it as
an array. A JSON parser that accepts the prefix plus `]` stood, at the cut, between two elements of the
array, so the cut is a record boundary; inside a string or a nested value the prefix would not have parsed.
When a guess fails, the rest is cut exactly, at twice the price.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from muster.errors import Issue
from muster.records.envelope import decode_detail
from muster.records.identity import Identity, explain, unidentified
from muster.records.issues import RECORD_CODES, RecordCode, record_issue
from muster.records.syntax import MAX_DEPTH, TooDeep, brackets_opened, invalid_utf8_at, is_deeper_than

CHUNK_BYTES = 128 * 1024

_BOUNDARY = re.compile(rb"\}[ \t\r\n]*+,[ \t\r\n]*+\{")
_identities = msgspec.json.Decoder(list[Identity])
_identity = msgspec.json.Decoder(Identity)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_syntax = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some consecutive records: their exact JSON, separated by commas, without brackets; and how many."""

    json: bytes | memoryview
    records: int


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that was not accepted: why (with its row in the array sent), and its exact JSON or line."""

    issue: Issue
    raw: bytes

    @property
    def is_json(self) -> bool:
        """False for a line that no JSON reader would take."""
        return self.issue.code != RecordCode.MALFORMED


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of the batch: what is accepted, what is not, and how many records it held in all."""

    accepted: Chunk
    rejected: tuple[RejectedRecord, ...]
    received: int


def check_array(array: memoryview, pointer: str) -> Iterator[Checked]:
    """Cut and check the records of one JSON array, in order.

    array: syntactically valid JSON from `[` to `]`, valid UTF-8; pointer: where it stands in the body,
    empty when it is the body. Raises TooDeep.
    """
    start, end, row = 1, len(array) - 1, 0
    while start < end:
        match = _BOUNDARY.search(array, min(start + CHUNK_BYTES, end), end)
        cut = match.start() + 1 if match else end
        try:
            checked = _check(array[start:cut], row, pointer)
        except msgspec.DecodeError:
            yield from _check_exactly(array[start:end], row, pointer)
            return
        yield checked
        row += checked.received
        start = match.end() - 1 if match else end


def _check_exactly(rest: memoryview, row: int, pointer: str) -> Iterator[Checked]:
    raws = iter(_raws.decode(_bracketed(rest)))
    while group := list(_take_bytes(raws, CHUNK_BYTES)):
        yield _check(b",".join(group), row, pointer)
        row += len(group)


def _check(piece: bytes | memoryview, first_row: int, pointer: str) -> Checked:
    """Raises msgspec.DecodeError when `piece` is not a whole number of records."""
    array = _bracketed(piece)
    try:
        identities = _identities.decode(array)
    except msgspec.ValidationError:
        # An identifier that is not text, or a record that is not an object: look at each one.
        raws = _raws.decode(array)
        suspects: Sequence[int] = range(len(raws))
    else:
        suspects = unidentified(identities)
        count = len(identities)
        # A flat record opens one bracket; only with dozens to spare can one of them be too deep.
        if not suspects and brackets_opened(array) - count <= MAX_DEPTH - 3:
            return Checked(Chunk(piece, count), (), count)
        raws = _raws.decode(array)
    levels = MAX_DEPTH - (2 if pointer else 1)
    if any(is_deeper_than(levels, bytes(raw)) for raw in raws):
        raise TooDeep
    rejected = {}
    for index in suspects:
        reason = explain(raws[index])
        if reason is not None:
            issue = record_issue(first_row + index, reason[1], reason[0], prefix=pointer)
            rejected[index] = RejectedRecord(issue, bytes(raws[index]))
    if not rejected:
        return Checked(Chunk(piece, len(raws)), (), len(raws))
    kept = [raw for index, raw in enumerate(raws) if index not in rejected]
    return Checked(Chunk(b",".join(kept), len(kept)), tuple(rejected.values()), len(raws))


def check_lines(body: bytes) -> Iterator[Checked]:
    """Cut and check newline-delimited records, in order; blank lines do not count.

    Nothing about the body is known yet: a line that is not JSON, not UTF-8 or nested too deeply is a
    rejected record, not a refused body.
    """
    every_line = invalid_utf8_at(body) is not None
    start, row, line_number = 0, 0, 1
    while start < len(body):
        cut = body.find(b"\n", start + CHUNK_BYTES)
        piece = bytes(body[start : len(body) if cut < 0 else cut])
        numbered = [
            (number, line)
            for number, text in enumerate(piece.split(b"\n"), line_number)
            if (line := text.strip(b" \t\r"))
        ]
        checked = _check_each_line(numbered, row, every_line)
        yield checked
        row += checked.received
        line_number += piece.count(b"\n") + 1
        start += len(piece) + 1


def _check_each_line(numbered: Sequence[tuple[int, bytes]], first_row: int, every_line: bool) -> Checked:
    lines = [line for _, line in numbered]
    suspects: Sequence[int] = range(len(lines))
    if not every_line and brackets_opened(b"".join(lines)) - len(lines) < MAX_DEPTH:
        try:
            suspects = unidentified([_identity.decode(line) for line in lines])
        except msgspec.DecodeError:
            suspects = range(len(lines))
    rejected = {}
    for index in suspects:
        number, line = numbered[index]
        issue = _line_issue(line, number, first_row + index)
        if issue is not None:
            rejected[index] = RejectedRecord(issue, line)
    kept = [line for index, line in enumerate(lines) if index not in rejected]
    return Checked(Chunk(b",".join(kept), len(kept)), tuple(rejected.values()), len(lines))


def _line_issue(line: bytes, number: int, row: int) -> Issue | None:
    detail = None
    position = invalid_utf8_at(line)
    if position is not None:
        detail = f"it is not UTF-8 at byte {position} of the line"
    else:
        try:
            _syntax.decode(line)
        except msgspec.DecodeError as error:
            detail = decode_detail(error)
        except RecursionError:
            detail = "it is nested too deeply"
        else:
            if is_deeper_than(MAX_DEPTH, line):
                detail = "it is nested too deeply"
    if detail is not None:
        message = f"Line {number}: {detail}. {RECORD_CODES[RecordCode.MALFORMED]}"
        return Issue(row, None, f"/{row}", RecordCode.MALFORMED, message)
    reason = explain(line)
    return None if reason is None else record_issue(row, reason[1], reason[0], prefix="")


def join_records(records: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Records of JSON as chunks of about CHUNK_BYTES: joined by commas, and how many; for `objects/frames.py`."""
    held: list[bytes] = []
    size = 0
    for record in records:
        held.append(record)
        size += len(record)
        if size >= CHUNK_BYTES:
            yield b",".join(held), len(held)
            held, size = [], 0
    if held:
        yield b",".join(held), len(held)


def _bracketed(piece: bytes | memoryview) -> bytes:
    return b"".join((b"[", piece, b"]"))


def _take_bytes(raws: Iterable[msgspec.Raw], limit: int) -> Iterator[msgspec.Raw]:
    size = 0
    for raw in raws:
        yield raw
        size += len(memoryview(raw))
        if size >= limit:
            return
