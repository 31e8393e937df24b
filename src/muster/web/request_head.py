"""What an HTTP/1.1 request head must look like before anybody else sees it. Pure.

The parser (llhttp) already refuses most broken framing; this file adds the rules it leaves open, because two
readers that frame the same bytes differently is how requests are smuggled (RFC 9112, sections 3.2, 6 and 11.2).
Every refusal carries the status and the words of the answer, so the connection has nothing to decide.
"""

import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass

Headers = Sequence[tuple[bytes, bytes]]

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(:[0-9]{0,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_LENGTH = re.compile(rb"[0-9]{1,15}")  # 15 digits are a petabyte; more is an attack on somebody's integer


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer given before the application was asked."""

    status: int
    code: str
    message: str


class Refused(Exception):
    """Raised inside parser callbacks; the connection answers with `refusal` and closes."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(status, code, message)


@dataclass(frozen=True, slots=True)
class Head:
    """A request head that passed.

    path: percent-decoded, always starts with a slash. raw_path and query: as sent, without `?`.
    host: the authority of an absolute-form target, which replaces the Host header; None otherwise.
    content_length: announced body bytes, 0 without a body; None when the body is chunked.
    """

    path: str
    raw_path: bytes
    query: bytes
    host: bytes | None
    content_length: int | None

    @property
    def has_body(self) -> bool:
        return self.content_length is None or self.content_length > 0


def check_head(target: bytes, http_version: str, headers: Headers) -> Head:
    """Refuse what could be read in two ways; headers have lower-case names and trimmed values.

    Raises Refused with 400; 505 is not used, because no 5xx is ever the client's fault here.
    """
    if http_version not in {"1.0", "1.1"}:
        raise Refused(400, "http_version_unsupported", "Send the request as HTTP/1.1.")
    content_length = _framing(http_version, headers)
    _check_host(http_version, headers)
    host, origin = _origin_form(target)
    raw_path, _, query = origin.partition(b"?")
    return Head(
        path=_decoded(raw_path, origin),
        raw_path=raw_path,
        query=query,
        host=host,
        content_length=content_length,
    )


def _framing(http_version: str, headers: Headers) -> int | None:
    """Announced body bytes, or None for a chunked body (RFC 9112, section 6)."""
    lengths = [value for name, value in headers if name == b"content-length"]
    encodings = [value for name, value in headers if name == b"transfer-encoding"]
    if encodings:
        if lengths:
            raise Refused(
                400, "framing_conflict", "Send either Content-Length or Transfer-Encoding, never both."
            )
        if encodings[0].lower() != b"chunked" or len(encodings) > 1 or http_version == "1.0":
            raise Refused(
                400,
                "transfer_encoding_unsupported",
                "The only Transfer-Encoding accepted is `chunked`, once, over HTTP/1.1; "
                "compressed bodies are announced by Content-Encoding.",
            )
        return None
    if not lengths:
        return 0
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise Refused(
            400, "content_length_invalid", "Content-Length must be one plain decimal number of bytes."
        )
    return int(lengths[0])


def _check_host(http_version: str, headers: Headers) -> None:
    """Exactly one sane Host in HTTP/1.1, at most one before (RFC 9112, section 3.2)."""
    hosts = [value for name, value in headers if name == b"host"]
    if not hosts and http_version == "1.0":
        return
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise Refused(400, "host_invalid", "Send exactly one Host header with the name of this server.")


def _origin_form(target: bytes) -> tuple[bytes | None, bytes]:
    """(authority or None, path and query): origin-form, or absolute-form as RFC 9112, section 3.2.2 demands."""
    authority = None
    if match := _ABSOLUTE.fullmatch(target):
        authority, target = match[1], match[2]
        if not _HOST.fullmatch(authority):
            raise Refused(400, "target_invalid", "The address in the request line names no valid host.")
        if not target.startswith(b"/"):
            target = b"/" + target
    if not target.startswith(b"/") or b"#" in target:
        raise Refused(400, "target_invalid", "The request line must name a path that starts with a slash.")
    return authority, target


def _decoded(raw_path: bytes, origin: bytes) -> str:
    """The path as text; every percent-escape of path and query must be whole and mean UTF-8 text without NUL."""
    if (broken := _BROKEN_ESCAPE.search(origin)) is not None:
        raise Refused(
            400,
            "address_malformed",
            f"The address has a `%` without two hexadecimal digits at byte {broken.start()}; "
            "write a percent sign as %25.",
        )
    decoded = urllib.parse.unquote_to_bytes(origin)
    if b"\0" in decoded:
        raise Refused(400, "address_malformed", "The address must not contain %00.")
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(
            400,
            "address_malformed",
            f"The percent-escapes of the address are not UTF-8 (byte {error.start} after decoding).",
        ) from error
    return urllib.parse.unquote(raw_path.decode("ascii"))
