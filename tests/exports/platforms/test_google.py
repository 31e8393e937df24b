"""Hashes for Google, against the values its own libraries are tested with.

Source of values and hashes: github.com/googleads/data-manager-python `tests/formatter_test.py`, and
github.com/googleads/data-manager-java `UserDataFormatterTest.java`, both Copyright Google LLC, Apache License 2.0;
the address of a plus sign is from the page "Format user data" of the Data Manager API (CC BY 4.0).
"""

import pytest

from muster.exports.hashing import sha256_hex
from muster.exports.platforms.fields import Failure, Field, PlatformId
from tests.exports.hashed import hashed, hashed_cell

ALEXZ = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"
PHONE = "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"
GIVEN_NAME = "128a07bfe2df877c52076e60d7774cf5baaa046c5a6c48daf30ff43ecca2f814"
FAMILY_NAME = "77762c287e61ce065bee5c15464012c6fbe088398b8057627d5577249430d574"


def google(field: Field, value: str, region: str | None = None) -> str | Failure | None:
    return hashed_cell(PlatformId.GOOGLE, field, value, region)


@pytest.mark.parametrize(
    "value", ["alexz@example.com", "  alexz@example.com", "  ALEXZ@example.com   ", "  alexz@EXAMPLE.com   "]
)
def test_an_address_has_the_published_hash_however_it_is_written(value: str) -> None:
    assert google(Field.EMAIL, value) == ALEXZ


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("QuinnY@EXAMPLE.com", "quinny@example.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
        ("Jefferson.Loves.hiking@gmail.com", "jeffersonloveshiking@gmail.com"),
        ("j.e.f..ferson.Loves.hiking@gmail.com", "jeffersonloveshiking@gmail.com"),
        ("Jefferson.LOVES.Hiking@googlemail.com", "jeffersonloveshiking@googlemail.com"),
        ("Cloudy.SanFrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("Cloudy.SanFrancisco+shopping@googlemail.com", "cloudysanfrancisco@googlemail.com"),
    ],
)
def test_dots_and_tags_go_for_gmail_alone(value: str, normal: str) -> None:
    assert google(Field.EMAIL, value) == sha256_hex(normal)


@pytest.mark.parametrize(
    "value", ["quinn", "@example.com", "quinn@", " ...@gmail.com", "+tag@gmail.com", "a b@c.de"]
)
def test_what_is_no_address_is_reported_and_not_hashed(value: str) -> None:
    assert google(Field.EMAIL, value) is Failure.EMAIL


@pytest.mark.parametrize(
    ("value", "region"),
    [("+18005550100", None), ("   +1-800-555-0100", None), ("1-800-555-0100   ", "US"), ("1 800 555 0100", "US"),
     ("18005550100", "US"), ("(800) 555-0100", "US")],
)  # fmt: skip
def test_a_phone_has_the_published_hash_with_its_plus(value: str, region: str | None) -> None:
    assert google(Field.PHONE, value, region) == PHONE


@pytest.mark.parametrize(
    ("value", "region"), [("441134960987", "GB"), ("+441134960987", None), ("+44-113-496-0987", None)]
)
def test_phones_of_other_countries_are_in_e164(value: str, region: str | None) -> None:
    assert google(Field.PHONE, value, region) == sha256_hex("+441134960987")


@pytest.mark.parametrize(
    "value", [" +A BCD EFG ", "+abc-DEF", "++++", "+1 23", "800 555 0100", "+14155550100 ext 5"]
)
def test_a_phone_nobody_could_call_or_without_a_country_is_reported(value: str) -> None:
    assert google(Field.PHONE, value) is Failure.PHONE


def test_names_have_the_published_hashes() -> None:
    assert google(Field.FIRST_NAME, "  GivenName  ") == GIVEN_NAME
    assert google(Field.LAST_NAME, "  FamilyName ") == FAMILY_NAME


@pytest.mark.parametrize(
    ("value", "normal"),
    [(" Alex   ", "alex"), (" Mr. Alex   ", "alex"), (" Mrs. Alex   ", "alex"), (" Dr. Alex   ", "alex"),
     (" Alex Dr.", "alex"), (" Mralex   ", "mralex")],
)  # fmt: skip
def test_titles_are_no_part_of_a_first_name(value: str, normal: str) -> None:
    assert google(Field.FIRST_NAME, value) == sha256_hex(normal)


@pytest.mark.parametrize(
    ("value", "normal"),
    [(" Quinn   ", "quinn"), ("Quinn-Alex", "quinn-alex"), (" Quinn, Jr.   ", "quinn"), (" Quinn,Jr.   ", "quinn"),
     ("Quinn Sr.  ", "quinn"), ("quinn, jr. dds", "quinn"), ("quinn, jr., dds", "quinn"), ("Boardds", "boardds"),
     ("lacparm", "lacparm"), ("V", "v")],
)  # fmt: skip
def test_suffixes_are_no_part_of_a_last_name(value: str, normal: str) -> None:
    assert google(Field.LAST_NAME, value) == sha256_hex(normal)


@pytest.mark.parametrize(("field", "value"), [(Field.FIRST_NAME, "Mr."), (Field.LAST_NAME, ", Jr. ")])
def test_a_name_that_is_only_a_title_is_reported(field: Field, value: str) -> None:
    assert google(field, value) is Failure.VALUE


def test_country_and_zip_are_not_hashed() -> None:
    assert google(Field.COUNTRY, " us") == "US"
    assert google(Field.COUNTRY, "usa") == "US"
    assert google(Field.COUNTRY, "u2") is Failure.COUNTRY
    assert google(Field.ZIP, " 1229-076  ") == "1229-076"
    assert google(Field.ZIP, "94045") == "94045"


def test_a_hash_passes_in_lower_case_but_not_where_the_platform_wants_none() -> None:
    assert google(Field.EMAIL, ALEXZ.upper()) == ALEXZ
    assert google(Field.COUNTRY, ALEXZ) is Failure.COUNTRY


def test_an_address_is_only_enough_to_match_when_it_is_whole() -> None:
    person = {Field.FIRST_NAME: "Ada", Field.LAST_NAME: "Byron", Field.COUNTRY: "GB", Field.ZIP: "NW1"}
    assert hashed(PlatformId.GOOGLE, person).can_match.to_pylist() == [True]
    assert hashed(PlatformId.GOOGLE, {**person, Field.ZIP: None}).can_match.to_pylist() == [False]
    assert hashed(PlatformId.GOOGLE, {**person, Field.COUNTRY: "Nowhere"}).can_match.to_pylist() == [False]
