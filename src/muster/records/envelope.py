"""The body around the records: its small members, and where the array of records stands.

Two ways in. `open_unread` reads everything but the array, which is then read once, by the check of the
records; if anything is odd it gives up, and `open_read` reads the whole body first, to say exactly what is
wrong and at which byte.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

from muster.errors import InputError, Issue
from muster.records.issues import BATCH_CODES, BatchCode
from muster.records.syntax import MAX_DEPTH, TooDeep, is_deeper_than

_AROUND_RECORDS_BYTES = 64 * 1024
"""How far from the ends of the body `open_unread` looks for the ends of the array."""

_WHITE_SPACE = b" \t\r\n"
_RECORDS_BEGIN = re.compile(rb'"records"[ \t\r\n]*+:[ \t\r\n]*+\[')
_RECORDS_END = re.compile(
    rb'\][ \t\r\n]*+(?:\}[ \t\r\n]*+\Z|,[ \t\r\n]*+"(?:upload_name|fields|on_invalid)"[ \t\r\n]*+:)'
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A body taken apart.

    members: `upload_name`, `fields` and `on_invalid` as far as they were sent, as Python values.
    records: the array from `[` to `]`, or what is wrong instead of it. pointer: JSON pointer to the array.
    """

    members: dict[str, Any]
    records: memoryview | BatchCode
    pointer: str


class _Members(msgspec.Struct):
    upload_name: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    on_invalid: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_members = msgspec.json.Decoder(_Members)
_any = msgspec.json.Decoder()
_syntax = msgspec.json.Decoder(msgspec.Raw)


def open_unread(body: bytes) -> Envelope | None:
    """Take a body apart without reading its array of records; None when in doubt.

    Whoever reads the array finds out whether it is JSON, and only then is the body. In place of the array
    stands a word that nobody can guess: when the rest is JSON with that word as the value of `records`, the
    body is JSON with that array as `records`. Raises TooDeep for the rest.
    """
    if _is_bare(body):
        text = body.strip(_WHITE_SPACE)
        return Envelope({}, memoryview(text), "") if text.endswith(b"]") else None
    begin = _RECORDS_BEGIN.search(body, 0, _AROUND_RECORDS_BYTES)
    if begin is None:
        return None
    start = begin.end() - 1
    word = b'"' + secrets.token_hex(16).encode() + b'"'
    for close in _RECORDS_END.finditer(body, max(start, len(body) - _AROUND_RECORDS_BYTES)):
        end = close.start() + 1
        rest = b"".join((body[:start], word, body[end:]))
        try:
            members = _members.decode(rest)
        except (msgspec.DecodeError, RecursionError):
            continue
        if members.records is msgspec.UNSET or bytes(members.records) != word:
            return None
        if is_deeper_than(MAX_DEPTH, rest):
            raise TooDeep
        return Envelope(_small_values(members), memoryview(body)[start:end], "/records")
    return None


def open_read(body: bytes) -> Envelope:
    """Take a body apart after checking the syntax of all of it.

    Raises InputError with the byte position for malformed JSON, and for anything but an object or an array;
    TooDeep, also where only the records are.
    """
    try:
        if _is_bare(body):
            return Envelope({}, memoryview(bytes(_syntax.decode(body)).strip(_WHITE_SPACE)), "")
        members = _members.decode(body)
    except msgspec.ValidationError as error:
        raise refusal(BatchCode.NOT_OBJECT) from error
    except msgspec.DecodeError as error:
        raise refusal(BatchCode.MALFORMED_JSON, f"The body is not JSON: {decode_detail(error)}.") from error
    except RecursionError as error:
        raise TooDeep from error
    if is_deeper_than(MAX_DEPTH, body):
        raise TooDeep
    return Envelope(_small_values(members), _records_of(members), "/records")


def _is_bare(body: bytes) -> bool:
    return body[:1024].lstrip(_WHITE_SPACE).startswith(b"[")


def _records_of(members: _Members) -> memoryview | BatchCode:
    if members.records is msgspec.UNSET:
        return BatchCode.RECORDS_MISSING
    array = memoryview(members.records)
    return array if array[0] == ord("[") else BatchCode.RECORDS_NOT_ARRAY


def _small_values(members: _Members) -> dict[str, Any]:
    raws = {name: getattr(members, name) for name in ("upload_name", "fields", "on_invalid")}
    return {name: _small_value(raw) for name, raw in raws.items() if raw is not msgspec.UNSET}


def _small_value(raw: msgspec.Raw) -> object:
    try:
        return _any.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        # Valid as JSON text but not as a value, such as a number beyond Python's limits: nothing we know.
        return object()


def decode_detail(error: msgspec.DecodeError) -> str:
    """The decoder's own words with the byte position, ready for the middle of a sentence."""
    text = str(error).removeprefix("JSON is malformed: ")
    return text[:1].lower() + text[1:]


def refusal(code: BatchCode, message: str | None = None) -> InputError:
    """A refusal of the body as a whole."""
    text = message or BATCH_CODES[code]
    return InputError(text, code=code, issues=[Issue(None, None, "", code, text)])
