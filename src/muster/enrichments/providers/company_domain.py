"""A company's registrable domain from a web address, a domain or a business e-mail address."""

import re
from typing import Final

import pyarrow as pa
from pydantic import Field

from muster.enrichments.known.mailboxes import is_disposable, is_free
from muster.enrichments.known.suffixes import split_domain
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)

_NEEDS = (
    Input(
        "website",
        "Website",
        "A web address or a domain.",
        ("website",),
        Form.FOLDED,
        required=False,
    ),
    Input("domain", "Domain", "A domain.", ("company_domain", "domain"), Form.FOLDED, required=False),
    Input(
        "email",
        "E-mail address",
        "A business address; read when the others give nothing.",
        ("business_email", "email"),
        Form.FOLDED,
        required=False,
    ),
)
_GIVES = (
    Output(
        "domain",
        "Company domain",
        "The name somebody registered, such as `acme.co.uk`; international names in their own letters.",
        "company_domain",
    ),
    Output("subdomain", "Subdomain", "What stood before it, without a leading `www`.", "company_subdomain"),
    Output("suffix", "Public suffix", "The ending names are registered under.", "company_domain_suffix"),
)
_SHARED: Final = frozenset(
    (
        "about.me", "angel.co", "behance.net", "bit.ly", "crunchbase.com", "facebook.com", "fb.com", "fb.me", "github.com",
        "glassdoor.com", "goo.gl", "google.com", "instagram.com", "kununu.com", "linkedin.com", "linktr.ee", "lnkd.in", "medium.com",
        "pinterest.com", "snapchat.com", "t.co", "t.me", "telegram.me", "threads.net", "tiktok.com", "tinyurl.com", "trustpilot.com",
        "twitter.com", "vk.com", "wa.me", "whatsapp.com", "wikipedia.org", "x.com", "xing.com", "yelp.com", "youtu.be", "youtube.com",
    )
)  # fmt: skip
"""A page on one of these is a company's page, and not its domain; without a path it is the domain of whoever runs it."""
_WITH_PATH: Final = re.compile(r"[^/?#]*[/?#]+[^/?#]")
_PLAIN: Final = re.compile(
    r"(?:https?://)?(?:www\.)?((?=.{1,63}(?:/|$))(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,3})(?:/[^\s@:]*)?"
)
"""Addresses whose host is plain to see; the check of domains says the same of them, and takes three times as long."""


class CompanyDomainSettings(Settings):
    """Which names count as registered."""

    private_suffixes: bool = Field(
        default=True,
        title="Private suffixes",
        description=(
            "Keep companies apart that have their names from another company: `acme.myshopify.com`. "
            "Off: only what registries run counts, and it becomes `myshopify.com`."
        ),
    )


class CompanyDomain(Provider):
    """Reads what is there, by the Public Suffix List that is installed; asks nobody."""

    manifest = ProviderManifest(
        "company_domain",
        "1",
        "Company domain",
        "The registrable domain of a website, domain or business address; pages on social networks give none.",
        Where.HERE,
        20_480,
        Terms(_NEEDS, _GIVES, needs_one=True),
        CompanyDomainSettings,
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, CompanyDomainSettings)  # noqa: S101 - the runner made it from the manifest
        private = call.settings.private_suffixes
        sources = (batch.column(need.name).to_pylist() for need in _NEEDS)
        found = [_first(texts, private) for texts in zip(*sources, strict=True)]
        columns = {
            output.name: [each[at] for each in found]
            for at, output in enumerate(_GIVES)
            if output.name in call.wanted
        }
        outcomes = [_outcome(each, call.wanted) for each in found]
        return answers(_GIVES, len(found), columns, outcomes=outcomes, reasons=[each[-1] for each in found])


_Found = tuple[str | None, str | None, str | None, str | None]
"""(domain, subdomain, suffix, or else why there is none)."""
_NOTHING: Final[_Found] = (None, None, None, "not_a_domain")


def _first(texts: tuple[str | None, ...], private: bool) -> _Found:
    """What the first source with a domain gives; else why the first that is filled gives none."""
    none: _Found | None = None
    for text in texts:
        if text is not None:
            found = _read(text, private)
            if found[0] is not None:
                return found
            none = none or found
    return none or _NOTHING


def _outcome(found: _Found, wanted: frozenset[str]) -> Outcome:
    domain, subdomain, suffix, _ = found
    if found is _NOTHING:
        return Outcome.SKIPPED
    has_any = (
        (domain is not None and "domain" in wanted)
        or (suffix is not None and "suffix" in wanted)
        or (subdomain is not None and "subdomain" in wanted)
    )
    return Outcome.FOUND if has_any else Outcome.EMPTY


def _read(text: str, private: bool) -> _Found:
    plain = _PLAIN.fullmatch(text)
    host, is_email = (plain[1], False) if plain else _checked(text)
    if host is None:
        return _NOTHING
    if is_email and (is_free(host) or is_disposable(host)):
        return None, None, None, "free_mail"
    split = split_domain(host, private=private)
    if split.registrable is None:
        return None, None, None, "public_suffix" if split.suffix else "unknown_suffix"
    if split.registrable in _SHARED and _WITH_PATH.match(text.partition("//")[2] or text):
        return None, None, None, "shared_site"
    subdomain = split.subdomain.removeprefix("www.") if split.subdomain != "www" else ""
    return split.registrable, subdomain or None, split.suffix, None


def _checked(text: str) -> tuple[str | None, bool]:
    """(the domain in a text, whether it is that of an e-mail address)."""
    # Imported at first use: a listing of providers need not wait for what knows international names.
    from muster.records.checks.domains import check_domain  # noqa: PLC0415
    from muster.records.issues import RuleCode  # noqa: PLC0415

    verdict = check_domain(text)
    host = text if verdict.is_ok and verdict.fixed is None else verdict.fixed
    return host, verdict.code is RuleCode.DOMAIN_IS_EMAIL
