"""Whether an e-mail address can be written to, how it is usually spelt, and what kind of mailbox it is."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.known.addresses import Checked, checked, parts, truth
from muster.enrichments.known.mailboxes import are_roles, is_disposable, is_free
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Kind,
    Output,
    Provider,
    ProviderManifest,
    Terms,
    Where,
    answers,
)

EMAIL = Input(
    "email",
    "E-mail address",
    "An address, also as `Name <address>`.",
    ("business_email", "email", "personal_email"),
    Form.FOLDED,
)
"""Folded: no provider of mailboxes tells capital letters apart."""

_GIVES = (
    Output(
        "normalised", "Normalised address", "The address in its usual spelling, alone.", "email_normalised"
    ),
    Output(
        "valid",
        "Valid",
        "Whether the address, as it stands, follows the rules of e-mail (RFC 5322 and its successors).",
        "email_valid",
        Kind.BOOLEAN,
    ),
    Output(
        "problem",
        "Problem",
        "The code of what is wrong with an address that is not valid; the codes are those of rules.",
        "email_problem",
    ),
    Output(
        "is_free",
        "Free mailbox",
        "Whether it is with a provider where everybody may have a mailbox.",
        "email_is_free",
        Kind.BOOLEAN,
    ),
    Output(
        "is_role",
        "Role address",
        "Whether it names a function (`info`, `sales`) rather than a person.",
        "email_is_role",
        Kind.BOOLEAN,
    ),
    Output(
        "is_disposable",
        "Disposable mailbox",
        "Whether it is with a provider of mailboxes to throw away.",
        "email_is_disposable",
        Kind.BOOLEAN,
    ),
    Output(
        "suggestion",
        "Suggested address",
        "The address that was probably meant, where one slip is obvious (`gmial.com`); otherwise nothing.",
        "email_suggestion",
    ),
)


class EmailHygiene(Provider):
    """Looks at the address only; whether the mailbox exists, nobody can know without writing to it."""

    manifest = ProviderManifest(
        "email_hygiene",
        "1",
        "E-mail hygiene",
        "Checks addresses, spells them alike, tells free, role and disposable ones, and finds obvious typing slips.",
        Where.HERE,
        20_480,
        Terms((EMAIL,), _GIVES),
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        emails = batch.column("email")
        found = checked(emails)
        local, domain = parts(found.normal)
        domains = domain.dictionary_encode()
        free, disposable, meant = _of_domains(domains.dictionary.to_pylist())
        values = {
            "normalised": found.normal,
            "valid": truth(found.is_valid),
            "problem": found.problem,
            "is_free": truth(free.take(domains.indices)),
            "is_role": truth(are_roles(local)),
            "is_disposable": truth(disposable.take(domains.indices)),
            "suggestion": _suggested(emails, found, local, meant.take(domains.indices)),
        }
        wanted = {name: value for name, value in values.items() if name in call.wanted}
        return answers(_GIVES, batch.num_rows, wanted, reasons=found.problem)


def _of_domains(domains: Sequence[str]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """(is it free, is it disposable, what was meant) of different domains."""
    from muster.enrichments.known.misspelt import meant_domain  # noqa: PLC0415 - as in `checked`

    return (
        pa.array([is_free(domain) for domain in domains], pa.bool_()),
        pa.array([is_disposable(domain) for domain in domains], pa.bool_()),
        pa.array([meant_domain(domain) for domain in domains], pa.large_string()),
    )


def _suggested(emails: pa.Array, found: Checked, local: pa.Array, meant: pa.Array) -> pa.Array:
    """What was meant: the address with its domain spelt right, or what can be read out of a text that is none."""
    from muster.records.suggest import suggestion  # noqa: PLC0415 - as in `checked`

    spelt = pc.binary_join_element_wise(local, meant, pa.scalar("@", pa.large_string()))
    is_none = found.normal.is_null()
    if not pc.any(is_none).as_py():
        return spelt
    read = [suggestion(email, "email") for email in emails.filter(is_none).to_pylist()]
    return pc.replace_with_mask(spelt, is_none, pa.array(read, pa.large_string()))
