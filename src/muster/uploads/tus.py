"""The words of tus 1.0.0 (https://tus.io/protocols/resumable-upload): headers in, headers out; pure."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from muster.clock import rfc3339
from muster.errors import Conflict, InputError, Issue, UnsupportedMedia
from muster.records.parse import name_problem
from muster.uploads.file_model import FileWish, UploadFile, clean_file_name, clean_media_type

VERSION: Final = "1.0.0"
EXTENSIONS: Final = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "termination",
    "checksum",
    "expiration",
)
CHUNK_TYPE: Final = "application/offset+octet-stream"
ALGORITHMS: Final[Mapping[str, Callable[[], Any]]] = {
    # For finding damage on the way, not for keeping anybody out.
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
}
REQUEST_HEADERS: Final = (
    "Tus-Resumable",
    "Upload-Length",
    "Upload-Defer-Length",
    "Upload-Metadata",
    "Upload-Offset",
    "Upload-Checksum",
)
ANSWER_HEADERS: Final = (
    "Tus-Resumable",
    "Tus-Version",
    "Tus-Extension",
    "Tus-Checksum-Algorithm",
    "Tus-Max-Size",
    "Location",
    "Upload-Offset",
    "Upload-Length",
    "Upload-Defer-Length",
    "Upload-Metadata",
    "Upload-Expires",
)
MAX_METADATA_BYTES: Final = 8192
_MAX_DIGITS = 18

STATUS_OF_CODE: Final[Mapping[str, int]] = {
    # tus asks for statuses the rest of the API has no use for.
    "tus_version_unsupported": 412,
    "upload_expired": 410,
    "upload_locked": 423,
    "checksum_mismatch": 460,
}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes

    def verified(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces unchanged; raises Conflict (`checksum_mismatch`) at their end when they hash to another."""
        state = ALGORITHMS[self.algorithm]()
        for piece in pieces:
            state.update(piece)
            yield piece
        if state.digest() != self.digest:
            raise Conflict(
                "The bytes do not have the checksum that came with them, so they were dropped. Send them again.",
                code="checksum_mismatch",
            )


@dataclass(frozen=True, slots=True)
class Creation:
    """A resumable upload to be made. length_bytes: None when told later. metadata: to be echoed."""

    length_bytes: int | None
    metadata: Mapping[str, str | None]
    wish: FileWish


def check_version(given: str | None) -> None:
    """Raise Conflict (`tus_version_unsupported`) unless the client speaks our version."""
    if given != VERSION:
        raise Conflict(
            f"Send the header `Tus-Resumable: {VERSION}`; it is the only version spoken here.",
            code="tus_version_unsupported",
        )


def check_chunk_type(content_type: str | None) -> None:
    """Raise UnsupportedMedia unless the body is a piece of a file."""
    if (content_type or "").partition(";")[0].strip().lower() != CHUNK_TYPE:
        raise UnsupportedMedia(f"Send the bytes of the file as `Content-Type: {CHUNK_TYPE}`.")


def refuse_encoding(content_encoding: str | None) -> None:
    """Raise UnsupportedMedia for a compressed body: offsets count the bytes of the file."""
    if (content_encoding or "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMedia(
            "Send the bytes of the file as they are, without Content-Encoding; a compressed file is fine.",
            code="unsupported_content_encoding",
        )


def parse_creation(length: str | None, deferred: str | None, metadata: str | None) -> Creation:
    """Upload-Length, Upload-Defer-Length and Upload-Metadata. Raises InputError.

    Metadata read here: filename, filetype, upload_name, auto; all others are kept and echoed.
    """
    if (length is None) == (deferred is None) or deferred not in {None, "1"}:
        raise refused(
            "Upload-Length",
            "upload_length_invalid",
            "Send either `Upload-Length` or `Upload-Defer-Length: 1`.",
        )
    told = parse_metadata(metadata)
    upload_name = told.get("upload_name")
    if upload_name is not None and (problem := name_problem(upload_name)) is not None:
        raise InputError(problem.message, code=problem.code, issues=[problem])
    auto = told.get("auto")
    if auto not in {None, "true", "false"}:
        raise refused("Upload-Metadata", "parameter_invalid", "`auto` is `true` or `false`.")
    wish = FileWish(
        upload_name=upload_name,
        file_name=clean_file_name(told.get("filename")),
        media_type=clean_media_type(told.get("filetype")),
        is_auto=auto != "false",
    )
    return Creation(None if length is None else parse_length(length), told, wish)


def parse_length(text: str) -> int:
    """Upload-Length in bytes. Raises InputError."""
    return _number("Upload-Length", "upload_length_invalid", text)


def parse_offset(text: str | None) -> int:
    """Upload-Offset in bytes. Raises InputError."""
    return _number("Upload-Offset", "upload_offset_invalid", text)


def parse_metadata(header: str | None) -> dict[str, str | None]:
    """`key base64,key base64,key`: text by key, None for a key without a value. Raises InputError."""
    told: dict[str, str | None] = {}
    if header is None or not header.strip():
        return told
    if len(header) > MAX_METADATA_BYTES:
        raise _metadata_refused(f"it may have {MAX_METADATA_BYTES} bytes")
    for pair in header.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key or not key.isascii() or not key.isprintable() or key in told:
            raise _metadata_refused("each pair needs a key of its own in ASCII")
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode() if encoded else None
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            raise _metadata_refused("each value is UTF-8 text in base64") from error
        if value is not None and "\x00" in value:
            raise _metadata_refused("no value may hold a NUL character")
        told[key] = value
    return told


def metadata_header(metadata: Mapping[str, str | None]) -> str:
    """The header that `parse_metadata` reads."""
    return ",".join(
        key if value is None else f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in metadata.items()
    )


def parse_checksum(header: str | None) -> Checksum | None:
    """`algorithm base64`; None when there is none. Raises InputError."""
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != ALGORITHMS[algorithm]().digest_size:
        raise refused(
            "Upload-Checksum",
            "checksum_invalid",
            f"`Upload-Checksum` is one of {', '.join(ALGORITHMS)} and the digest in base64.",
        )
    return Checksum(algorithm, digest)


def state_headers(file: UploadFile) -> dict[str, str]:
    """Where the upload stands, as every answer about it says."""
    headers = {"Upload-Offset": str(file.received_bytes)}
    if file.expires_at is not None and not file.is_complete:
        headers["Upload-Expires"] = format_datetime(file.expires_at, usegmt=True)
    return headers


def describing_headers(file: UploadFile) -> dict[str, str]:
    """Everything HEAD tells."""
    headers = state_headers(file)
    if file.length_bytes is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(file.length_bytes)
    if file.metadata:
        headers["Upload-Metadata"] = metadata_header(file.metadata)
    return headers


def expired_message(at: datetime) -> str:
    return f"This upload was not finished in time and is gone since {rfc3339(at)}. Start a new one."


def refused(header: str, code: str, message: str) -> InputError:
    """What is wrong with a header."""
    return InputError(message, code=code, issues=[Issue(None, header, "", code, message)])


def _number(header: str, code: str, text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        raise refused(header, code, f"`{header}` is a plain number of bytes.")
    return int(text)


def _metadata_refused(what: str) -> InputError:
    return refused("Upload-Metadata", "upload_metadata_invalid", f"`Upload-Metadata` cannot be read: {what}.")
