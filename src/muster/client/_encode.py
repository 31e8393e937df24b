"""One record in, its exact JSON out, or a reason why not.

A record that cannot be JSON is found here, by its number, before anything is sent: inside a batch of 50,000
it would cost all the others. msgspec writes NaN as null and a set as an array; a record is never changed
silently, so only plain JSON values take that fast road (0.3 µs a record) and all others the standard
library's strict one (3 µs).
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

MAX_DEPTH = 62
"""Levels a record may nest: the 64 of a body (API.md, section 1) less its object and its array."""

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_PLAIN = {str, int, bool, type(None)}
_PLAIN_OR_FLOAT = {*_PLAIN, float}

_fast = msgspec.json.Encoder()
_strict = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_syntax = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that cannot be sent: `code`, a sentence, and what there is of it as bytes."""

    code: str
    message: str
    raw: bytes


def encode_record(record: object) -> bytes | BadRecord:
    """The record's JSON in UTF-8; bytes are checked and passed on unchanged.

    Whether it is an object and identifies somebody is the server's to say.
    """
    if isinstance(record, BadRecord):
        return record
    if isinstance(record, bytes | bytearray | memoryview):
        return _shallow(_checked(bytes(record)))
    if not isinstance(record, Mapping):
        return _not_json(record, f"it is a {type(record).__name__}, not a mapping or bytes")
    try:
        return _shallow(_encoded(record if type(record) is dict else dict(record)))
    except RecursionError:
        return _not_json(record, "its values are nested too deeply")
    except (TypeError, ValueError, OverflowError) as error:  # UnicodeEncodeError is a ValueError
        return _not_json(record, _reason(error))


def _encoded(record: dict[object, object]) -> bytes:
    if set(map(type, record)) <= {str}:
        kinds = set(map(type, record.values()))
        if kinds <= _PLAIN:
            return _fast.encode(record)
        if kinds <= _PLAIN_OR_FLOAT and all(
            math.isfinite(value) for value in record.values() if isinstance(value, float)
        ):
            return _fast.encode(record)
    else:
        # The standard library would write True as "true" and 1 as "1": two keys may become one.
        raise TypeError("a name is not text")
    return _strict.encode(record).encode()


def _checked(raw: bytes) -> bytes | BadRecord:
    try:
        raw.decode()
        _syntax.decode(raw)
    except UnicodeDecodeError as error:
        return BadRecord("record_not_json", f"The record is not UTF-8 at byte {error.start}.", raw)
    except msgspec.DecodeError as error:
        return BadRecord("record_not_json", f"The record is not valid JSON: {error}.", raw)
    except RecursionError:
        return BadRecord("record_not_json", "The record's values are nested too deeply.", raw)
    return raw


def _shallow(raw: bytes | BadRecord) -> bytes | BadRecord:
    """Refuse a record nested so deeply that the server would refuse the whole body because of it."""
    # Counting brackets is an upper bound, and all that most records need.
    if (
        isinstance(raw, BadRecord)
        or raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH
        or _depth(raw) <= MAX_DEPTH
    ):
        return raw
    return BadRecord("record_too_deep", f"The record nests deeper than {MAX_DEPTH} levels; flatten it.", raw)


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(raw):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "a text holds a lone surrogate, which UTF-8 cannot carry"
    if "Out of range float" in str(error):
        return "a number is NaN or infinite"
    return str(error)


def _not_json(record: object, reason: str) -> BadRecord:
    try:
        shown = repr(record)
    except RecursionError:
        shown = type(record).__name__
    return BadRecord(
        "record_not_json", f"The record cannot be sent as JSON: {reason}.", shown.encode("utf-8", "replace")
    )
