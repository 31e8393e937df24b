import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.enrichments.known.suffixes import Split, split_domain
from muster.enrichments.providers.company_domain import _PLAIN, CompanyDomain, CompanyDomainSettings
from muster.records.checks.domains import check_domain
from tests.enrichments.providers.asking import ask, ask_one

COMPANY = CompanyDomain()
LABELS = st.sampled_from(
    ["acme", "a-b", "x", "42", "a--b", "-a", "b-", "\u00fc", "xn--mller-kva", "a" * 60, "", "a b"]
)
WEBSITES = st.tuples(
    st.sampled_from(["", "https://", "http://", "ftp://", "//"]),
    st.sampled_from(["", "www."]),
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
    st.sampled_from([".com", ".co.uk", ".museum", ".c1", ".com.", ""]),
    st.sampled_from(["", "/", "/x/y.html?z#a", "?x", ":80", ":80/x", "/a b", "/j@x.com", "@x.com", "/x//y"]),
).map("".join)


@pytest.mark.parametrize(
    ("website", "expected"),
    [
        ("https://www.acme.co.uk/about?x=1#y", {"domain": "acme.co.uk", "suffix": "co.uk"}),
        ("acme.com", {"domain": "acme.com", "suffix": "com"}),
        ("www.acme.com", {"domain": "acme.com"}),
        ("shop.eu.acme.com:8080/x", {"domain": "acme.com", "subdomain": "shop.eu"}),
        ("www.shop.acme.com", {"domain": "acme.com", "subdomain": "shop"}),
        ("//acme.io", {"domain": "acme.io"}),
        ("http://user:secret@acme.com/", {"domain": "acme.com"}),
        ("jane@acme.de", {"domain": "acme.de"}),
        ("m\u00fcller.de", {"domain": "m\u00fcller.de"}),
        ("xn--mller-kva.de", {"domain": "m\u00fcller.de"}),
        (
            "\u98df\u72ee.\u516c\u53f8.cn",
            {"domain": "\u98df\u72ee.\u516c\u53f8.cn", "suffix": "\u516c\u53f8.cn"},
        ),
        ("a.b.kobe.jp", {"domain": "a.b.kobe.jp", "suffix": "b.kobe.jp"}),
        ("www.city.kobe.jp", {"domain": "city.kobe.jp"}),
        ("acme.github.io", {"domain": "acme.github.io", "suffix": "github.io"}),
        ("linkedin.com", {"domain": "linkedin.com"}),
        ("https://www.linkedin.com/", {"domain": "linkedin.com"}),
        ("https://www.linkedin.com/company/acme", {"outcome": "empty", "reason": "shared_site"}),
        ("m.facebook.com/acme", {"outcome": "empty", "reason": "shared_site"}),
        ("jane@gmail.com", {"outcome": "empty", "reason": "free_mail"}),
        ("co.uk", {"outcome": "empty", "reason": "public_suffix"}),
        ("files.intranet", {"outcome": "empty", "reason": "unknown_suffix"}),
        ("localhost", {"outcome": "skipped", "reason": "not_a_domain"}),
        ("https://192.0.2.1/x", {"outcome": "skipped", "reason": "not_a_domain"}),
        ("Acme Inc.", {"outcome": "skipped", "reason": "not_a_domain"}),
    ],
)
def test_the_registrable_domain_of_an_address(website: str, expected: dict[str, str]) -> None:
    assert expected.items() <= ask_one(COMPANY, website.lower(), None, None).items()


@pytest.mark.parametrize(
    ("row", "domain"),
    [
        (("https://acme.com", "other.org", "jane@third.net"), "acme.com"),
        (("https://linkedin.com/company/acme", "acme.com", None), "acme.com"),
        (("none yet", None, "jane@acme.de"), "acme.de"),
        ((None, None, "jane@gmail.com"), None),
        ((None, None, None), None),
    ],
)
def test_the_first_source_with_a_domain_counts(row: tuple[str | None, ...], domain: str | None) -> None:
    assert ask_one(COMPANY, *row).get("domain") == domain


def test_companies_below_one_company_are_told_apart_or_not_as_one_likes() -> None:
    registries = CompanyDomainSettings(private_suffixes=False)
    assert ask_one(COMPANY, "acme.myshopify.com", None, None)["domain"] == "acme.myshopify.com"
    assert (
        ask_one(COMPANY, "acme.myshopify.com", None, None, settings=registries)["domain"] == "myshopify.com"
    )


def test_an_input_that_gives_no_domain_but_has_a_suffix_wanted_is_empty() -> None:
    (answered,) = ask(COMPANY, [("acme.com", None, None)], wanted={"subdomain"})
    assert (answered["_outcome"], answered["domain"]) == ("empty", None)


@given(WEBSITES)
@settings(max_examples=500)
def test_what_is_plain_to_see_is_what_the_check_of_domains_says(text: str) -> None:
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return
    verdict = check_domain(text)
    host = text if verdict.is_ok and verdict.fixed is None else verdict.fixed
    assert host is not None
    assert host.removeprefix("www.") == plain[1].removeprefix("www.")


def test_the_list_is_the_installed_one_and_nothing_is_fetched_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLDEXTRACT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a name was looked up"))
    assert split_domain("shop.acme.co.uk") == Split("acme.co.uk", "shop", "co.uk")
    assert list(tmp_path.iterdir()) == []
