"""Hashes for Meta, against the values its documentation gives as examples.

Source: "Customer Information Parameters", Meta for Developers (developers.facebook.com/documentation/ads-commerce/
conversions-api/parameters/customer-information-parameters): inputs, normalised forms and expected SHA-256 outputs, quoted
as facts; the rules are the same for Custom Audiences, whose page gives no hashes.
"""

import pytest

from muster.exports.hashing import sha256_hex
from muster.exports.platforms.fields import Failure, Field, PlatformId
from tests.exports.hashed import hashed, hashed_cell


def meta(field: Field, value: str, region: str | None = None) -> str | Failure | None:
    return hashed_cell(PlatformId.META, field, value, region)


@pytest.mark.parametrize(
    ("field", "value", "region", "published"),
    [
        (
            Field.EMAIL,
            "John_Smith@gmail.com",
            None,
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        (
            Field.PHONE,
            "(650)555-1212",
            "US",
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
        (Field.FIRST_NAME, "Mary", None, "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        (Field.FIRST_NAME, "정", None, "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        (
            Field.FIRST_NAME,
            "Valéry",
            None,
            "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c",
        ),
        (
            Field.COUNTRY,
            "United States",
            None,
            "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621",
        ),
    ],
)
def test_published_examples_have_the_published_hashes(
    field: Field, value: str, region: str | None, published: str
) -> None:
    assert meta(field, value, region) == published


def test_the_published_day_of_birth_is_taken_apart_as_audiences_want_it() -> None:
    """The page hashes 19970216 as one; audiences have a column for each of its parts."""
    assert sha256_hex("19970216") == "01acdbf6ec7b4f478a225f1a246e5d6767eeab1a7ffa17f025265b5b94f40f0c"
    parts = [
        column[0].as_py() for column in hashed(PlatformId.META, {Field.BIRTH_DATE: "2/16/1997"}, "US").columns
    ]
    assert parts == [sha256_hex("1997"), sha256_hex("02"), sha256_hex("16")]


@pytest.mark.parametrize(
    ("field", "value", "region", "normal"),
    [
        (
            Field.EMAIL,
            "  Cloudy.SanFrancisco+shopping@GMAIL.com ",
            None,
            "cloudy.sanfrancisco+shopping@gmail.com",
        ),
        (Field.PHONE, "+44 844 412 4653", None, "448444124653"),
        (Field.PHONE, "0049 170 1234567", None, "491701234567"),
        (Field.LAST_NAME, "O'Brien-Smith ", None, "obriensmith"),
        (Field.FIRST_NAME, "Vale\u0301ry", None, "valéry"),
        (Field.CITY, "New York", None, "newyork"),
        (Field.CITY, "Paris 15e", None, "parise"),
        (Field.STATE, "California", "US", "ca"),
        (Field.STATE, "N.Y.", None, "ny"),
        (Field.STATE, "Nordrhein-Westfalen", "DE", "nordrheinwestfalen"),
        (Field.ZIP, "94035-1234", "US", "94035"),
        (Field.ZIP, "M1 1AE", "GB", "m11ae"),
        (Field.ZIP, "75018", "FR", "75018"),
        (Field.GENDER, "Female", None, "f"),
        (Field.COUNTRY, "UK", None, "gb"),
    ],
)
def test_values_are_normalised_as_documented(
    field: Field, value: str, region: str | None, normal: str
) -> None:
    assert meta(field, value, region) == sha256_hex(normal)


@pytest.mark.parametrize(
    ("field", "value", "failure"),
    [
        (Field.EMAIL, "john_smith", Failure.EMAIL),
        (Field.PHONE, "(650)555-1212", Failure.PHONE),
        (Field.FIRST_NAME, "?!", Failure.VALUE),
        (Field.CITY, "123", Failure.VALUE),
        (Field.COUNTRY, "Atlantis", Failure.COUNTRY),
        (Field.GENDER, "x", Failure.GENDER),
        (Field.BIRTH_DATE, "5/6/1997", Failure.DATE),
        (Field.BIRTH_DATE, "1897-02-16", Failure.DATE),
        (Field.MOBILE_ID, "no device", Failure.VALUE),
    ],
)
def test_what_cannot_be_normalised_is_reported_and_not_hashed(
    field: Field, value: str, failure: Failure
) -> None:
    assert meta(field, value) is failure


def test_ids_are_not_hashed() -> None:
    assert meta(Field.EXTERNAL_ID, " Kunde 7 ") == "Kunde 7"
    assert (
        meta(Field.MOBILE_ID, "5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25")
        == "5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25"
    )


def test_the_same_phone_has_another_hash_than_for_google() -> None:
    number = "+1 800 555 0100"
    assert meta(Field.PHONE, number) == sha256_hex("18005550100")
    assert hashed_cell(PlatformId.GOOGLE, Field.PHONE, number) == sha256_hex("+18005550100")
