import pytest

from muster.enrichments.providers.email_domain import EmailDomain, EmailDomainSettings
from tests.enrichments.providers.asking import ask, ask_one

DOMAIN = EmailDomain()


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("jane@acme.com", {"domain": "acme.com", "mail_domain": "acme.com", "outcome": "found"}),
        ("jane@mail.acme.co.uk", {"domain": "acme.co.uk", "mail_domain": "mail.acme.co.uk"}),
        ("jane@acme.myshopify.com", {"domain": "acme.myshopify.com"}),
        ("jane@m\u00fcller.de", {"domain": "m\u00fcller.de"}),
        ("ada <ada@acme.org>", {"domain": "acme.org"}),
        ("jane@gmail.com", {"mail_domain": "gmail.com", "reason": "free_mail"}),
        ("jane@mailinator.com", {"mail_domain": "mailinator.com", "reason": "disposable_mail"}),
        ("jane@mail.intranet", {"mail_domain": "mail.intranet", "reason": "unknown_suffix"}),
        ("nobody", {"outcome": "skipped", "reason": "not_an_email"}),
    ],
)
def test_the_domain_of_an_address(email: str, expected: dict[str, str]) -> None:
    assert expected.items() <= ask_one(DOMAIN, email).items()


@pytest.mark.parametrize("email", ["jane@gmail.com", "jane@mailinator.com"])
def test_a_mailbox_open_to_everybody_gives_no_company(email: str) -> None:
    assert "domain" not in ask_one(DOMAIN, email)
    (answered,) = ask(DOMAIN, [(email,)], wanted={"domain"})
    assert answered["_outcome"] == "empty"


def test_the_whole_domain_is_given_when_that_is_asked_for() -> None:
    whole = EmailDomainSettings(registrable=False)
    assert ask_one(DOMAIN, "jane@mail.acme.co.uk", settings=whole)["domain"] == "mail.acme.co.uk"
    assert "domain" not in ask_one(DOMAIN, "jane@gmail.com", settings=whole)
