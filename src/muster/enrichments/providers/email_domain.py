"""The domain behind an e-mail address, and the company's domain where the mailbox is not open to everybody."""

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from muster.enrichments.known.addresses import checked, parts
from muster.enrichments.known.mailboxes import is_disposable, is_free
from muster.enrichments.known.suffixes import split_domain
from muster.enrichments.provider import (
    Call,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.enrichments.providers.email_hygiene import EMAIL

_GIVES = (
    Output(
        "domain",
        "Company domain",
        "The registrable domain of the address, unless it is with a free or disposable mailbox provider.",
        "company_domain",
    ),
    Output("mail_domain", "Mail domain", "What stands behind the @, whoever's it is.", "email_domain"),
)


class EmailDomainSettings(Settings):
    """What a company's domain is."""

    registrable: bool = Field(
        default=True,
        title="Registrable domain",
        description="Give `acme.co.uk` for `jane@mail.acme.co.uk`; otherwise the whole domain.",
    )


class EmailDomain(Provider):
    """Reads the address; asks nobody."""

    manifest = ProviderManifest(
        "email_domain",
        "1",
        "Domain of the e-mail address",
        "The company's domain from a business address; addresses at free mailbox providers give none.",
        Where.HERE,
        20_480,
        Terms((EMAIL,), _GIVES),
        EmailDomainSettings,
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, EmailDomainSettings)  # noqa: S101 - the runner made it from the manifest
        registrable = call.settings.registrable
        normal = checked(batch.column("email")).normal
        domains = parts(normal)[1].dictionary_encode()
        companies = [_company(domain, registrable) for domain in domains.dictionary.to_pylist()]
        by_domain = {
            "domain": pa.array([company for company, _ in companies], pa.large_string()),
            "mail_domain": domains.dictionary,
            "why_not": pa.array([why for _, why in companies], pa.large_string()),
        }
        values = {name: value.take(domains.indices) for name, value in by_domain.items()}
        why_not = values.pop("why_not")
        wanted = {name: value for name, value in values.items() if name in call.wanted}
        has_any = values["mail_domain" if "mail_domain" in wanted else "domain"].is_valid()
        found = pc.if_else(has_any, Outcome.FOUND.value, Outcome.EMPTY.value)
        outcomes = pc.if_else(normal.is_valid(), found, Outcome.SKIPPED.value)
        reasons = pc.if_else(normal.is_valid(), why_not, "not_an_email")
        return answers(_GIVES, batch.num_rows, wanted, outcomes=outcomes, reasons=reasons)


@lru_cache(maxsize=65_536)
def _company(domain: str, registrable: bool) -> tuple[str | None, str | None]:
    """(the company's domain, or else why there is none)."""
    if is_free(domain):
        return None, "free_mail"
    if is_disposable(domain):
        return None, "disposable_mail"
    if not registrable:
        return domain, None
    company = split_domain(domain).registrable
    return company, None if company is not None else "unknown_suffix"
