"""Compressed bodies: every format, every way they break, and never more memory than the cap."""

import gzip
import json
import random
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest

from muster.errors import InputError, UnsupportedMedia
from muster.web.encodings import MAX_MEMBERS, PIECE_BYTES, decoder_for

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = json.dumps([{"email": f"person{number}@example.com", "n": number} for number in range(5000)]).encode()
NOISE = random.Random(7).randbytes(300_000)  # noqa: S311 - long and packs badly: many pieces on the way in


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", lambda data: bytes(brotli.compress(data, quality=4))),
    "zstd": ("zstd", lambda data: bytes(zstd.compress(data))),
}
formats = pytest.mark.parametrize("form", PACK)


def unpack(coding: str, body: bytes) -> bytes:
    decode = decoder_for(coding)
    assert decode is not None
    return b"".join(decode(body))


@formats
@pytest.mark.parametrize(
    "data", [b"x", TEXT, NOISE, b"\0" * 3_000_000], ids=["tiny", "text", "noise", "zeros"]
)
def test_every_format_comes_back_whole(form: str, data: bytes) -> None:
    coding, pack = PACK[form]
    assert unpack(coding, pack(data)) == data
    assert unpack(f" {coding.upper()} ", pack(data)) == data


@formats
def test_a_body_cut_anywhere_is_refused(form: str) -> None:
    coding, pack = PACK[form]
    whole = pack(TEXT[:2000])
    for end in range(1, len(whole), 7):
        with pytest.raises(InputError) as refused:
            unpack(coding, whole[:end])
        assert refused.value.error_code == "content_encoding_broken", end


@formats
def test_a_damaged_body_is_refused_or_decoded_but_never_a_bug(form: str) -> None:
    coding, pack = PACK[form]
    whole = pack(TEXT[:2000])
    dice = random.Random(11)  # noqa: S311
    refusals = set()
    for _ in range(300):
        broken = bytearray(whole)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        try:
            unpack(coding, bytes(broken))
        except InputError as error:
            refusals.add(error.error_code)
    assert refusals <= {"content_encoding_broken"}


@formats
def test_bytes_behind_the_end_are_refused(form: str) -> None:
    coding, pack = PACK[form]
    for rubbish in (b"rubbish", b"\0" * 100, TEXT):
        with pytest.raises(InputError):
            unpack(coding, pack(TEXT) + rubbish)


@formats
def test_a_body_in_another_format_than_it_says_is_refused(form: str) -> None:
    coding, _ = PACK[form]
    others = [pack for other, pack in PACK.values() if other != coding]
    for body in [*(pack(TEXT) for pack in others), TEXT, b"\0", b"[]"]:
        with pytest.raises(InputError):
            unpack(coding, body)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_an_empty_body_unpacks_to_nothing(coding: str) -> None:
    # What comes next says `empty_body`, which is clearer than a word about compression.
    assert unpack(coding, b"") == b""


def test_an_empty_brotli_body_is_no_stream() -> None:
    with pytest.raises(InputError):
        unpack("br", b"")


@pytest.mark.parametrize(("coding", "form"), [("gzip", "gzip"), ("zstd", "zstd")])
def test_members_in_a_row_are_one_body(coding: str, form: str) -> None:
    _, pack = PACK[form]
    parts = [TEXT, b"", b"y", NOISE, b"", TEXT]
    assert unpack(coding, b"".join(pack(part) for part in parts)) == b"".join(parts)
    # The limit itself still passes.
    assert unpack(coding, pack(b"z") * MAX_MEMBERS) == b"z" * MAX_MEMBERS


def test_a_skippable_zstd_frame_is_skipped() -> None:
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
    assert unpack("zstd", skippable + zstd.compress(TEXT) + skippable) == TEXT


@pytest.mark.parametrize(
    ("coding", "member"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd.compress(b""))]
)
def test_a_body_of_empty_members_is_refused_quickly(coding: str, member: bytes) -> None:
    body = member * (5_242_880 // len(member))
    began = time.process_time()
    with pytest.raises(InputError, match="too many"):
        unpack(coding, body)
    assert time.process_time() - began < 3  # it took minutes when each member copied the rest


def test_two_deflate_streams_are_not_one_body() -> None:
    with pytest.raises(InputError, match="behind its end"):
        unpack("deflate", zlib.compress(b"one") + zlib.compress(b"two"))


@pytest.mark.parametrize(("window_log", "is_read"), [(20, True), (23, True), (24, False), (27, False)])
def test_a_zstd_window_over_eight_mib_is_refused(window_log: int, is_read: bool) -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: window_log})
    body = packer.compress(TEXT) + packer.flush()  # streamed: the frame does not say how long it is
    if is_read:
        assert unpack("zstd", body) == TEXT
    else:
        with pytest.raises(InputError, match="8 MiB"):
            unpack("zstd", body)


@pytest.mark.parametrize("form", ["gzip", "deflate", "br", "zstd"])
def test_a_gigabyte_of_zeros_comes_piece_by_piece(form: str) -> None:
    body = bomb(form)
    assert len(body) < 1_100_000
    decode = decoder_for(form)
    assert decode is not None
    tracemalloc.start()
    seen = 0
    try:
        for piece in decode(body):
            assert len(piece) <= PIECE_BYTES
            seen += len(piece)
            if seen > 64 * PIECE_BYTES:
                break
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen > 64 * PIECE_BYTES
    assert peak < 6 * PIECE_BYTES


def bomb(coding: str, size_bytes: int = 1_000_000_000) -> bytes:
    """So many zeros, packed."""
    block = bytes(1_000_000)
    if coding == "br":
        packer = brotli.Compressor(quality=1)
        return b"".join(packer.process(block) for _ in range(size_bytes // len(block))) + bytes(
            packer.finish()
        )
    if coding == "zstd":
        maker = zstd.ZstdCompressor(level=1)
        return b"".join(maker.compress(block) for _ in range(size_bytes // len(block))) + maker.flush()
    deflater = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    head = deflater.compress(b"") + deflater.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back, so the same bytes again are the same zeros again.
    packed = deflater.compress(block) + deflater.flush(zlib.Z_FULL_FLUSH)
    return head + packed * (size_bytes // len(block))


@pytest.mark.parametrize(
    "coding",
    ["compress", "snappy", "gzip, gzip", "gzip,br", "gzip;q=1", "identity, gzip", "x-gzip", "*", "utf-8"],
)
def test_an_unknown_or_stacked_encoding_is_refused(coding: str) -> None:
    with pytest.raises(UnsupportedMedia, match="gzip, deflate, br, zstd") as refused:
        decoder_for(coding)
    assert refused.value.error_code == "unsupported_content_encoding"


@pytest.mark.parametrize("coding", [None, "", "identity", " Identity "])
def test_a_plain_body_needs_no_decoder(coding: str | None) -> None:
    assert decoder_for(coding) is None
