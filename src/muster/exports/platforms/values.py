"""Steps of normalising that several platforms share; pure."""

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

import pycountry

from muster.exports.platforms.fields import Failure
from muster.records.checks.dates import date_reader
from muster.records.checks.e164 import to_e164

_BLANK: Final = re.compile(r"\s")
_FIRST_YEAR: Final = 1900
_DAY: Final = date_reader()
_DAY_MONTH_FIRST: Final = date_reader(day_first=False)
_GENDERS: Final = {
    "m": "m", "male": "m", "man": "m", "mr": "m", "f": "f", "female": "f", "woman": "f", "mrs": "f", "ms": "f", "w": "f",
    "männlich": "m", "weiblich": "f", "herr": "m", "frau": "f", "homme": "m", "femme": "f", "hombre": "m", "mujer": "f",
    "masculino": "m", "femenino": "f", "maschio": "m", "femmina": "f", "man.": "m",
}  # fmt: skip
_MOBILE_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def email(value: str) -> str | Failure:
    """Lower case; `user@domain` with nothing blank inside."""
    address = value.lower()
    user, at, domain = address.partition("@")
    if not (user and at and domain) or "@" in domain or _BLANK.search(address) or not address.isprintable():
        return Failure.EMAIL
    return address


def phone(value: str, country: str | None) -> str | Failure:
    """E.164: `+` and digits. Without `+` the number is read as one of `country`, if that is known."""
    return to_e164(value, country) or Failure.PHONE


@lru_cache(maxsize=4096)
def country_code(value: str) -> str | None:
    """The ISO 3166-1 code of a country by its code or its English name, in capitals."""
    text = value.strip()
    if not text:
        return None
    try:
        found = pycountry.countries.lookup(text)
    except LookupError:
        # People write `Russia`, `Vietnam` and `UK`, which the standard calls otherwise.
        return _COMMON_NAMES.get(text.casefold().replace(".", ""))
    return str(found.alpha_2)


_COMMON_NAMES: Final = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "united states of america": "US", "america": "US", "russia": "RU", "south korea": "KR", "korea": "KR",
    "north korea": "KP", "turkey": "TR", "ivory coast": "CI", "swaziland": "SZ", "macedonia": "MK", "palestine": "PS",
    "holland": "NL", "the netherlands": "NL", "deutschland": "DE", "österreich": "AT", "schweiz": "CH",
    "suisse": "CH", "españa": "ES", "italia": "IT", "brasil": "BR",
}  # fmt: skip


def country(value: str) -> str | Failure:
    """Two capitals."""
    return country_code(value) or Failure.COUNTRY


def composed(value: str) -> str:
    """Lower case in composed form (NFC): letters with accents are the same bytes however they were typed."""
    return unicodedata.normalize("NFC", value).lower()


def without_punctuation(value: str, *, keep_blanks: bool) -> str:
    """Letters, their marks and digits alone; blanks as single spaces, or not at all."""
    kept = "".join(
        character
        if unicodedata.category(character)[0] in "LMN"
        else " "
        if keep_blanks and character.isspace()
        else ""
        for character in value
    )
    return " ".join(kept.split())


def gender(value: str) -> str | Failure:
    """`m` or `f`."""
    return _GENDERS.get(value.casefold(), Failure.GENDER)


def birth_date(value: str, country: str | None) -> date | Failure:
    """A day from 1900 until today. Where day and month could be either, it is not guessed but for the US."""
    found = (_DAY_MONTH_FIRST if country == "US" else _DAY)(value)
    if isinstance(found, date) and found.year >= _FIRST_YEAR:
        return found
    return Failure.DATE


def mobile_id(value: str) -> str | Failure:
    """The advertising id of a device, in lower case with its hyphens."""
    text = value.lower()
    return text if _MOBILE_ID.fullmatch(text) else Failure.VALUE
