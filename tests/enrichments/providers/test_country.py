import pytest

from muster.enrichments.known.slips import is_one_slip, keyboard_slips, without_one
from muster.enrichments.providers.country import Country
from tests.enrichments.providers.asking import ask_one

COUNTRY = Country()


@pytest.mark.parametrize(
    ("text", "iso2"),
    [
        *(("de", "DE"), ("deu", "DE"), ("276", "DE"), ("germany", "DE"), ("deutschland", "DE"), ("allemagne", "DE"), ("alemania", "DE")),
        *(("niemcy", "DE"), ("\u30c9\u30a4\u30c4", "DE"), ("\u5fb7\u56fd", "DE"), ("federal republic of germany", "DE")),
        *(("us", "US"), ("usa", "US"), ("u.s.a.", "US"), ("u. s.", "US"), ("america", "US"), ("estados unidos", "US"), ("ee. uu.", "US")),
        *(("united states of america", "US"), ("the united states", "US"), ("\u00e9tats-unis", "US"), ("\u7f8e\u56fd", "US")),
        *(("uk", "GB"), ("gb", "GB"), ("great britain", "GB"), ("england", "GB"), ("vereinigtes k\u00f6nigreich", "GB")),
        *(("c\u00f4te d'ivoire", "CI"), ("cote d\u2019ivoire", "CI"), ("ivory coast", "CI"), ("t\u00fcrkiye", "TR"), ("turkey", "TR")),
        *(("\u0440\u043e\u0441\u0441\u0438\u044f", "RU"), ("russia", "RU"), ("south korea", "KR"), ("korea, republic of", "KR")),
        *(("holland", "NL"), ("czech republic", "CZ"), ("bosnia & herzegovina", "BA"), ("trinidad & tobago", "TT"), ("el", "GR")),
        *(("the gambia", "GM"), ("m\u1ef9", "US"), ("my", "MY"), ("slovensk\u00e1 republika", "SK"), ("island", "IS"), ("irland", "IE"), ("georgia", "GE"), ("niger", "NE"), ("m\u00e9xico", "MX")),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_names_and_codes(text: str, iso2: str) -> None:
    found = ask_one(COUNTRY, text, None)
    assert (found["iso2"], found["confidence"]) == (iso2, None)


@pytest.mark.parametrize(
    ("text", "iso2"), [("germny", "DE"), ("untied states", "US"), ("austia", "AT"), ("swizerland", "CH")]
)
def test_one_slip_in_a_long_name_is_forgiven_and_less_sure(text: str, iso2: str) -> None:
    found = ask_one(COUNTRY, text, None)
    assert found["iso2"] == iso2
    assert found["confidence"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    "text", ["austrlia", "korea", "nigeri", "guin", "xx", "zz", "n/a", "europe", "-", "yugoslavia", "iraz"]
)
def test_what_may_be_several_or_none_stays_empty(text: str) -> None:
    assert ask_one(COUNTRY, text, None) == {
        "outcome": "empty",
        "reason": "country_unknown",
        "confidence": None,
    }


@pytest.mark.parametrize(
    ("country", "state", "code"),
    [
        *(("us", "ca", "US-CA"), ("usa", "california", "US-CA"), ("united states", "us-tx", "US-TX"), ("us", "georgia", "US-GA")),
        *(("de", "bayern", "DE-BY"), ("germany", "bavaria", "DE-BY"), ("ca", "qu\u00e9bec", "CA-QC"), ("au", "nsw", "AU-NSW")),
        *(("france", "ile de france", "FR-IDF"), ("brasil", "s\u00e3o paulo", "BR-SP"), ("ch", "z\u00fcrich", "CH-ZH")),
        *(("es", "catalonia", "ES-CT"), ("es", "catalu\u00f1a", "ES-CT"), ("jp", "\u6771\u4eac", "JP-13"), ("be", "luxembourg", "BE-WLX")),
        *((None, "california", "US-CA"), (None, "us-ca", "US-CA"), (None, "new south wales", "AU-NSW")),
    ],
)  # fmt: skip
def test_a_state_is_read_in_its_country(country: str | None, state: str, code: str) -> None:
    found = ask_one(COUNTRY, country, state)
    assert (found["state"], found["iso2"]) == (code, code[:2])


@pytest.mark.parametrize("state", ["georgia", "luxembourg", "ca", "tx", "limburg", "nowhere"])
def test_a_state_alone_that_may_be_something_else_says_nothing(state: str) -> None:
    assert ask_one(COUNTRY, None, state)["outcome"] == "empty"


def test_a_state_of_another_country_is_not_taken_for_one_of_this() -> None:
    found = ask_one(COUNTRY, "germany", "us-ca")
    assert (found["iso2"], found["reason"]) == ("DE", "state_unknown")
    assert "state" not in found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        *(("ab", "ab", False), ("ab", "ba", True), ("abc", "ab", True), ("abc", "abd", True), ("abc", "acb", True), ("a", "", True)),
        *(("abcd", "abdce", False), ("abc", "cba", False), ("ab", "cd", False), ("", "", False), ("abcde", "abc", False)),
        *(("aab", "ab", True), ("abb", "bba", False)),
    ],
)  # fmt: skip
def test_one_slip_is_one_letter_or_two_neighbours_exchanged(one: str, other: str, expected: bool) -> None:
    assert is_one_slip(one, other) is expected
    assert is_one_slip(other, one) is expected
    if expected:
        assert not set(without_one(one)).isdisjoint(without_one(other))


def test_slips_of_a_keyboard_are_one_slip_away_and_keep_the_first_letter() -> None:
    for slip in set(keyboard_slips("gmail")) - {"gmail"}:
        assert is_one_slip(slip, "gmail")
        assert slip[0] == "g"
