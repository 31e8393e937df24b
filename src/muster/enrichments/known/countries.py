"""Countries and their subdivisions by what people write for them: codes, names in many languages, abbreviations.

ISO 3166 says which there are. A name that means two countries in two languages means neither, unless it is the
English name of one. A slip is forgiven in long English names, when it can only be one of them.
"""

import gettext
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from muster.enrichments.known.slips import is_one_slip, without_one

_APART: Final = re.compile(r"[\W_]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")  # those of European scripts; others spell with theirs
_IN_BRACKETS: Final = re.compile(r"\s*[(\[](.*?)[)\]]")
_NOT_GIVEN: Final = ["n", "a"]
"""`n/a` is not available, and no way to write the code of Namibia."""
_CODE_LETTERS: Final = 3
_SLIP_LETTERS: Final = 6
"""Shorter names have neighbours that are words of their own."""

_ALIASES: Final[dict[str, str]] = {
    "AE": "uae, emirates", "BA": "bosnia, bih", "BN": "brunei", "BO": "bolivia", "BQ": "bonaire",
    "CD": "drc, dr congo, congo kinshasa, zaire", "CG": "congo brazzaville, republic of congo",
    "CI": "ivory coast, elfenbeinküste", "CV": "cape verde", "CZ": "czech republic, czechia", "DE": "brd", "FK": "falklands",
    "FM": "micronesia",
    "GB": (
        "uk, great britain, britain, england, scotland, wales, northern ireland, united kingdom, großbritannien, grande bretagne, "
        "gran bretaña, gran bretagna, groot brittannië, великобритания, イギリス, angleterre, inghilterra, inglaterra"
    ),
    "GR": "el, hellas", "HK": "hong kong", "IE": "eire, republic of ireland", "IR": "iran", "KP": "north korea, dprk",
    "KR": "south korea, republic of korea, 한국", "LA": "laos", "MD": "moldova", "MK": "macedonia, fyrom", "MM": "burma", "MO": "macau",
    "NL": "holland", "PS": "palestine", "RE": "reunion",
    "RU": "russia, россия, rusia, rusland, ryssland, rosja, rusko, oroszország, venäjä, ロシア, 러시아, روسيا",
    "SY": "syria", "SZ": "swaziland", "TL": "east timor", "TR": "turkey", "TW": "taiwan, roc", "TZ": "tanzania",
    "US": (
        "usa, america, united states, united states of america, ee uu, eeuu, eua, abd, アメリカ, förenta staterna"
    ),
    "VA": "vatican, vatican city, holy see", "VE": "venezuela", "VN": "vietnam",
}  # fmt: skip
_NO_LETTERS: Final = {ord("ł"): "l", ord("ø"): "o", ord("đ"): "d", 0x131: "i"}
"""Letters with a stroke, which are left out as often as accents, and which Unicode does not take apart."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country of ISO 3166-1. name: as it is commonly called in English."""

    iso2: str
    iso3: str
    name: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text was read as. confidence: 0 to 1, less than 1 for a slip that was forgiven."""

    country: Country
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A subdivision of ISO 3166-2. code: with the country, `US-CA`."""

    code: str
    name: str

    @property
    def iso2(self) -> str:
        return self.code.partition("-")[0]


def read_country(text: str) -> Reading | None:
    """The country a text means; None when it means none, or may mean several."""
    key = _key(text)
    # What is written with accents is no code: `Mỹ` is not `MY`.
    is_plain = text.isascii() or len(key) > _CODE_LETTERS
    iso2 = (_english().get(key) if is_plain else None) or _foreign().get(key)
    if iso2 is not None:
        return Reading(_countries()[iso2])
    if len(key) < _SLIP_LETTERS or key in _unsure():
        return None
    near = {
        iso2
        for short in without_one(key)
        for name, iso2 in _by_slip().get(short, ())
        if is_one_slip(key, name)
    }
    return Reading(_countries()[near.pop()], 0.8) if len(near) == 1 else None


def read_subdivision(text: str, iso2: str | None) -> Subdivision | None:
    """The subdivision a text means in a country; without one, by its whole code or a name no other has.

    None when there is none, or several, as for a name that is a country's as well.
    """
    code = text.strip().upper()
    if code in _subdivisions():
        found = _subdivisions()[code]
        return found if iso2 in (None, found.iso2) else None
    key = _key(text)
    if iso2 is not None:
        named = _subdivisions().get(f"{iso2}-{code}") or _named().get((iso2, key))
        return named or _named_elsewhere().get((iso2, key))
    if key in _english() or key in _foreign() or key in _unsure():
        return None
    return _named_once().get(key)


def _key(text: str) -> str:
    """What names are compared by: no accents, no case, single spaces between words, `U.S.A.` as `usa`."""
    if len(text) > 200:
        return ""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = _ACCENTS.sub("", apart).translate(_NO_LETTERS)
    words = _APART.sub(" ", plain.replace("&", " and ")).split()
    if len(words) > 1 and words != _NOT_GIVEN and all(len(word) == 1 and word.isascii() for word in words):
        return "".join(words)
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@cache
def _countries() -> Mapping[str, Country]:
    return {
        each.alpha_2: Country(each.alpha_2, each.alpha_3, getattr(each, "common_name", each.name))
        for each in _pycountry().countries
    }


@cache
def _english() -> Mapping[str, str]:
    """Codes, English names and abbreviations to ISO2."""
    found: dict[str, str] = {}
    for iso2, words in _ALIASES.items():
        found.update({_key(word): iso2 for word in words.split(",")})
    for each in _pycountry().countries:
        for name in _names(each):
            found[_key(name)] = each.alpha_2
            if ", " in name:  # "Korea, Republic of"
                head, _, tail = name.partition(", ")
                found[_key(f"{tail} {head}")] = each.alpha_2
    # Codes last: nothing else may mean what a code means.
    for each in _pycountry().countries:
        found.update(dict.fromkeys((_key(each.alpha_2), _key(each.alpha_3), each.numeric), each.alpha_2))
    return found


@cache
def _translated() -> Mapping[str, Counter[str]]:
    """Names in every language there is a translation for: in how many they are said of which country."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for translate in _languages("iso3166-1"):
        for each in _pycountry().countries:
            found_here = {_key(translate(name)) for name in _names(each)}
            for key in found_here - {""}:
                found[key][each.alpha_2] += 1
    return found


@cache
def _foreign() -> Mapping[str, str]:
    """Names that mean one country, or one in at least twice as many languages: translations have mistakes too."""
    ranked = {key: meant.most_common(2) for key, meant in _translated().items()}
    return {
        key: first
        for key, [(first, most), *others] in ranked.items()
        if not others or most >= 2 * others[0][1]
    }


@cache
def _unsure() -> frozenset[str]:
    """Names that mean several countries."""
    return frozenset(_translated().keys() - _foreign().keys())


@cache
def _by_slip() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Long English names, by what they are without one of their letters."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, iso2 in _english().items():
        if len(name) >= _SLIP_LETTERS:
            for short in without_one(name):
                found[short].append((name, iso2))
    return {short: tuple(names) for short, names in found.items()}


@cache
def _subdivisions() -> Mapping[str, Subdivision]:
    return {each.code: Subdivision(each.code, each.name) for each in _pycountry().subdivisions}


@cache
def _named() -> Mapping[tuple[str, str], Subdivision]:
    """By country and name."""
    return _by_name(_spellings)


@cache
def _named_elsewhere() -> Mapping[tuple[str, str], Subdivision]:
    """By country and name in other languages, which takes a second to learn."""
    languages = tuple(_languages("iso3166-2"))
    return _by_name(lambda name: {translate(name) for translate in languages})


def _by_name(spellings: Callable[[str], Iterable[str]]) -> Mapping[tuple[str, str], Subdivision]:
    """Of two with one name in a country, the one that lies in no other; else neither."""
    found: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for each in _pycountry().subdivisions:
        for name in spellings(each.name):
            found[(each.country_code, _key(name))][each.code] = each
    chosen = {key: _outermost(list(same.values())) for key, same in found.items()}
    return {key: _subdivisions()[each.code] for key, each in chosen.items() if each is not None}


def _outermost(same: Sequence[Any]) -> Any:
    tops = [each for each in same if each.parent_code is None]
    return same[0] if len(same) == 1 else tops[0] if len(tops) == 1 else None


@cache
def _named_once() -> Mapping[str, Subdivision]:
    found: defaultdict[str, list[Subdivision]] = defaultdict(list)
    for (_, key), subdivision in _named().items():
        found[key].append(subdivision)
    return {key: each[0] for key, each in found.items() if len(each) == 1}


def _names(country: Any) -> Iterator[str]:
    for kind in ("official_name", "common_name", "name"):
        if hasattr(country, kind):
            yield getattr(country, kind)


def _languages(domain: str) -> Iterator[Callable[[str], str]]:
    """The translation of names in each language that has one."""
    place = _pycountry().LOCALES_DIR
    for language in sorted(os.listdir(place)):
        if os.path.exists(os.path.join(place, language, "LC_MESSAGES", f"{domain}.mo")):
            yield gettext.translation(domain, place, languages=[language]).gettext


def _spellings(name: str) -> Iterator[str]:
    """A name; what it is without a second one in brackets, and that one; both of two around a stroke."""
    yield name
    yield _IN_BRACKETS.sub("", name)
    yield from _IN_BRACKETS.findall(name)
    yield from name.split("/")


@cache
def _pycountry() -> Any:
    # Imported at first use: it looks for its files when it is imported, and few need it.
    import pycountry  # noqa: PLC0415

    return pycountry
