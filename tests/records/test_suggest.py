"""One obvious correction or none: what is ambiguous is left to people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.records.checks.domains import check_domain
from muster.records.checks.emails import check_email
from muster.records.suggest import kind_of, suggestion


def wide(text: str) -> str:
    """In full-width letters."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "ana",
        "ana@example.org",  # fine
        "ana@mail.com",  # a provider of its own, one letter from another
        "ana@acme.co",  # a top-level domain of its own
        "ana@acme.cm",
        "a@x.org;b@y.org",
        "a@x.org,b@y.org",
        "ana lopez@x.org",  # ana.lopez, or a name beside the address
        "ana@@x.org",
        "ana@",
        "@x.org",
        "x" * 2000 + "@gmial.com",
        "\x00",
    ],
)
def test_nothing_is_guessed_for_what_is_fine_or_may_mean_two_things(value: str) -> None:
    assert suggestion(value, "email") is None


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("ana@gmial.com", "ana@gmail.com"),
        ("ana@hotmial.com", "ana@hotmail.com"),
        ("ana@yaho.com", "ana@yahoo.com"),
        ("ana@gmail", "ana@gmail.com"),
        ("Ana@GMAIL.CON", "Ana@gmail.com"),
        ("ana@acme.con", "ana@acme.com"),
        ("ana@acme,com", "ana@acme.com"),
        ("ana@acme..com", "ana@acme.com"),
        ("ana @ acme.com", "ana@acme.com"),
        ("ana@acme. com", "ana@acme.com"),
        ("mailto:ana@acme.com", "ana@acme.com"),
        ("MAILTO:ana@acme.com?subject=Hi", "ana@acme.com"),
        ("<ana@acme.com>", "ana@acme.com"),
        ("Ana López <ana@acme.com>", "ana@acme.com"),
        ("ana@acme.com.", "ana@acme.com"),
        ("'ana@acme.com';", "ana@acme.com"),
        ("\u200bana@acme.com\ufeff", "ana@acme.com"),
        (wide("ana@acme.com"), "ana@acme.com"),
    ],
)
def test_slips_in_addresses_are_seen(value: str, meant: str) -> None:
    assert suggestion(value, "email") == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://www.example.com/x", "example.com"),
        ("HTTPS://Example.COM:8080/a?b#c", "example.com"),
        ("www.example.com", "example.com"),
        ("@example.com", "example.com"),
        ("ana@acme.com", "acme.com"),
        ("example,com", "example.com"),
        ("example.con", "example.com"),
        ("example.com.", "example.com"),
        (wide("example.com"), "example.com"),
        ("example.com", None),
        ("ana@gmial.com", None),  # a mailbox tells nothing of a company
        ("acme", None),
        ("http://192.0.2.7/", None),
        ("acme gmbh", None),
        ("", None),
    ],
)
def test_slips_in_domains_are_seen(value: str, meant: str | None) -> None:
    assert suggestion(value, "domain") == meant


@pytest.mark.parametrize("value", ["03/04/2025", "2025-13-01", "31.12.99"])
def test_dates_are_never_turned_around(value: str) -> None:
    assert suggestion(value, "text") is None


@given(st.text(max_size=60))
def test_whatever_is_offered_passes_and_is_not_corrected_again(value: str) -> None:
    address = suggestion(value, "email")
    if address is not None:
        assert check_email(address).is_ok
        assert suggestion(address, "email") is None
    domain = suggestion(value, "domain")
    if domain is not None:
        assert check_domain(domain).is_ok


@given(st.from_regex(r"[a-z .,<>@]{1,12}@[a-z .,]{1,12}\.(com|con|org)[.,>]?", fullmatch=True))
def test_near_addresses_too(value: str) -> None:
    address = suggestion(value, "email")
    assert address is None or (check_email(address).is_ok and suggestion(address, "email") is None)


@pytest.mark.parametrize(
    ("field", "code", "kind"),
    [
        ("whatever", "email_syntax", "email"),
        ("whatever", "domain_is_url", "domain"),
        ("E-Mail", "", "email"),
        ("company_domain", "", "domain"),
        ("website", "", "text"),
        (None, "", "text"),
    ],
)
def test_the_kind_comes_from_the_rule_or_else_from_the_name(field: str | None, code: str, kind: str) -> None:
    assert kind_of(field, code) == kind
