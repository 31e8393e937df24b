import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.enrichments.known.addresses import checked
from muster.enrichments.known.mailboxes import FREE_MAIL, are_roles, is_disposable, is_free
from muster.enrichments.known.misspelt import meant_domain
from muster.enrichments.known.suffixes import split_domain
from muster.enrichments.providers.email_hygiene import EmailHygiene
from muster.records.checks.emails import check_email
from tests.enrichments.providers.asking import ask, ask_one

HYGIENE = EmailHygiene()


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jane@acme.com", {"normalised": "jane@acme.com", "valid": "true", "is_free": "false", "is_role": "false"}),
        ("jane.doe@gmail.com", {"is_free": "true", "is_role": "false", "is_disposable": "false"}),
        ("info@acme.com", {"is_role": "true", "is_free": "false"}),
        ("no-reply@acme.com", {"is_role": "true"}),
        ("sales+spring@acme.com", {"is_role": "true"}),
        ("support2@acme.com", {"is_role": "true"}),
        ("jane@mailinator.com", {"is_disposable": "true", "valid": "true"}),
        ("jane@box.mailinator.com", {"is_disposable": "true"}),
        ("ada lovelace <ada@acme.org>", {"normalised": "ada@acme.org", "valid": "false", "problem": "email_display_name"}),
        ("j\u00f6rg@m\u00fcller.de", {"normalised": "j\u00f6rg@m\u00fcller.de", "valid": "true"}),
        ("jane@xn--mller-kva.de", {"normalised": "jane@m\u00fcller.de", "valid": "true"}),
        ("jane.acme.com", {"valid": "false", "problem": "email_at_missing"}),
        ("jane@", {"valid": "false", "problem": "email_domain_missing"}),
        ("jane@acme", {"valid": "false", "problem": "email_domain_invalid"}),
        ("jane@192.0.2.1", {"valid": "false", "problem": "email_domain_address"}),
        ("jane@acme.com, john@acme.com", {"valid": "false", "problem": "email_several"}),
        ("jane@acme.test", {"valid": "false", "problem": "email_domain_reserved"}),
        ("mailto:jane@acme.com", {"valid": "false", "suggestion": "jane@acme.com"}),
        ("jane@gmail,com", {"valid": "false", "suggestion": "jane@gmail.com"}),
        ("jane @ acme.com", {"valid": "false", "suggestion": "jane@acme.com"}),
        ("jane@gmial.com", {"valid": "true", "suggestion": "jane@gmail.com"}),
        ("jane@gmail.con", {"suggestion": "jane@gmail.com"}),
        ("jane@hotmial.co.uk", {"suggestion": "jane@hotmail.co.uk"}),
    ],
)  # fmt: skip
def test_an_address_is_judged(email: str, expected: dict[str, str]) -> None:
    assert expected.items() <= ask_one(HYGIENE, email).items()


def test_an_answer_that_is_no_is_found_too_and_only_a_spelling_that_is_not_there_is_empty() -> None:
    assert ask_one(HYGIENE, "nope")["outcome"] == "found"
    (answered,) = ask(HYGIENE, [("nope",)], wanted={"normalised"})
    assert (answered["_outcome"], answered["_reason"], answered["valid"]) == (
        "empty",
        "email_at_missing",
        None,
    )


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.com.com", "gmail.com"),
        ("googlemial.com", "googlemail.com"),
        ("hotmal.com", "hotmail.com"),
        ("hotmaik.com", "hotmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yahoo.con", "yahoo.com"),
        ("yshoo.com", "yahoo.com"),
        ("outlok.com", "outlook.com"),
        ("outllook.com", "outlook.com"),
        ("iclud.com", "icloud.com"),
        ("t-onlin.de", "t-online.de"),
        ("wandoo.fr", "wanadoo.fr"),
        ("protonmial.com", "protonmail.com"),
        ("acme.con", "acme.com"),
    ],
)
def test_one_slip_is_seen(domain: str, meant: str) -> None:
    assert meant_domain(domain) == meant


@pytest.mark.parametrize(
    "domain",
    [
        *("mail.com", "email.com", "ymail.com", "gmx.com", "gmx.de", "aol.com", "aon.com", "msn.com", "msc.com", "me.com", "ge.com", "hp.com"),
        *("live.com", "love.com", "life.com", "five.com", "cloud.com", "gail.com", "tmail.com", "hmail.com", "fmail.com", "zmail.com"),
        *("rovers.com", "roger.com", "never.com", "chatter.net", "oranges.fr", "google.com", "googol.com", "outlooks.com"),
        *("acme.com", "example.org", "example.co", "shop.co", "acme.cm", "acme.om", "acme.ne", "acme.de", "bbc.co.uk", "bahn.de"),
        *("hotel.com", "hotels.com", "hot.com", "mai.com", "ail.com", "web.de", "weg.de", "wdr.de", "free.fr", "fre.fr", "libre.it"),
        *("gmaps.com", "gmailnator.com", "icloudmail.com", "hotmailbox.com", "yahoogroups.com", "protonvpn.com", "verizonwireless.com"),
    ],
)  # fmt: skip
def test_a_real_domain_is_never_corrected(domain: str) -> None:
    assert meant_domain(domain) is None


def test_no_provider_is_taken_for_another_misspelt() -> None:
    assert [domain for domain in FREE_MAIL if meant_domain(domain) is not None] == []


def test_every_free_provider_can_give_mailboxes_and_none_is_disposable() -> None:
    assert [domain for domain in FREE_MAIL if is_disposable(domain)] == []
    assert [domain for domain in FREE_MAIL if split_domain(domain, private=False).registrable is None] == []


def test_what_lies_under_a_free_provider_is_not_one() -> None:
    assert is_free("gmail.com")
    assert not is_free("acme.gmail.com")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        *((name, True) for name in ("info", "kontakt", "no-reply", "customer.service", "ventas", "compta", "biuro", "rh", "press+x")),
        *((name, False) for name in ("jane", "h.r", "i.t", "jane.sales", "salesman", "infos.jane", "r.info", "dev", "ola", "", "42")),
    ],
)  # fmt: skip
def test_a_function_is_told_from_a_person(local: str, expected: bool) -> None:
    assert are_roles(pa.array([local], pa.large_string())).to_pylist() == [expected]


@given(st.lists(st.emails() | st.text('ab.@+-_ \u00e9<>"', max_size=12), min_size=1, max_size=20))
def test_a_column_is_checked_as_its_values_are_one_by_one(emails: list[str]) -> None:
    found = checked(pa.array(emails, pa.large_string()))
    for email, normal, valid, problem in zip(
        emails, found.normal.to_pylist(), found.is_valid.to_pylist(), found.problem.to_pylist(), strict=True
    ):
        verdict = check_email(email)
        usual = email if verdict.is_ok and verdict.fixed is None else verdict.fixed
        assert (normal, valid, problem) == (usual, verdict.is_ok, None if verdict.is_ok else verdict.code)
