"""Telephone numbers in their international form, with country and kind of line."""

from typing import Annotated, Final

import pyarrow as pa
from pydantic import AfterValidator, Field

from muster.enrichments.known.countries import read_country
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Kind,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)

PHONE = Input("phone", "Telephone number", "A number as people write it.", ("phone", "mobile_phone"))
COUNTRY = Input(
    "country",
    "Country",
    "Where a number without a country code belongs: a code or a name in any language.",
    ("country",),
    Form.FOLDED,
    required=False,
)
_GIVES = (
    Output("e164", "E.164", "The number as `+493012345678`, without its extension.", "phone_e164"),
    Output(
        "country",
        "Country",
        "ISO 3166 code of where it belongs; nothing for numbers of no country.",
        "phone_country",
    ),
    Output(
        "type",
        "Kind of line",
        "`mobile`, `fixed_line`, `fixed_line_or_mobile` where a plan does not tell them apart, `toll_free`, `voip` and others.",
        "phone_type",
    ),
    Output(
        "valid",
        "Valid",
        "Whether the numbering plan of its country has such a number.",
        "phone_valid",
        Kind.BOOLEAN,
    ),
    Output("extension", "Extension", "The extension written behind it.", "phone_extension"),
    Output(
        "problem",
        "Problem",
        "The code of what is wrong with a number that is not valid; the codes are those of rules.",
        "phone_problem",
    ),
)
_LESS_SURE: Final = 0.9


def known_region(region: str | None) -> str | None:
    """A region of the numbering plans, for settings; raises ValueError for others."""
    if region is None or region == "":
        return None
    from muster.records.checks.phones import REGIONS  # noqa: PLC0415 - only where a region is set

    if region.upper() not in REGIONS:
        raise ValueError("Give a code of ISO 3166 with two letters, such as `US`.")
    return region.upper()


class PhoneSettings(Settings):
    """Where numbers belong."""

    region: Annotated[str | None, AfterValidator(known_region)] = Field(
        default=None,
        title="Country of numbers without a country code",
        description="ISO 3166 code, such as `US`; for rows that do not name their country.",
    )


class Phone(Provider):
    """By the numbering plans of the world; whether anybody answers, only a call tells."""

    manifest = ProviderManifest(
        "phone",
        "1",
        "Telephone numbers",
        "Brings numbers into the international form E.164 and tells country, kind of line and whether they can exist.",
        Where.PROCESSES,
        10_240,
        Terms((PHONE, COUNTRY), _GIVES),
        PhoneSettings,
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        assert isinstance(call.settings, PhoneSettings)  # noqa: S101 - the runner made it from the manifest
        regions = regions_of(batch.column("country"), call.settings.region)
        pairs = zip(batch.column("phone").to_pylist(), regions, strict=True)
        rows = [_read(phone, region) for phone, region in pairs]
        values = {
            output.name: [row[at] for row in rows]
            for at, output in enumerate(_GIVES)
            if output.name in call.wanted
        }
        problems = [row[5] for row in rows]
        return answers(_GIVES, len(rows), values, reasons=problems, confidences=[row[6] for row in rows])


def regions_of(countries: pa.Array, otherwise: str | None) -> list[str | None]:
    """The region of each row, by the country it names; `otherwise` where it names none that is known."""
    names = countries.dictionary_encode()
    regions = [_region(name) or otherwise for name in names.dictionary.to_pylist()]
    return [otherwise if at is None else regions[at] for at in names.indices.to_pylist()]


def _region(country: str) -> str | None:
    """Numbering plans know some places ISO 3166 does not (`XK`, `AC`)."""
    from muster.records.checks.phones import REGIONS  # noqa: PLC0415 - as in `_read`

    if country.upper() in REGIONS:
        return country.upper()
    found = read_country(country)
    return None if found is None else found.country.iso2


_Row = tuple[str | None, str | None, str | None, str, str | None, str | None, float | None]


def _read(phone: str, region: str | None) -> _Row:
    """The values of one number, in the order of `_GIVES`, and how sure they are."""
    # Imported at first use: a listing of providers need not wait for the numbering plans.
    from muster.records.checks.phones import read_phone  # noqa: PLC0415
    from muster.records.issues import RuleCode  # noqa: PLC0415

    found = read_phone(phone, region)
    confidence = None
    if isinstance(found, RuleCode) and region is None and phone.startswith("00"):
        # From most countries, though not from all, 00 is how one calls abroad.
        abroad = read_phone(f"+{phone[2:]}", None)
        found, confidence = (found, None) if isinstance(abroad, RuleCode) else (abroad, _LESS_SURE)
    if isinstance(found, RuleCode):
        return None, None, None, "false", None, str(found), None
    return found.e164, found.region, found.kind, "true", found.extension, None, confidence
