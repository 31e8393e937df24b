"""Hashed identifiers: SHA-256 of an e-mail address and of a telephone number in one plain, documented spelling.

The spelling: an address in lower case without blanks at its ends, as it is otherwise (no dots and no `+tag` are
removed); a number in E.164 with its `+`. Platforms that want another spelling need other hashes. What is 64
hexadecimal digits already is a hash and stays as it is.
"""

import hashlib
import re
from typing import Annotated, Final

import pyarrow as pa
from pydantic import AfterValidator, Field

from muster.enrichments.known.addresses import checked
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.enrichments.providers.phone import COUNTRY, known_region, regions_of

_NEEDS = (
    Input(
        "email",
        "E-mail address",
        "An address, or its hash.",
        ("email", "personal_email", "business_email"),
        Form.FOLDED,
        required=False,
    ),
    Input(
        "phone",
        "Telephone number",
        "A number, or its hash.",
        ("mobile_phone", "phone"),
        Form.FOLDED,
        required=False,
    ),
    COUNTRY,
)
_GIVES = (
    Output("email_sha256", "Hashed address", "SHA-256 in 64 hexadecimal digits.", "email_sha256"),
    Output("phone_sha256", "Hashed number", "SHA-256 in 64 hexadecimal digits.", "phone_sha256"),
)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


class HashedIdsSettings(Settings):
    """Where numbers belong."""

    region: Annotated[str | None, AfterValidator(known_region)] = Field(
        default=None,
        title="Country of numbers without a country code",
        description="ISO 3166 code, such as `US`; for rows that do not name their country.",
    )


class HashedIds(Provider):
    """What is no address and no number that can exist is never hashed: nobody would find it again."""

    manifest = ProviderManifest(
        "hashed_ids",
        "1",
        "Hashed identifiers",
        "SHA-256 of the address in lower case and of the number in E.164; hashes pass through unchanged.",
        Where.PROCESSES,
        10_240,
        Terms(_NEEDS, _GIVES, needs_one=True),
        HashedIdsSettings,
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, HashedIdsSettings)  # noqa: S101 - the runner made it from the manifest
        rows = batch.num_rows
        values: dict[str, list[str | None]] = {}
        if "email_sha256" in call.wanted:
            emails = batch.column("email")
            normal = checked(emails).normal.to_pylist()
            values["email_sha256"] = [_hashed(*pair) for pair in zip(emails.to_pylist(), normal, strict=True)]
        if "phone_sha256" in call.wanted:
            phones = batch.column("phone").to_pylist()
            regions = regions_of(batch.column("country"), call.settings.region)
            values["phone_sha256"] = [
                _hashed(phone, _e164(phone, region)) for phone, region in zip(phones, regions, strict=True)
            ]
        has_any = [any(row) for row in zip(*values.values(), strict=True)] or [False] * rows
        reasons = [None if found else "not_identifiable" for found in has_any]
        return answers(_GIVES, rows, values, reasons=reasons)


def _hashed(text: str | None, normal: str | None) -> str | None:
    if text is not None and _HASH.fullmatch(text):
        return text
    return None if normal is None else hashlib.sha256(normal.lower().encode()).hexdigest()


def _e164(phone: str | None, region: str | None) -> str | None:
    # Imported at first use: a listing of providers need not wait for the numbering plans.
    from muster.records.checks.e164 import to_e164  # noqa: PLC0415

    return None if phone is None or _HASH.fullmatch(phone) else to_e164(phone, region)
