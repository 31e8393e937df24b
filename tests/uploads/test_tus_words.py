"""Headers of tus: what is no number, no base64, no pair is refused by name."""

import base64
import hashlib

import pytest

from muster.errors import Conflict, InputError, UnsupportedMedia
from muster.uploads.tus import (
    MAX_METADATA_BYTES,
    check_chunk_type,
    check_version,
    metadata_header,
    parse_checksum,
    parse_creation,
    parse_metadata,
    parse_offset,
)


def pair(key: str, value: bytes) -> str:
    return f"{key} {base64.b64encode(value).decode()}"


@pytest.mark.parametrize("text", [None, "", "-1", "+1", "1.0", "1e3", "0x10", " 1", "²", "9" * 19, "nine"])
def test_an_offset_is_a_plain_number(text: str | None) -> None:
    with pytest.raises(InputError) as refused:
        parse_offset(text)
    assert refused.value.error_code == "upload_offset_invalid"


@pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0.1", "1.0.0 "])
def test_another_version_is_not_spoken(version: str | None) -> None:
    with pytest.raises(Conflict) as refused:
        check_version(version)
    assert refused.value.error_code == "tus_version_unsupported"


@pytest.mark.parametrize("content_type", [None, "", "application/octet-stream", "text/csv"])
def test_only_pieces_of_files_are_appended(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMedia):
        check_chunk_type(content_type)


@pytest.mark.parametrize(
    ("length", "deferred"), [(None, None), ("5", "1"), (None, "0"), (None, "yes"), ("-5", None), ("x", None)]
)
def test_a_length_is_given_or_put_off(length: str | None, deferred: str | None) -> None:
    with pytest.raises(InputError) as refused:
        parse_creation(length, deferred, None)
    assert refused.value.error_code == "upload_length_invalid"


@pytest.mark.parametrize(
    "header",
    [
        "filename not-base64!",
        "filename " + base64.b64encode(b"\xff\xfe").decode(),
        pair("filename", b"a\x00b"),
        "filename YQ==,filename Yg==",
        ",",
        "ключ YQ==",
        "k " + "A" * MAX_METADATA_BYTES,
        "a b c",
    ],
)
def test_metadata_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_metadata(header)
    assert refused.value.error_code == "upload_metadata_invalid"


def test_metadata_comes_back_as_it_was_told() -> None:
    told = {"filename": "名簿.csv", "empty": None, "note": "a, b"}
    assert parse_metadata(metadata_header(told)) == told
    assert parse_metadata(None) == parse_metadata("  ") == {}


def test_what_is_told_about_the_file_is_cleaned_and_checked() -> None:
    told = ",".join(
        [pair("filename", b"../../leads.csv"), pair("filetype", b"text/CSV"), pair("auto", b"false")]
    )
    wish = parse_creation("5", None, told).wish
    assert (wish.file_name, wish.media_type, wish.is_auto, wish.upload_name) == (
        "leads.csv",
        "text/csv",
        False,
        None,
    )
    for bad in (pair("upload_name", b"x" * 101), pair("auto", b"perhaps")):
        with pytest.raises(InputError):
            parse_creation("5", None, bad)


@pytest.mark.parametrize("header", ["", "crc32 AAAA", "sha1", "sha1 !!", "sha1 AAAA", "sha256 " + "A" * 28])
def test_a_checksum_is_a_known_one_of_the_right_length(header: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_checksum(header)
    assert refused.value.error_code == "checksum_invalid"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_bytes_are_held_to_their_checksum(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"hello", usedforsecurity=False).digest()
    checksum = parse_checksum(f"{algorithm} {base64.b64encode(digest).decode()}")
    assert checksum is not None
    assert b"".join(checksum.verified(iter([b"he", b"llo"]))) == b"hello"
    with pytest.raises(Conflict) as refused:
        list(checksum.verified(iter([b"hullo"])))
    assert refused.value.error_code == "checksum_mismatch"
