"""Rejected rows as the server keeps them: NDJSON with the record's own columns and `_row`, `_code`, `_reason`,
`_field`, `_line`.

A record that was no JSON object comes as `_value`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from ._address import upload_path
from ._connection import Connection
from ._errors import ServerError
from ._model import RejectedRecord

NDJSON = {"Accept": "application/x-ndjson"}

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_rejects(connection: Connection, upload_id: str) -> Iterator[RejectedRecord]:
    """Every rejected row of one upload, in input order, streamed."""
    with connection.stream("GET", upload_path(upload_id, "/rejects"), headers=NDJSON) as pieces:
        for line in lines_of(pieces):
            yield _rejected(line)


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a streamed body, without their ends; blank ones are left out."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest


class _Place(NamedTuple):
    field: str | None
    line: int | None


def _rejected(line: bytes) -> RejectedRecord:
    try:
        members = _members.decode(line)
        row, code, reason = (
            _plain(members.pop(name, None), default) for name, default in _ABOUT_THE_ROW.items()
        )
        field, number = (members.pop(name, None) for name in ("_field", "_line"))
        place = _Place(
            None if field is None else msgspec.json.decode(field, type=str | None),
            None if number is None else msgspec.json.decode(number, type=int | None),
        )
    except msgspec.DecodeError as error:
        raise ServerError(
            "The address answered rejected rows in a way this client does not understand.",
            code="not_muster",
        ) from error
    if len(members) == 1 and "_value" in members:  # the record was no object
        return RejectedRecord(row, code, reason, bytes(members["_value"]), *place)
    body = b",".join(msgspec.json.encode(name) + b":" + bytes(value) for name, value in members.items())
    return RejectedRecord(row, code, reason, b"{%b}" % body, *place)


_ABOUT_THE_ROW: dict[str, Any] = {"_row": -1, "_code": "error", "_reason": ""}


def _plain(value: msgspec.Raw | None, default: Any) -> Any:
    return default if value is None else msgspec.json.decode(value, type=type(default))
