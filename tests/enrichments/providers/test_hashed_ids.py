import hashlib

import pytest

from muster.enrichments.providers.hashed_ids import HashedIds, HashedIdsSettings
from tests.enrichments.providers.asking import ask, ask_one

HASHED = HashedIds()
# Values that Google publishes for those who test their own normalisation (googleads/data-manager-python, Apache-2.0).
ALEX = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"
TOLL_FREE = "fb4f73a6ec5fdb7077d564cdd22c3554b43ce49168550c3b12c547b78c517b30"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_hashes_are_those_that_are_published() -> None:
    found = ask_one(HASHED, "alexz@example.com", "+18005550100", None)
    assert (found["email_sha256"], found["phone_sha256"]) == (ALEX, TOLL_FREE)


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("(800) 555-0100", "us"),
        ("1-800-555-0100", "usa"),
        ("+1 800 555 0100", None),
        ("001 800 555 0100", None),
    ],
)
def test_one_number_has_one_hash_however_it_is_written(phone: str, country: str | None) -> None:
    assert ask_one(HASHED, None, phone, country)["phone_sha256"] == TOLL_FREE


def test_numbers_without_a_country_belong_where_the_settings_say() -> None:
    settings = HashedIdsSettings(region="US")
    assert ask_one(HASHED, None, "800 555 0100", None, settings=settings)["phone_sha256"] == TOLL_FREE
    assert "phone_sha256" not in ask_one(HASHED, None, "800 555 0100", None)


def test_an_address_keeps_its_dots_and_tags() -> None:
    assert ask_one(HASHED, "a.b+c@gmail.com", None, None)["email_sha256"] == sha("a.b+c@gmail.com")


def test_an_address_out_of_something_else_is_hashed_alone() -> None:
    assert ask_one(HASHED, "alex <alexz@example.com>", None, None)["email_sha256"] == ALEX


def test_a_hash_passes_through_unchanged() -> None:
    found = ask_one(HASHED, ALEX, TOLL_FREE, None)
    assert (found["email_sha256"], found["phone_sha256"]) == (ALEX, TOLL_FREE)


@pytest.mark.parametrize("text", ["nobody", "a@b", "", ALEX[:-1], ALEX + "0", "g" * 64, "12"])
def test_what_nobody_could_find_again_is_not_hashed(text: str) -> None:
    assert ask_one(HASHED, text, text, None) == {
        "outcome": "empty",
        "reason": "not_identifiable",
        "confidence": None,
    }


def test_only_what_is_wanted_is_hashed() -> None:
    (answered,) = ask(HASHED, [("alexz@example.com", "+18005550100", None)], wanted={"phone_sha256"})
    assert (answered["email_sha256"], answered["phone_sha256"]) == (None, TOLL_FREE)
