"""The directory of a zip archive, read without unpacking anything."""

import struct
from dataclasses import dataclass
from typing import Final

from muster.errors import InputError
from muster.uploads.readers.model import RawFile

_CENTRAL_HEADER = struct.Struct("<4s6H3I5H2I")
_END_OF_DIRECTORY = struct.Struct("<4s4H2IH")
_ZIP_TAIL_BYTES: Final = 22 + 65_535
_MAX_DIRECTORY_BYTES: Final = 1024 * 1024
_ZIP64: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One file in a zip archive, as its directory tells."""

    name: str
    method: int
    flags: int
    packed_bytes: int
    unpacked_bytes: int
    crc32: int
    header_at: int


def zip_members(file: RawFile) -> list[ZipMember]:
    """The files in a zip archive, directories and the notes of macOS left out.

    Raises InputError: `file_truncated` without a directory, `zip_many_members` when that is over 1 MiB long.
    """
    tail_at = max(file.size_bytes - _ZIP_TAIL_BYTES, 0)
    tail = read_range(file, tail_at, _ZIP_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END_OF_DIRECTORY.size > len(tail):
        raise file_truncated()
    _, _, _, _, count, size, offset, _ = _END_OF_DIRECTORY.unpack_from(tail, at)
    if _ZIP64 in (offset, size) or count == 0xFFFF:
        offset, size = _zip64_directory(file, tail, at)
    if size > _MAX_DIRECTORY_BYTES:
        raise _many_members()
    directory = read_range(file, offset, size)
    members, at = [], 0
    while at + _CENTRAL_HEADER.size <= len(directory):
        head = _CENTRAL_HEADER.unpack_from(directory, at)
        if head[0] != b"PK\x01\x02":
            raise file_damaged()
        name_bytes, extra_bytes, comment_bytes = head[10:13]
        name = directory[at + 46 : at + 46 + name_bytes]
        extra = directory[at + 46 + name_bytes : at + 46 + name_bytes + extra_bytes]
        packed, plain, header_at = _wide_sizes(extra, head[8], head[9], head[16])
        at += 46 + name_bytes + extra_bytes + comment_bytes
        text = name.decode("utf-8", "replace")
        if not text.endswith("/") and not text.startswith("__MACOSX/"):
            members.append(ZipMember(text, head[4], head[3], packed, plain, head[7], header_at))
    return members


def _zip64_directory(file: RawFile, tail: bytes, at: int) -> tuple[int, int]:
    locator = tail[max(at - 20, 0) : at]
    if len(locator) < 20 or locator[:4] != b"PK\x06\x07":
        raise file_damaged()
    (record_at,) = struct.unpack_from("<Q", locator, 8)
    record = read_range(file, record_at, 56)
    if len(record) < 56 or record[:4] != b"PK\x06\x06":
        raise file_damaged()
    size, offset = struct.unpack_from("<QQ", record, 40)
    return offset, size


def _wide_sizes(extra: bytes, packed: int, plain: int, header_at: int) -> tuple[int, int, int]:
    """Sizes over 4 GiB stand in an extra field, only those that do not fit and in this order."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{size // 8}Q", extra.ljust(at + 4 + size, b"\0"), at + 4))
            plain = next(numbers, plain) if plain == _ZIP64 else plain
            packed = next(numbers, packed) if packed == _ZIP64 else packed
            header_at = next(numbers, header_at) if header_at == _ZIP64 else header_at
        at += 4 + size
    return packed, plain, header_at


def only_member(file: RawFile) -> ZipMember:
    """The one file in a zip archive. Raises InputError when there is none, several, or one under a password."""
    members = zip_members(file)
    if len(members) != 1:
        raise _many_members(len(members))
    if members[0].flags & 1:
        raise InputError(
            "The zip file is protected by a password. Send it without one.", code="file_encrypted"
        )
    if members[0].method not in {0, 8}:
        raise InputError(
            "The zip file is packed in a way that is not read here. Pack it with the usual method (deflate).",
            code="zip_unsupported",
        )
    return members[0]


def read_range(file: RawFile, start: int, length: int) -> bytes:
    """Bytes `start` to `start + length`, fewer at the end of the file. For lengths that fit in memory."""
    if length <= 0 or start >= file.size_bytes:
        return b""
    parts, left = [], length
    for chunk in file.stream(start):
        parts.append(chunk[:left])
        left -= len(parts[-1])
        if left <= 0:
            break
    return b"".join(parts)


def file_truncated() -> InputError:
    return InputError(
        "The compressed file ends too early, as if the transfer was cut. Send it again.",
        code="file_truncated",
    )


def file_damaged() -> InputError:
    return InputError(
        "The compressed file is damaged and cannot be unpacked. Pack it again and send it.",
        code="file_damaged",
    )


def _many_members(count: int | None = None) -> InputError:
    seen = "too many" if count is None else str(count) if count else "none"
    return InputError(
        f"A zip file must hold exactly one file; this one holds {seen}. Send each file on its own.",
        code="zip_many_members",
    )
