"""JSON: an array of objects of any size, an object around such an array, or objects one after another.

Pieces are cut by guess and proof, as `records/chunks.py` does, over a window that moves along the file; where
a guess fails, the ends of records are found exactly. A record that is no JSON is a reject, and reading goes on
behind it when its end is certain: where its brackets pair, or at the next line that begins a record with the
same indent, as no JSON string runs over a line end. Otherwise all that is left is one reject.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from muster.uploads.readers.json_portions import Cuts, Piece, fill_portions
from muster.uploads.readers.json_records import (
    EXCERPT_BYTES,
    JSON_BROKEN_REST,
    Bad,
    Records,
    is_array,
    read_array,
    read_each,
)
from muster.uploads.readers.json_sample import sample_of
from muster.uploads.readers.json_scan import SPACE, Stop, end_of_value
from muster.uploads.readers.json_shape import HEAD_BYTES, Form, shape_of
from muster.uploads.readers.model import Detected, Layout, Portion, RawFile
from muster.uploads.readers.sources import CountedFile, decoded_from

_BOUNDARY = re.compile(rb"\}[ \t\r\n]*+,[ \t\r\n]*+\{")
_GUESS_BYTES: Final = 64 * 1024
"""How far behind the wished end of a piece an end is guessed."""
_MAX_GUESSES: Final = 8
_MAX_HELD_BYTES: Final = 64 * 1024 * 1024


class JsonReader:
    """Reads JSON that is not one record a line. Positions count bytes of the decoded file."""

    def __init__(self, cuts: Cuts | None = None) -> None:
        self._cuts = cuts or Cuts()

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. `layout.sheet` names the member that holds the records, where there are several."""
        if position is None:
            head, is_whole = _head(file, layout)
            shape = shape_of(head, is_whole=is_whole, member=layout.sheet)
            position = {"at": {"byte": shape.start, "form": shape.form.value}, "skip": 0, "row": 0}
        counted = CountedFile(file)
        byte = position["at"]["byte"]
        window = _Window(decoded_from(counted, layout, byte), byte)
        return fill_portions(
            _pieces(window, counted, Form(position["at"]["form"]), self._cuts.piece_bytes),
            skip=position["skip"],
            first_row=position["row"],
            cuts=self._cuts,
            last_done_bytes=file.size_bytes,
        )


def describe(file: RawFile, layout: Layout) -> Detected:
    """The columns and first rows, and which member holds the records. layout: all but `sheet` is decided.

    Raises InputError as the reader does.
    """
    head, is_whole = _head(file, layout)
    shape = shape_of(head, is_whole=is_whole, member=layout.sheet)
    counted = CountedFile(file)
    window = _Window(decoded_from(counted, layout, shape.start), shape.start)
    piece = next(_pieces(window, counted, shape.form, _GUESS_BYTES), None)
    guess = shape.guess if shape.form is Form.MEMBER else None
    layout = replace(layout, sheet=shape.guess.value)
    return sample_of(layout, piece.records if piece else None, guess=guess, members=shape.members)


def _head(file: RawFile, layout: Layout) -> tuple[bytes, bool]:
    window = _Window(decoded_from(file, layout, 0), 0)
    window.hold(HEAD_BYTES + 1)
    return bytes(window.text[:HEAD_BYTES]), len(window.text) <= HEAD_BYTES


class _Window:
    """A part of the file in memory. byte: where it starts."""

    def __init__(self, chunks: Iterator[bytes], byte: int) -> None:
        self._chunks = chunks
        self.byte = byte
        self.text = bytearray()
        self.at_end = False

    def hold(self, size: int) -> None:
        """Have at least `size` bytes in memory, or all there are."""
        while len(self.text) < size and not self.at_end:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.at_end = True
            else:
                self.text += chunk

    def move(self, count: int) -> None:
        del self.text[:count]
        self.byte += count


@dataclass(frozen=True, slots=True)
class _Cut:
    """Some records and the bytes they end behind. is_last: nothing follows that could be one."""

    records: Records
    size_bytes: int
    is_last: bool = False


def _pieces(window: _Window, file: CountedFile, form: Form, piece_bytes: int) -> Iterator[Piece]:
    is_last = False
    while not is_last:
        window.hold(piece_bytes + _GUESS_BYTES)
        start = {"byte": window.byte, "form": form.value}
        cut = (_guess(window, piece_bytes) if form is not Form.OBJECTS else None) or _exact(
            window, form, piece_bytes
        )
        window.move(cut.size_bytes)
        is_last = cut.is_last
        if cut.records.received:
            yield Piece(start, cut.records, cut.size_bytes, file.done_bytes)


def _guess(window: _Window, piece_bytes: int) -> _Cut | None:
    """A piece up to a likely end, if decoding proves that it is one."""
    likely = _BOUNDARY.finditer(window.text, piece_bytes, piece_bytes + _GUESS_BYTES)
    for end in [match.start() + 1 for match in islice(likely, _MAX_GUESSES)]:
        text = bytes(window.text[:end]).lstrip(SPACE + b",")
        # Where nested objects are listed most guesses fail, so they are tested before anything is made of them.
        if is_array(text) and (records := read_array(text)) is not None:
            return _Cut(records, end)
    return None


def _exact(window: _Window, form: Form, piece_bytes: int) -> _Cut:
    """A piece up to the end of the first record that reaches `piece_bytes`; up to the end when there is none."""
    texts: list[bytes] = []
    position = 0
    while position < piece_bytes:
        start = _next_start(window, position)
        if start >= len(window.text):
            return _at_end_of_file(window, form, texts, position)
        if window.text[start] == ord("]") and form is not Form.OBJECTS:
            return _at_end_of_array(window, form, texts, start + 1)
        held = _held_end(window, start)
        end = _next_line_start(window, start) if held is Stop.BROKEN else held
        if end is None or isinstance(end, Stop):
            return _broken(texts, window, start, "is broken at")
        texts.append(bytes(window.text[start:end]).rstrip(SPACE + b","))
        position = end
    return _Cut(read_each(texts), position)


def _next_start(window: _Window, position: int) -> int:
    while True:
        while position < len(window.text) and window.text[position] in b" \t\r\n,":
            position += 1
        if position < len(window.text) or window.at_end:
            return position
        window.hold(len(window.text) + 1)


def _held_end(window: _Window, start: int) -> int | Stop:
    """Behind the value at `start`, with more of the file in memory if need be: twice as much each time."""
    while (end := end_of_value(window.text, start)) is Stop.MORE:
        if window.at_end:
            # A bare number may end the file; anything else was cut off.
            return len(window.text) if window.text[start] not in b'{["' else Stop.MORE
        if len(window.text) - start > _MAX_HELD_BYTES:
            return Stop.MORE
        window.hold(2 * len(window.text) + 1)
    return end


def _next_line_start(window: _Window, start: int) -> int | None:
    """Where the next line begins a record with the same indent as the line of `start`, if that begins one."""
    before = window.text.rfind(b"\n", 0, start)
    line = bytes(window.text[before + 1 : start + 1])
    indent = line[: len(line) - len(line.lstrip(b" \t"))]
    if before < 0 or not line.startswith(indent + b"{"):
        return None
    window.hold(start + _GUESS_BYTES)
    found = window.text.find(b"\n" + indent + b"{", start, start + _GUESS_BYTES)
    return None if found < 0 else found + 1


def _at_end_of_file(window: _Window, form: Form, texts: list[bytes], position: int) -> _Cut:
    if form is Form.OBJECTS:
        return _Cut(read_each(texts), len(window.text), is_last=True)
    return _broken(texts, window, position, "ends before its array does, at")


def _at_end_of_array(window: _Window, form: Form, texts: list[bytes], position: int) -> _Cut:
    if form is Form.ARRAY:
        rest = _next_start(window, position)
        if rest < len(window.text):
            return _broken(texts, window, rest, "goes on behind its array at")
    return _Cut(read_each(texts), position, is_last=True)


def _broken(texts: list[bytes], window: _Window, position: int, what: str) -> _Cut:
    """The records so far, and one reject for all the rest."""
    window.hold(position + EXCERPT_BYTES)
    records = read_each(texts)
    reason = (
        f"The JSON {what} byte {window.byte + position}; nothing from there on could be read. "
        "Correct the file there and send the rest again."
    )
    excerpt = bytes(window.text[position : position + EXCERPT_BYTES])
    bad = Bad(records.received, JSON_BROKEN_REST, reason, excerpt)
    rest = replace(records, bad=(*records.bad, bad), received=records.received + 1)
    return _Cut(rest, len(window.text), is_last=True)
