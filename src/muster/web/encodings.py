"""Decompress request bodies with a cap, so a kilobyte cannot unfold into a gigabyte.

Output is produced in pieces of at most PIECE_BYTES and counted before the next one is asked for.
"""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Final

import brotli  # type: ignore[import-untyped]  # ships no types

from muster.errors import InputError, UnsupportedMedia

if sys.version_info >= (3, 14):  # pragma: no cover - the same module under its later name
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES: Final = 1024 * 1024
MAX_MEMBERS: Final = 10_000
"""gzip members or zstd frames in one body. Empty ones have a few bytes, and each costs a decoder."""

_FEED_BYTES: Final = 64 * 1024
"""Fed at once: a decoder copies what it leaves over, with thousands of members the whole body each time."""
_BROTLI_LIMIT_BYTES: Final = PIECE_BYTES // 2  # a hint to it: pieces get up to twice as long
_MAX_ZSTD_WINDOW_LOG = 23
"""8 MiB: what RFC 9659 lets a sender of `Content-Encoding: zstd` use."""


def decoder_for(content_encoding: str | None) -> Callable[[bytes], Iterator[bytes]] | None:
    """The decompressor for a Content-Encoding header, None when the body is not compressed.

    Raises UnsupportedMedia for a coding that is not read here, or more than one.
    """
    decode = stream_decoder_for(content_encoding)
    return None if decode is None else lambda body: decode(_cut(body))


def stream_decoder_for(content_encoding: str | None) -> Callable[[Iterator[bytes]], Iterator[bytes]] | None:
    """As `decoder_for`, for a body that is still coming: it takes pieces of any length as they arrive."""
    coding = (content_encoding or "identity").strip().lower()
    if coding in {"identity", ""}:
        return None
    if coding not in _DECODERS:
        raise UnsupportedMedia(
            f"Content-Encoding must be one of {', '.join(_DECODERS)}, or absent.",
            code="unsupported_content_encoding",
        )
    decode = _DECODERS[coding]
    return lambda pieces: decode(piece for longer in pieces for piece in _cut(longer))


def _cut(body: bytes) -> Iterator[bytes]:
    return (body[at : at + _FEED_BYTES] for at in range(0, len(body), _FEED_BYTES))


def _gzip(feeds: Iterator[bytes]) -> Iterator[bytes]:
    return _zlib(feeds, b"", 31, max_members=MAX_MEMBERS)


def _deflate(feeds: Iterator[bytes]) -> Iterator[bytes]:
    # RFC 9110 means the zlib format; many senders use raw deflate. The first two bytes tell them apart.
    head = b""
    while len(head) < 2 and (feed := next(feeds, b"")):
        head += feed
    is_zlib = len(head) >= 2 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return _zlib(feeds, head, 15 if is_zlib else -15, max_members=1)


def _zlib(feeds: Iterator[bytes], rest: bytes, window: int, *, max_members: int) -> Iterator[bytes]:
    members = 0
    while rest or (rest := next(feeds, b"")):
        members += 1
        if members > max_members:
            raise _broken("has bytes behind its end" if max_members == 1 else "has too many members")
        decoder = zlib.decompressobj(window)
        is_last = False
        try:
            while not decoder.eof:
                if not rest:
                    rest = next(feeds, b"")
                    is_last = not rest
                piece = decoder.decompress(rest, PIECE_BYTES)
                rest = decoder.unconsumed_tail
                if piece:
                    yield piece
                elif is_last and not decoder.eof:
                    raise _broken("ends too early")
        except zlib.error as error:
            raise _broken("is damaged") from error
        rest = decoder.unused_data


def _brotli(feeds: Iterator[bytes]) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        while not decoder.is_finished():
            feed = next(feeds, b"") if decoder.can_accept_more_data() else b""
            is_last = not feed and decoder.can_accept_more_data()
            piece = decoder.process(feed, output_buffer_limit=_BROTLI_LIMIT_BYTES)
            if piece:
                yield piece
            elif is_last and not decoder.is_finished():
                raise _broken("ends too early")
    except brotli.error as error:
        raise _broken("is damaged") from error
    if next(feeds, b""):
        raise _broken("has bytes behind its end")


def _zstd(feeds: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    frames = 0
    while rest or (rest := next(feeds, b"")):
        frames += 1
        if frames > MAX_MEMBERS:
            raise _broken("has too many frames")
        decoder = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: _MAX_ZSTD_WINDOW_LOG}
        )
        try:
            while not decoder.eof:
                feed = b""
                if decoder.needs_input:
                    feed, rest = rest or next(feeds, b""), b""
                    if not feed:
                        raise _broken("ends too early")
                piece = decoder.decompress(feed, PIECE_BYTES)
                if piece:
                    yield piece
        except zstd.ZstdError as error:
            raise _broken("is damaged, or was packed with a window over 8 MiB") from error
        rest = decoder.unused_data


_DECODERS: Final[dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def _broken(how: str) -> InputError:
    return InputError(
        f"The compressed body {how}. Compress it again and check that Content-Encoding names the right format.",
        code="content_encoding_broken",
    )
