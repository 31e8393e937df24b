import pytest
from pydantic import ValidationError

from muster.enrichments.providers.phone import Phone, PhoneSettings
from tests.enrichments.providers.asking import ask, ask_one

PHONE = Phone()


@pytest.mark.parametrize(
    ("phone", "country", "expected"),
    [
        (
            "+49 30 901820",
            None,
            {"e164": "+4930901820", "country": "DE", "type": "fixed_line", "valid": "true"},
        ),
        ("030 / 90 18 20", "germany", {"e164": "+4930901820", "country": "DE"}),
        ("030 901820", "deutschland", {"e164": "+4930901820"}),
        ("(650) 253-0000", "us", {"e164": "+16502530000", "country": "US", "type": "fixed_line_or_mobile"}),
        ("650.253.0000 ext. 12", "usa", {"e164": "+16502530000", "extension": "12"}),
        ("+49 170 1234567", "france", {"e164": "+491701234567", "country": "DE", "type": "mobile"}),
        ("\uff0b49 30 901820", None, {"e164": "+4930901820"}),
        ("\u0660\u0663\u0660\u0669\u0660\u0661\u0668\u0662\u0660", "de", {"e164": "+4930901820"}),
        ("+800 1234 5678", None, {"e164": "+80012345678", "type": "toll_free", "valid": "true"}),
        ("1-800-flowers", "us", {"e164": "+18003569377", "type": "toll_free"}),
        ("028 012 345", "xk", {"e164": "+38328012345", "country": "XK"}),
        ("030 901820", None, {"valid": "false", "problem": "phone_country_unknown"}),
        ("12", "de", {"valid": "false", "problem": "phone_too_short"}),
        ("+1 650 253 00000000", None, {"valid": "false", "problem": "phone_too_long"}),
        ("+1 200 200 2000", None, {"valid": "false", "problem": "phone_invalid"}),
        ("call me", "de", {"valid": "false", "problem": "phone_syntax"}),
    ],
)
def test_a_number_is_read(phone: str, country: str | None, expected: dict[str, str]) -> None:
    assert expected.items() <= ask_one(PHONE, phone, country).items()


def test_two_noughts_are_a_way_abroad_that_is_less_sure() -> None:
    found = ask_one(PHONE, "0049 30 901820", None)
    assert found["e164"] == "+4930901820"
    assert found["confidence"] == pytest.approx(0.9)
    assert ask_one(PHONE, "0049 30 901820", "fr")["confidence"] is None


def test_rows_that_name_no_country_belong_where_the_settings_say() -> None:
    settings = PhoneSettings(region="de")
    rows = [("030 901820", None), ("650 253 0000", "united states"), ("030 901820", "atlantis")]
    answered = ask(PHONE, rows, settings=settings)
    assert [row["e164"] for row in answered] == ["+4930901820", "+16502530000", "+4930901820"]


def test_a_number_of_no_country_has_none() -> None:
    assert "country" not in ask_one(PHONE, "+800 1234 5678", None)


@pytest.mark.parametrize("region", ["XX", "USA", "001", "Germany"])
def test_a_country_that_is_none_is_refused_when_it_is_set(region: str) -> None:
    with pytest.raises(ValidationError, match="two letters"):
        PhoneSettings(region=region)


def test_no_country_may_be_set() -> None:
    assert PhoneSettings(region="").region is None
