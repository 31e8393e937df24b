"""Argon2id at OWASP's cost, bounded, and as slow for nobody as for somebody."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from muster.accounts.passwords import Passwords, check_password
from muster.errors import InputError, Overloaded


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """At the cost they have in a server."""
    return Passwords()


def test_the_hash_is_argon2id_at_least_at_the_cost_owasp_asks_for(passwords: Passwords) -> None:
    parameters = extract_parameters(passwords.hash("correct horse"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert parameters.parallelism >= 1


def test_the_same_password_never_hashes_alike(passwords: Passwords) -> None:
    assert passwords.hash("correct horse") != passwords.hash("correct horse")


@pytest.mark.parametrize(
    ("password", "is_right"),
    [
        pytest.param("correct horse", True, id="right"),
        pytest.param("correct horsf", False, id="last character"),
        pytest.param("", False, id="empty"),
        pytest.param("correct horse" + "x" * 2000, False, id="longer than anybody's"),
        pytest.param("\ud800correct horse", False, id="lone surrogate"),
        pytest.param("correct\0horse", False, id="NUL"),
    ],
)
def test_only_the_right_password_verifies(passwords: Passwords, password: str, is_right: bool) -> None:
    assert passwords.verify(passwords.hash("correct horse"), password) is is_right


def test_a_composed_and_a_decomposed_letter_are_the_same_password(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash("Pässwörter!"), "Pa\u0308sswo\u0308rter!")


def test_without_a_stored_hash_nothing_verifies(passwords: Passwords) -> None:
    assert passwords.verify(None, "correct horse") is False
    assert passwords.verify(None, "") is False


def test_checking_nobodys_password_takes_as_long_as_a_wrong_one(passwords: Passwords) -> None:
    stored = passwords.hash("correct horse")

    def fastest(hash_or_none: str | None) -> float:
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            passwords.verify(hash_or_none, "a wrong password")
            times.append(time.perf_counter() - begun)
        return min(times)

    # Skipping the work would be thousands of times faster, not four.
    assert 0.25 < fastest(None) / fastest(stored) < 4


@pytest.mark.parametrize("password", ["", "123456789", "x" * 1025, "\ud800123456789"], ids=repr)
def test_an_unfit_password_is_refused_naming_the_member(password: str) -> None:
    with pytest.raises(InputError) as refused:
        check_password(password, field="new_password")
    assert refused.value.error_code == "password_unfit"
    assert refused.value.issues[0].pointer == "/new_password"


@pytest.mark.parametrize("password", ["1234567890", "x" * 1024, "пароль пароль"], ids=repr)
def test_ten_to_1024_characters_are_taken(password: str) -> None:
    assert check_password(password) == password


def test_a_flood_of_checks_is_refused_instead_of_eating_memory_and_threads() -> None:
    crowd = Passwords()

    def check(_: int) -> str:
        try:
            crowd.verify(None, "whatever it is")
        except Overloaded:
            return "overloaded"
        return "checked"

    with ThreadPoolExecutor(60) as pool:
        outcomes = list(pool.map(check, range(60)))
    assert "overloaded" in outcomes
    assert outcomes.count("checked") >= 16
    assert crowd.verify(crowd.hash("afterwards"), "afterwards")


def test_a_hash_of_another_cost_is_outdated(passwords: Passwords) -> None:
    cheap = "$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
    assert passwords.is_outdated(cheap)
    assert not passwords.is_outdated(passwords.hash("correct horse"))
