"""Guessing is slowed per account and address, and never locks the owner out elsewhere."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from muster.accounts.throttle import SignInThrottle
from muster.errors import RateLimited


def exhausted(limit: int = 3, email: str = "a@example.org", address: str = "192.0.2.1") -> SignInThrottle:
    throttle = SignInThrottle(f"{limit} per 15 minutes")
    for _ in range(limit):
        throttle.attempt(email, address)
    return throttle


def test_the_attempt_after_the_limit_is_refused_with_a_time_to_come_back() -> None:
    with pytest.raises(RateLimited) as refused:
        exhausted().attempt("a@example.org", "192.0.2.1")
    assert refused.value.error_code == "too_many_sign_ins"
    assert 0 < (refused.value.retry_after_seconds or 0) <= 900


def test_the_same_account_from_another_address_is_not_locked_out() -> None:
    exhausted().attempt("a@example.org", "192.0.2.2")


def test_another_account_from_the_same_address_is_not_locked_out() -> None:
    exhausted().attempt("b@example.org", "192.0.2.1")


def test_writing_the_address_differently_does_not_help_a_guesser() -> None:
    with pytest.raises(RateLimited):
        exhausted().attempt("  A@Example.ORG", "192.0.2.1")


def test_an_ipv6_guesser_cannot_hop_inside_its_own_network() -> None:
    throttle = exhausted(address="2001:db8::1")
    with pytest.raises(RateLimited):
        throttle.attempt("a@example.org", "2001:db8::ffff:2")
    throttle.attempt("a@example.org", "2001:db8:0:1::1")


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_address() -> None:
    with pytest.raises(RateLimited):
        exhausted().attempt("a@example.org", "::ffff:192.0.2.1")


def test_success_forgets_the_failures() -> None:
    throttle = exhausted()
    throttle.succeeded("a@example.org", "192.0.2.1")
    throttle.attempt("a@example.org", "192.0.2.1")


@pytest.mark.parametrize("address", ["unknown", "testclient", "", "fe80::1%eth0"])
def test_an_odd_peer_address_is_counted_all_the_same(address: str) -> None:
    with pytest.raises(RateLimited):
        exhausted(address=address).attempt("a@example.org", address)


def test_of_many_attempts_at_once_only_as_many_as_allowed_get_through() -> None:
    throttle = SignInThrottle("10 per 15 minutes")

    def attempt(_: int) -> bool:
        try:
            throttle.attempt("a@example.org", "192.0.2.1")
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(200))) == 10
