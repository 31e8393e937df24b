"""NDJSON: one object a line, in a file of any size."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from muster.uploads.readers.json_portions import Cuts, Piece, fill_portions
from muster.uploads.readers.json_records import (
    EXCERPT_BYTES,
    MAX_RECORD_BYTES,
    REASONS,
    RECORD_TOO_LARGE,
    Bad,
    Records,
    read_each,
)
from muster.uploads.readers.json_sample import sample_of
from muster.uploads.readers.model import Detected, Layout, Portion, RawFile
from muster.uploads.readers.sources import BOM, CountedFile, decoded_from

_SAMPLE_BYTES = 1024 * 1024


class NdjsonReader:
    """Reads NDJSON. Lines end with LF or CRLF; blank ones do not count; each bad line is a reject."""

    def __init__(self, cuts: Cuts | None = None) -> None:
        self._cuts = cuts or Cuts()

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. Positions count bytes of the decoded file."""
        position = position or {"at": {"byte": 0, "line": 1}, "skip": 0, "row": 0}
        counted = CountedFile(file)
        byte, line = position["at"]["byte"], position["at"]["line"]
        chunks = decoded_from(counted, layout, byte)
        return fill_portions(
            _pieces(chunks, counted, byte, line, self._cuts.piece_bytes),
            skip=position["skip"],
            first_row=position["row"],
            cuts=self._cuts,
            last_done_bytes=file.size_bytes,
        )


def describe(file: RawFile, layout: Layout) -> Detected:
    """The columns and first rows, from the first lines. layout: format, compression and encoding are decided."""
    counted = CountedFile(file)
    pieces = _pieces(decoded_from(counted, layout, 0), counted, 0, 1, _SAMPLE_BYTES)
    first = next(pieces, None)
    return sample_of(layout, first.records if first else None)


def _pieces(
    chunks: Iterator[bytes], file: CountedFile, byte: int, line: int, piece_bytes: int
) -> Iterator[Piece]:
    for text, dropped in _cut_lines(chunks, piece_bytes):
        lines = (text.removeprefix(BOM) if byte == 0 else text).split(b"\n")
        if not lines[-1]:
            lines.pop()
        oversized = lines.pop() if dropped else None
        numbers: Sequence[int] = range(line, line + len(lines))
        kept = [each for each in lines if each and not each.isspace()]
        if len(kept) < len(lines):
            numbers = [number for number, each in zip(numbers, lines, strict=True) if each.strip()]
        records = read_each(kept, text)
        if oversized is not None:
            records = _and_oversized(records, oversized)
            numbers = [*numbers, line + len(lines)]
        yield Piece({"byte": byte, "line": line}, records, len(text), file.done_bytes, numbers)
        byte += len(text) + dropped
        line += len(lines) + (oversized is not None)


def _and_oversized(records: Records, line: bytes) -> Records:
    bad = Bad(records.received, RECORD_TOO_LARGE, REASONS[RECORD_TOO_LARGE], line)
    return replace(records, bad=(*records.bad, bad), received=records.received + 1)


def _cut_lines(chunks: Iterator[bytes], piece_bytes: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines up to the first line end at least `piece_bytes` on; and how many bytes behind them to skip.

    A line over MAX_RECORD_BYTES is never held: its head is the last line given, its other bytes are skipped.
    """
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        while (end := buffer.find(b"\n", piece_bytes - 1) + 1) > 0:
            yield bytes(buffer[:end]), 0
            del buffer[:end]
        if len(buffer) > piece_bytes + MAX_RECORD_BYTES:
            head = bytes(buffer[: buffer.rfind(b"\n") + 1 + EXCERPT_BYTES])
            dropped, rest = _after_line(chunks)
            yield head, len(buffer) - len(head) + dropped
            buffer = bytearray(rest)
    if buffer:
        yield bytes(buffer), 0


def _after_line(chunks: Iterator[bytes]) -> tuple[int, bytes]:
    """How many bytes there are up to the end of the line, and what follows it in the last chunk read."""
    dropped = 0
    for chunk in chunks:
        end = chunk.find(b"\n") + 1
        if end:
            return dropped + end, chunk[end:]
        dropped += len(chunk)
    return dropped, b""
