"""Compressed files: honest ones come out whole, bombs and broken ones are refused at once."""

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest
from backports import zstd

from muster.errors import InputError
from muster.uploads.readers.model import Compression
from muster.uploads.readers.unpack import UnpackLimits, compression_of, unpacked
from tests.uploads.readers.whole import raw

TEXT = b"".join(b"%d,row\n" % number for number in range(200_000))


def zipped(*names: str, data: bytes = TEXT, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as file:
        for name in names:
            file.writestr(name, data)
    return archive.getvalue()


PACKED = {
    Compression.GZIP: gzip.compress(TEXT),
    Compression.ZSTD: zstd.compress(TEXT),
    Compression.ZIP: zipped("a.csv"),
}


def unpack(tmp_path: Path, content: bytes, limits: UnpackLimits | None = None) -> bytes:
    file = raw(tmp_path, content)
    return b"".join(piece.data for piece in unpacked(file, compression_of(content), limits))


@pytest.mark.parametrize("kind", PACKED)
def test_comes_out_whole(tmp_path: Path, kind: Compression) -> None:
    assert compression_of(PACKED[kind]) is kind
    assert unpack(tmp_path, PACKED[kind]) == TEXT


def test_several_members_are_one_text(tmp_path: Path) -> None:
    assert (
        unpack(tmp_path, gzip.compress(b"a,") + gzip.compress(b"") + gzip.compress(b"b") + b"\0" * 512)
        == b"a,b"
    )
    assert unpack(tmp_path, zstd.compress(b"a,") + zstd.compress(b"b")) == b"a,b"


def test_a_stored_member_and_the_notes_of_a_mac(tmp_path: Path) -> None:
    assert unpack(tmp_path, zipped("a.csv", "__MACOSX/._a.csv", method=zipfile.ZIP_STORED)) == TEXT


@pytest.mark.parametrize("kind", PACKED)
def test_cut_short_is_truncated(tmp_path: Path, kind: Compression) -> None:
    with pytest.raises(InputError) as refused:
        unpack(tmp_path, PACKED[kind][: len(PACKED[kind]) // 2])

    assert refused.value.error_code == "file_truncated"


@pytest.mark.parametrize("kind", PACKED)
def test_a_bomb_stops_early(tmp_path: Path, kind: Compression) -> None:
    with pytest.raises(InputError) as refused:
        unpack(tmp_path, PACKED[kind], UnpackLimits(max_ratio=2, ratio_from_bytes=1024))

    assert refused.value.error_code == "file_bomb"


def test_thousands_of_empty_members_are_a_bomb(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        unpack(tmp_path, gzip.compress(b"") * 10_500)

    assert refused.value.error_code == "file_bomb"


def test_damage_is_found(tmp_path: Path) -> None:
    damaged = bytearray(PACKED[Compression.GZIP])
    damaged[-6] ^= 0xFF
    with pytest.raises(InputError) as refused:
        unpack(tmp_path, bytes(damaged))

    assert refused.value.error_code == "file_damaged"


@pytest.mark.parametrize("names", [(), ("a.csv", "b.csv")])
def test_a_zip_holds_exactly_one_file(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as refused:
        unpack(tmp_path, zipped(*names))

    assert refused.value.error_code == "zip_many_members"


def test_a_password_is_named(tmp_path: Path) -> None:
    content = bytearray(zipped("a.csv"))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 8] |= 1

    with pytest.raises(InputError) as refused:
        unpack(tmp_path, bytes(content))

    assert refused.value.error_code == "file_encrypted"


def test_a_member_that_is_not_what_its_checksum_says(tmp_path: Path) -> None:
    content = zipped("a.csv", data=b"a,b\n", method=zipfile.ZIP_STORED).replace(b"a,b\n", b"a,c\n")
    assert zlib.crc32(b"a,b\n") != zlib.crc32(b"a,c\n")

    with pytest.raises(InputError) as refused:
        unpack(tmp_path, content)

    assert refused.value.error_code == "file_damaged"
