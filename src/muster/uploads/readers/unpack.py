"""Unpacks stored files as a stream, with limits that no bomb gets past; constant memory."""

import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from muster.errors import InputError
from muster.uploads.readers.model import Compression, RawFile
from muster.uploads.readers.zip_archive import file_damaged, file_truncated, only_member, read_range

if sys.version_info >= (3, 14):  # pragma: no cover - the same module under its later name
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES: Final = 1024 * 1024
"""The most bytes given at a time."""

_FEED_BYTES: Final = 64 * 1024
_MAX_EMPTY_MEMBERS: Final = 10_000
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_MAX_ZSTD_WINDOW_LOG: Final = 27
"""128 MiB: what `zstd --long` packs with and the most its own tools unpack without being asked."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """When to stop unpacking.

    max_bytes: of unpacked text. max_ratio: unpacked to packed; a table of one repeated row packs 1:700 or so,
    which is honest, so the ratio counts only beyond ratio_from_bytes.
    """

    max_bytes: int = 1024**4
    max_ratio: int = 1_000
    ratio_from_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Some unpacked bytes, and how many bytes of the stored file had been read to get them."""

    data: bytes
    stored_bytes: int


def compression_of(head: bytes) -> Compression:
    """Which compression the first bytes of a file show; an XLSX file is a zip too and shows as one."""
    if head.startswith(b"\x1f\x8b\x08"):
        return Compression.GZIP
    if head.startswith(b"\x28\xb5\x2f\xfd") or (
        head[1:4] == b"\x2a\x4d\x18" and head[:1] and 0x50 <= head[0] <= 0x5F
    ):
        return Compression.ZSTD
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Compression.ZIP
    return Compression.NONE


def unpacked(
    file: RawFile, compression: Compression, limits: UnpackLimits | None = None, start: int = 0
) -> Iterator[Piece]:
    """The bytes of a file after unpacking, in pieces of at most PIECE_BYTES.

    start: only for files that are not compressed: the byte to begin at.
    Raises InputError: `file_bomb`, `file_truncated`, `file_damaged`, `file_encrypted`, `zip_many_members`,
    `zip_unsupported`.
    """
    if compression is Compression.NONE:
        at = start
        for chunk in file.stream(start):
            at += len(chunk)
            yield Piece(chunk, at)
        return
    if start:
        raise ValueError("a compressed file is read from its start")
    limits = limits or UnpackLimits()
    total = 0
    for piece in _DECODERS[compression](file):
        total += len(piece.data)
        if total > limits.max_bytes or (
            total > limits.ratio_from_bytes and total > limits.max_ratio * max(piece.stored_bytes, 1)
        ):
            raise InputError(
                "The file unpacks to far more than its size allows, so reading stopped. "
                "Send it unpacked, or in several files.",
                code="file_bomb",
            )
        if piece.data:
            yield piece


class _Feed:
    """The stored bytes in small feeds; what a decoder leaves over goes back."""

    def __init__(self, file: RawFile, start: int = 0) -> None:
        self._chunks = file.stream(start)
        self._rest = b""
        self._at = 0
        self.read = start

    def next(self) -> bytes:
        """Up to 64 KiB, empty at the end of the file."""
        if self._at >= len(self._rest):
            self._rest, self._at = next(self._chunks, b""), 0
        data = self._rest[self._at : self._at + _FEED_BYTES]
        self._at += len(data)
        self.read += len(data)
        return data

    def back(self, data: bytes) -> None:
        self._rest, self._at = data + self._rest[self._at :], 0
        self.read -= len(data)


def _gzip(file: RawFile) -> Iterator[Piece]:
    feed, empty = _Feed(file), 0
    while head := feed.next():
        # What follows the last member may be padding of a tape or a disk block: zeros only.
        if empty >= 0 and feed.read > len(head) and not head.strip(b"\0"):
            continue
        feed.back(head)
        is_empty = True
        for piece in _inflate(feed, 31):
            is_empty = False
            yield piece
        empty = empty + 1 if is_empty else 0
        if empty > _MAX_EMPTY_MEMBERS:
            raise _bomb_of_members()


def _inflate(feed: _Feed, window: int) -> Iterator[Piece]:
    """One deflate stream; what follows it goes back to the feed."""
    decoder = zlib.decompressobj(window)
    rest = b""
    try:
        while not decoder.eof:
            fed = rest or feed.next()
            data = decoder.decompress(fed, PIECE_BYTES)
            rest = decoder.unconsumed_tail
            if data:
                yield Piece(data, feed.read - len(rest))
            elif not fed and not decoder.eof:
                raise file_truncated()
    except zlib.error as error:
        raise file_damaged() from error
    feed.back(decoder.unused_data)


def _zstd(file: RawFile) -> Iterator[Piece]:
    feed, empty = _Feed(file), 0
    while head := feed.next():
        feed.back(head)
        decoder = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: _MAX_ZSTD_WINDOW_LOG}
        )
        size = 0
        try:
            while not decoder.eof:
                fed = feed.next() if decoder.needs_input else b""
                if decoder.needs_input and not fed:
                    raise file_truncated()
                data = decoder.decompress(fed, PIECE_BYTES)
                size += len(data)
                if data:
                    yield Piece(data, feed.read)
        except zstd.ZstdError as error:
            raise file_damaged() from error
        feed.back(decoder.unused_data)
        empty = empty + 1 if size == 0 else 0
        if empty > _MAX_EMPTY_MEMBERS:
            raise _bomb_of_members()


def _zip(file: RawFile) -> Iterator[Piece]:
    member = only_member(file)
    head = read_range(file, member.header_at, _LOCAL_HEADER.size)
    if len(head) < _LOCAL_HEADER.size or head[:4] != b"PK\x03\x04":
        raise file_damaged()
    name_bytes, extra_bytes = _LOCAL_HEADER.unpack(head)[-2:]
    feed = _Feed(file, member.header_at + _LOCAL_HEADER.size + name_bytes + extra_bytes)
    check = size = 0
    for piece in _stored(feed, member.packed_bytes) if member.method == 0 else _inflate(feed, -15):
        check = zlib.crc32(piece.data, check)
        size += len(piece.data)
        yield piece
    if check != member.crc32 or size != member.unpacked_bytes:
        raise file_damaged()


def _stored(feed: _Feed, size: int) -> Iterator[Piece]:
    while size > 0:
        data = feed.next()[:size]
        if not data:
            raise file_truncated()
        size -= len(data)
        yield Piece(data, feed.read)


_DECODERS: Final[dict[Compression, Callable[[RawFile], Iterator[Piece]]]] = {
    Compression.GZIP: _gzip,
    Compression.ZSTD: _zstd,
    Compression.ZIP: _zip,
}


def _bomb_of_members() -> InputError:
    return InputError(
        "The compressed file holds thousands of empty parts. Pack it again in one part.", code="file_bomb"
    )
