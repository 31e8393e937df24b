"""Answers of strangers as values: strict about what is JSON, careful about what is text.

Numbers keep the digits they came with: an identifier of twenty digits is not rounded, a price keeps its zeros.
"""

import json
import re
import unicodedata
from typing import Any, Final

import msgspec

from muster.enrichments.provider import Kind
from muster.records.syntax import MAX_DEPTH, is_deeper_than

MAX_TEXT_CHARACTERS: Final = 10_000
"""Longer text is cut here; long identifiers and addresses are far shorter."""
MAX_NUMBER_CHARACTERS: Final = 100

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BLANK: Final = re.compile(r"[\t\n\r]+")
_BOOLEANS: Final = {"true": "true", "false": "false"}


class Unusable(Exception):
    """An answer, or a value in it, that is not what it should be."""


class Number:
    """A JSON number as it was written. No dataclass: the encoder would write those as objects."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def read_document(body: bytes, content_type: str | None) -> Any:
    """What is in the body: dict, list, str, Number, bool or None. Raises Unusable."""
    if not _says_json(content_type):
        raise Unusable
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable from error
    try:
        document = json.loads(text, parse_float=Number, parse_int=Number, parse_constant=_constant)
    except (ValueError, RecursionError) as error:  # far too deep: the decoder gives up soon
        raise Unusable from error
    if is_deeper_than(MAX_DEPTH, body):
        raise Unusable
    return document


def text_of(value: Any, kind: Kind) -> str | None:
    """A value of an answer as a cell holds it; None where there is nothing. Raises Unusable where it is not of the kind.

    Objects and arrays become compact JSON.
    """
    match kind:
        case Kind.BOOLEAN:
            return _boolean(value)
        case Kind.NUMBER:
            return _number_text(value)
        case Kind.TEXT:
            return clean(_as_text(value))


def number_of(value: Any) -> float | None:
    """A number of an answer for reckoning; None when it is none."""
    if isinstance(value, Number) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
        text = value.text if isinstance(value, Number) else value.strip()
        return float(text) if len(text) <= MAX_NUMBER_CHARACTERS else None
    return None


def clean(text: str) -> str | None:
    """Text without control characters and halves of characters, composed (NFC), cut at MAX_TEXT_CHARACTERS.

    None when nothing visible is left. Tabs and line ends become blanks.
    """
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = _CONTROL.sub("", _BLANK.sub(" ", text))
    return text.strip()[:MAX_TEXT_CHARACTERS].strip() or None


def _says_json(content_type: str | None) -> bool:
    """Whether a header allows the body to be JSON: says so, says text, or says nothing."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return media_type in {"", "application/json", "text/json", "text/plain"} or media_type.endswith("+json")


def _constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Number):
        if len(value.text) > MAX_NUMBER_CHARACTERS:
            raise Unusable
        return value.text
    try:
        return msgspec.json.encode(value, enc_hook=_raw).decode()
    except UnicodeEncodeError as error:  # half a character inside an object
        raise Unusable from error


def _raw(value: Any) -> Any:
    return msgspec.Raw(value.text.encode())


def _boolean(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.strip().lower() in _BOOLEANS:
        return value.strip().lower()
    raise Unusable


def _number_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = value.text if isinstance(value, Number) else value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text) or len(text) > MAX_NUMBER_CHARACTERS or abs(float(text)) == float("inf"):
        raise Unusable
    return text
