"""The records of a JSON array of any size, one at a time, as the bytes they are in the file.

The file is read in windows. Python's own scanner finds where each element ends and its text is cut out as it
stands; the values it builds on the way are thrown away. Memory is one window, or the largest single record.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NoReturn

from ._errors import InvalidRequest

WINDOW_BYTES = 4 * 1024 * 1024
LARGEST_RECORD_BYTES = 256 * 1024 * 1024

_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER_A_VALUE = " \t\r\n,:]}"  # and nothing at all, at the end of the window
_RECORDS_MEMBER = '"records"'
_NO_ARRAY = "it must hold an array of records, or an object with the array in `records`"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


# Numbers stay text: building them costs time and may fail (an integer of 5,000 digits).
_scanner = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)


def records_in_array(
    file: BinaryIO, on_progress: Callable[[int], None], *, name: str, window_bytes: int = WINDOW_BYTES
) -> Iterator[bytes]:
    """Yield each element of the array, or of the array in `records` of the object, that `file` holds.

    on_progress is told the bytes read so far. Raises InvalidRequest, naming the record, where the text stops
    being JSON. What follows the array of an object is read to the end but not used.
    """
    text = _Window(file, on_progress, name, window_bytes)
    in_object = text.peek() == "{"
    if in_object:
        text.take()
        _go_to_records(text)
    if text.peek() != "[":
        text.fail(_NO_ARRAY)
    text.take()
    row = 0
    while text.peek() != "]" or row:
        yield text.value(f"record {row}").encode()
        row += 1
        if text.peek() != ",":
            break
        text.take()
    if text.peek() != "]":
        text.fail(f"after record {row - 1}: a comma or the end of the array is missing")
    text.take()
    if in_object:
        _pass_the_rest(text)
    if text.peek():
        text.fail("something follows after the end")


def _go_to_records(text: "_Window") -> None:
    """Pass the members of an object up to the value of `records`."""
    while text.peek() != "}":
        if _member_name(text) == _RECORDS_MEMBER:
            return
        text.value("a member")
        if text.peek() != ",":
            break
        text.take()
    text.fail(_NO_ARRAY)


def _pass_the_rest(text: "_Window") -> None:
    """Read the members after `records`, so that a cut-off file does not pass for a whole one."""
    while text.peek() == ",":
        text.take()
        _member_name(text)
        text.value("a member")
    if text.peek() != "}":
        text.fail("the end of the object is missing")
    text.take()


def _member_name(text: "_Window") -> str:
    name = text.value("a member's name")
    if text.peek() != ":":
        text.fail("a colon is missing after a member's name")
    text.take()
    return name


class _Window:
    """The part of the file's text that is in memory."""

    def __init__(
        self, file: BinaryIO, on_progress: Callable[[int], None], name: str, window_bytes: int
    ) -> None:
        self._file = file
        self._on_progress = on_progress
        self._name = name
        self._window_bytes = window_bytes
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._bytes = 0
        self._is_over = False

    def peek(self) -> str:
        """Skip white space; the next character, empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self) -> None:
        """Go over the character that `peek` showed."""
        self._at += 1

    def value(self, what: str) -> str:
        """The text of the value that starts here."""
        self.peek()
        while True:
            try:
                _, end = _scanner.raw_decode(self._text, self._at)
                if self._text[end : end + 1] not in _AFTER_A_VALUE:
                    raise ValueError("it does not end where it should")  # `1.` of `1.5`, for example
            except (ValueError, RecursionError) as error:
                # Broken, or only cut off by the end of the window: more text tells.
                if len(self._text) - self._at > LARGEST_RECORD_BYTES or not self._more():
                    self.fail(f"{what}: {_plainly(error)}")
                continue
            # A value that ends with the window may go on behind it (`12` of `123`).
            if end < len(self._text) or not self._more():
                found = self._text[self._at : end]
                self._at = end
                return found

    def fail(self, reason: str) -> NoReturn:
        raise InvalidRequest(f"{self._name} is not valid JSON: {reason}.", code="file_unusable")

    def _more(self) -> bool:
        """Read on, at least doubling what is held, so that one huge record is not scanned too often."""
        if self._is_over:
            return False
        self._text = self._text[self._at :]
        self._at = 0
        piece = self._file.read(max(self._window_bytes, len(self._text)))
        self._bytes += len(piece)
        self._is_over = not piece
        try:
            self._text += self._decode.decode(piece, final=self._is_over)
        except UnicodeDecodeError as error:
            raise InvalidRequest(
                f"{self._name} is not UTF-8 near byte {self._bytes - len(piece) + error.start}.",
                code="file_unusable",
            ) from error
        self._on_progress(self._bytes)
        return True


def _plainly(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its values are nested too deeply"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)
