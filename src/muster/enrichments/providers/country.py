"""Countries and states as codes of ISO 3166, from whatever people write for them."""

from functools import lru_cache

import pyarrow as pa

from muster.enrichments.known.countries import read_country, read_subdivision
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Output,
    Provider,
    ProviderManifest,
    Terms,
    Where,
    answers,
)

_NEEDS = (
    Input(
        "country",
        "Country",
        "A code, a name in any of many languages, or an abbreviation.",
        ("country",),
        Form.FOLDED,
        required=False,
    ),
    Input(
        "state",
        "State or region",
        "A code or name, read within the country; alone only where it can mean nothing else.",
        ("state",),
        Form.FOLDED,
        required=False,
    ),
)
_GIVES = (
    Output("iso2", "Country code", "ISO 3166-1 code of two letters.", "country_code"),
    Output("iso3", "Country code, three letters", "ISO 3166-1 code of three letters.", "country_code3"),
    Output("name", "Country name", "The common name in English.", "country_name"),
    Output("state", "State code", "ISO 3166-2 code with its country: `US-CA`.", "state_code"),
    Output("state_name", "State name", "The name ISO 3166-2 gives it.", "state_name"),
)
_FROM_STATE = 0.8


class Country(Provider):
    """A slip is forgiven where only one country can be meant; what may be several stays empty."""

    manifest = ProviderManifest(
        "country",
        "1",
        "Country and state codes",
        "Reads names in many languages, codes and abbreviations, and gives the codes and one spelling.",
        Where.HERE,
        10_240,
        Terms(_NEEDS, _GIVES, needs_one=True),
    )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        sources = (batch.column(need.name).to_pylist() for need in _NEEDS)
        rows = [_read(country, state) for country, state in zip(*sources, strict=True)]
        values = {
            output.name: [row[at] for row in rows]
            for at, output in enumerate(_GIVES)
            if output.name in call.wanted
        }
        confidences = [row[5] for row in rows]
        return answers(_GIVES, len(rows), values, reasons=[row[6] for row in rows], confidences=confidences)


_Row = tuple[str | None, str | None, str | None, str | None, str | None, float | None, str | None]
_UNKNOWN: _Row = (None, None, None, None, None, None, "country_unknown")


@lru_cache(maxsize=65_536)
def _read(country: str | None, state: str | None) -> _Row:
    """The values of a pair, in the order of `_GIVES`, how sure they are, and what is wrong with it."""
    if country is not None:
        found = read_country(country)
        if found is None:
            return _UNKNOWN
        place, confidence = found.country, found.confidence
        subdivision = None if state is None else read_subdivision(state, place.iso2)
    else:
        subdivision = None if state is None else read_subdivision(state, None)
        of_state = None if subdivision is None else read_country(subdivision.iso2)
        if of_state is None:
            return _UNKNOWN
        place, confidence = of_state.country, _FROM_STATE
    why = "state_unknown" if state is not None and subdivision is None else None
    code, name = (None, None) if subdivision is None else (subdivision.code, subdivision.name)
    return place.iso2, place.iso3, place.name, code, name, None if confidence == 1 else confidence, why
