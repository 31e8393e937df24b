"""Request bodies, undone: compression, size limits, and the three shapes a batch may come in."""

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from .._errors import InvalidRequest, MusterApiError, TooLarge


class UnsupportedBody(MusterApiError):
    """415: a content encoding this fake cannot undo."""


@dataclass(frozen=True, slots=True)
class FakeBatch:
    """A batch as it was sent: the exact JSON of each record."""

    upload_name: str
    records: list[bytes]
    fields: list[str] | None
    on_invalid: str


def decoded(content: bytes, encoding: str | None, *, max_wire_bytes: int, max_decoded_bytes: int) -> bytes:
    """The body before compression; TooLarge over either limit."""
    _check(len(content), max_wire_bytes, "on the wire")
    if encoding in {None, "", "identity"}:
        body = content
    elif encoding == "gzip":
        body = _undone(gzip.decompress, content)
    elif encoding == "deflate":
        body = _undone(zlib.decompress, content)
    elif encoding == "zstd":
        body = _undone(_zstd_decompress, content)
    else:
        raise UnsupportedBody(
            f"Content-Encoding {encoding} is not read here.", status=415, code="unsupported_media_type"
        )
    _check(len(body), max_decoded_bytes, "after decompression")
    return body


def batch_of(body: bytes, *, is_ndjson: bool, query: Mapping[str, str]) -> FakeBatch:
    """The batch in a body: an object with `records`, a bare array, or NDJSON (with `?upload_name=`)."""
    try:
        body.decode()
        if is_ndjson:
            members: dict[str, Any] = dict(query)
            raws = [msgspec.json.decode(line, type=msgspec.Raw) for line in body.splitlines() if line.strip()]
        elif body.lstrip()[:1] == b"[":
            members = dict(query)
            raws = msgspec.json.decode(body, type=list[msgspec.Raw])
        else:
            said = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            if "records" not in said:
                raise _wrong("records_missing", "Give `records`, an array of objects.")
            raws = msgspec.json.decode(said.pop("records"), type=list[msgspec.Raw])
            members = {**query, **{name: msgspec.json.decode(raw) for name, raw in said.items()}}
    except UnicodeDecodeError as error:
        raise _wrong("invalid_utf8", f"The body is not UTF-8 at byte {error.start}.") from error
    except msgspec.ValidationError as error:
        raise _wrong("body_not_object", "The body must be a JSON object, or an array of records.") from error
    except msgspec.DecodeError as error:
        raise _wrong("malformed_json", f"The body is not valid JSON: {error}.") from error
    name = check_name(members.get("upload_name"))
    if not raws:
        raise _wrong("records_empty", "`records` must hold at least one record.")
    return FakeBatch(
        name, [bytes(raw) for raw in raws], members.get("fields"), members.get("on_invalid") or "reject"
    )


def check_name(name: object) -> str:
    """The name of an upload: text of 1 to 100 characters."""
    if name is None:
        raise _wrong("upload_name_missing", "Give the upload a name.")
    if not isinstance(name, str):
        raise _wrong("upload_name_not_text", "The upload's name must be text.")
    if not name:
        raise _wrong("upload_name_empty", "The upload's name must have at least one character.")
    if len(name) > 100:
        raise _wrong("upload_name_too_long", "The upload's name is too long; shorten it to 100.")
    return name


def _wrong(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, status=400, code=code)


def _check(size_bytes: int, limit_bytes: int, where: str) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge(
            f"The body has {size_bytes} bytes {where} and the limit is {limit_bytes}. Send smaller batches.",
            status=413,
            code="payload_too_large",
        )


def _undone(decompress: Any, content: bytes) -> bytes:
    try:
        return bytes(decompress(content))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise _wrong("malformed_body", f"The compressed body is broken: {error}.") from error


def _zstd_decompress(content: bytes) -> bytes:
    try:
        from compression.zstd import decompress  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    except ImportError:
        try:
            from backports.zstd import decompress  # noqa: PLC0415
        except ImportError as error:
            raise UnsupportedBody(
                "This Python has no zstd; install backports.zstd.", status=415, code="unsupported_media_type"
            ) from error
    return bytes(decompress(content))
