"""What a strict reader makes of a batch: the standard library's parser, with its leniencies taken away.

Slow, obvious, and written from the contract (API.md, sections 1 and 3), so that the fast parser has something
to disagree with.
"""

import json
from typing import Any

IDENTIFIERS = ("business_email", "personal_email", "email", "domain", "company_domain")
MAX_DEPTH = 64
BOM = b"\xef\xbb\xbf"


class Refused(Exception):
    """The reference refuses the body."""


def read_json(text: bytes) -> Any:
    """The value of a JSON text (RFC 8259); numbers stay text. Raises Refused."""
    try:
        value = json.loads(
            text.decode("utf-8", errors="strict"),
            parse_constant=_refuse_constant,
            parse_int=_Number,
            parse_float=_Number,
        )
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    if _depth(text) > MAX_DEPTH:
        raise Refused("nested too deeply")
    _refuse_surrogates(value)
    return value


class _Number(str):
    """A number as it was written: not text, and never rounded."""

    __slots__ = ()


def _refuse_constant(name: str) -> Any:
    raise Refused(f"{name} is not JSON")


def _depth(text: bytes) -> int:
    deepest = depth = 0
    inside = escaped = False
    for byte in text:
        if inside:
            escaped, inside = (not escaped and byte == ord("\\")), escaped or byte != ord('"')
        elif byte == ord('"'):
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _refuse_surrogates(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Refused("half a surrogate pair") from error
    elif isinstance(value, dict):
        for key, member in value.items():
            _refuse_surrogates(key)
            _refuse_surrogates(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_surrogates(member)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, _Number)


def takes(body: bytes) -> bool:
    """Whether the contract takes this body as a batch in JSON."""
    try:
        batch = read_json(body.removeprefix(BOM))
    except Refused:
        return False
    return isinstance(batch, dict) and _name_fits(batch.get("upload_name")) and _members_fit(batch)


def _members_fit(batch: dict[str, Any]) -> bool:
    records, fields = batch.get("records"), batch.get("fields")
    return (
        isinstance(records, list)
        and len(records) > 0
        and all(map(_is_record, records))
        and (fields is None or (isinstance(fields, list) and all(map(is_text, fields))))
        and batch.get("on_invalid", "reject") == "reject"
    )


def _name_fits(name: Any) -> bool:
    return is_text(name) and 1 <= len(name) <= 100 and "\0" not in name


def _is_record(record: Any) -> bool:
    return isinstance(record, dict) and any(
        is_text(record.get(name)) and bool(str(record[name]).strip()) for name in IDENTIFIERS
    )
