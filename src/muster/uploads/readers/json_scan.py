"""Where values of a JSON text end, found without decoding them; exact, and able to say "not yet"."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SPACE: Final = b" \t\r\n"

# Strings are skipped in C. No JSON string holds a line end, so one that seems to is broken.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\\n\r]*+(?:\\[^\n\r][^"\\\n\r]*+)*+")*+([{}\[\]])')
_STRING = re.compile(rb'"[^"\\\n\r]*+(?:\\[^\n\r][^"\\\n\r]*+)*+"')
_SCALAR = re.compile(rb'[^ \t\r\n,:\[\]{}"]++')
_SPACE_RUN = re.compile(rb"[ \t\r\n]*+")
_CLOSERS: Final = {ord("{"): ord("}"), ord("["): ord("]")}
_MAX_OPEN: Final = 100_000


class Stop(StrEnum):
    """Why no end was found."""

    MORE = "more"  # the text ends first
    BROKEN = "broken"


def end_of_value(text: bytes | bytearray, start: int) -> int | Stop:
    """The position behind the JSON value that starts at `start`; its brackets pair, its inside may be wrong."""
    if start >= len(text):
        return Stop.MORE
    first = text[start]
    if first in _CLOSERS:
        return _end_of_nested(text, start)
    if first == ord('"'):
        match = _STRING.match(text, start)
        return match.end() if match else _open_or_broken(text, start)
    match = _SCALAR.match(text, start)
    if match is None:
        return Stop.BROKEN
    return match.end() if match.end() < len(text) else Stop.MORE


def _end_of_nested(text: bytes | bytearray, start: int) -> int | Stop:
    closers = [_CLOSERS[text[start]]]
    position = start + 1
    while closers:
        match = _TO_BRACKET.match(text, position)
        if match is None:
            return _open_or_broken(text, position)
        position = match.end()
        sign = text[position - 1]
        if sign in _CLOSERS:
            closers.append(_CLOSERS[sign])
            if len(closers) > _MAX_OPEN:
                return Stop.BROKEN
        elif sign != closers.pop():
            return Stop.BROKEN
    return position


def _open_or_broken(text: bytes | bytearray, start: int) -> Stop:
    """Whether the string that never ends may still end in text to come."""
    position = start
    while (quote := text.find(b'"', position)) >= 0:
        match = _STRING.match(text, quote)
        if match is None:
            ends = (text.find(b"\n", quote), text.find(b"\r", quote))
            return Stop.MORE if max(ends) < 0 else Stop.BROKEN
        position = match.end()
    return Stop.MORE


def skip_space(text: bytes | bytearray, start: int) -> int:
    """The position of the first byte from `start` on that is no white space."""
    match = _SPACE_RUN.match(text, start)
    return match.end() if match else start


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object whose value is an array of objects. start: position behind its `[`."""

    name: str
    start: int
    size_bytes: int | None  # None: it goes on behind the text


@dataclass(frozen=True, slots=True)
class Members:
    """The arrays of objects in an object. end: position behind the object, None: it goes on."""

    arrays: tuple[Member, ...]
    end: int | None


def members_of(text: bytes, start: int) -> Members:
    """The members of the object at `start` that can hold records, as far as the text goes."""
    found: list[Member] = []
    position = start + 1
    while True:
        position = skip_space(text, position)
        if text[position : position + 1] == b"}":
            return Members(tuple(found), position + 1)
        key = _STRING.match(text, position)
        if key is None:
            return Members(tuple(found), None)
        position = skip_space(text, key.end())
        if text[position : position + 1] != b":":
            return Members(tuple(found), None)
        position = skip_space(text, position + 1)
        end = end_of_value(text, position)
        inside = skip_space(text, position + 1)
        if text[position : position + 1] == b"[" and text[inside : inside + 1] == b"{":
            size = end - position if isinstance(end, int) else None
            found.append(Member(_name(key.group()), position + 1, size))
        if not isinstance(end, int):
            return Members(tuple(found), None)
        position = skip_space(text, end)
        if text[position : position + 1] == b",":
            position += 1


def _name(key: bytes) -> str:
    return key[1:-1].decode(errors="backslashreplace")
